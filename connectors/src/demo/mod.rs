//! A demo business: two years of a plausible coffee roastery, which then keeps living.
//!
//! [`history`] is a pure function of the seed and a day. It reports what four accounts would have told, in the order
//! in which it became known: most lines at once, some days late, some pending and then corrected, some withdrawn, some
//! moved to another category by the accountant. All amounts are whole pence; no float is involved.
//!
//! [`seed`] sends it through the same commands as real data, [`live`] goes on from there. Both know from the accounts'
//! cursors how far they are, and every identifier follows from the seed: a second run, a crash and a restart add
//! nothing twice.

mod bar;
mod bills;
mod books;
mod calendar;
mod card;
mod company;
mod connected;
mod cursor;
mod deliver;
mod dice;
mod feed;
mod green;
mod history;
mod identity;
mod journal;
mod live;
#[cfg(test)]
mod live_tests;
mod names;
mod online;
#[cfg(test)]
mod recurring_tests;
mod seeding;
mod staff;
#[cfg(test)]
mod store_tests;
mod taxes;
#[cfg(test)]
mod tests;
mod tick;
mod trade;
mod treasury;

pub(crate) use calendar::{first_day, midnight};
pub(crate) use company::Company;
pub use connected::connect;
pub use cursor::{Cursor, InvalidCursor};
pub use feed::{Feed, Page};
pub use history::history;
pub use identity::{Ledger, Seed, Settings, settings};
pub(crate) use journal::{Report, What, morning};
pub use live::{Rate, live};
pub(crate) use online::walk_in;
pub use seeding::{Progress, Seeded, seed};
pub(crate) use treasury::{
    FEE as PROCESSOR_FEE, FEE_PER_CHARGE as PROCESSOR_FEE_PER_CHARGE, HELD_DAYS as PROCESSOR_HELD_DAYS,
};
