//! The services wired together.

pub mod audit;
mod background;
mod catching_up;
mod platform;
mod system;

pub use background::{Background, Work};
pub use platform::{Platform, projections};
pub use system::System;
