//! A business: its name, the currency and the time zone it counts in, where its fiscal year begins, who works in it, and what
//! its transactions mean.

mod aggregate;
mod command;
mod error;
mod event;
mod invitations;
mod members;
mod months;
#[cfg(test)]
mod months_tests;
mod records;
#[cfg(test)]
mod records_tests;
mod recurring;
mod report_code;
mod retention;
#[cfg(test)]
mod retention_tests;
mod rules;
mod team;
#[cfg(test)]
mod team_tests;
#[cfg(test)]
mod tests;
mod token;

pub use aggregate::Business;
pub use command::{BusinessCommand, RecordsCommand, RulesCommand, TeamCommand};
pub use error::{BusinessError, RecordsError, RulesError, TeamError};
pub use event::BusinessEvent;
pub use invitations::{Fate, Invitation, Invitations, LASTS, MOST_OPEN};
pub use members::Members;
pub use months::{MonthCommand, MonthError, Months, Seal, SealedFigure};
pub use records::{Erasure, GRACE, Hold, Records};
pub use recurring::{MOST_RULED_OUT, RuledOut};
pub use report_code::{InvalidReportCode, ReportCode, Salt};
pub use retention::{Archived, InvalidRetention, Retention};
pub use rules::Rules;
pub use team::Team;
pub use token::TokenHash;
