//! The services wired together.

pub mod audit;
mod background;
mod books;
mod catching_up;
mod identity;
mod platform;
pub mod recording;
mod second_count;
mod sources;
mod system;

pub use background::{Background, Work};
pub use books::MonthBooks;
pub use identity::open as open_identity;
pub use platform::{Platform, projections};
pub use system::System;
