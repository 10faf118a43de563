//! The services wired together.

mod background;
mod platform;

pub use background::{Background, Work};
pub use platform::{Platform, projections};
