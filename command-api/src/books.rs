//! What a month is closed with.

use async_trait::async_trait;
use chrono::NaiveDate;
use domain::business::{BusinessCommand, MonthCommand, Seal};
use domain::{BusinessId, Month, Problem};
use streams::{Commands, Meta};

/// Whoever knows the figures. The read side does, and may not be asked from here: the binary brings both together.
#[async_trait]
pub trait Books: Send + Sync {
    /// A month's figures with everything that is recorded by now, and the business's own day.
    ///
    /// # Errors
    /// A conflict where the month's figures changed since the position `seen`.
    async fn seal(&self, business: BusinessId, month: Month, seen: Option<i64>) -> Result<(Seal, NaiveDate), Problem>;
}

/// The command that closes it. Figures that cannot be sealed are a refusal like those of the business itself.
pub(crate) async fn closing(
    commands: &Commands,
    books: &dyn Books,
    month: Month,
    seen: Option<i64>,
    meta: &Meta,
) -> Result<BusinessCommand, Problem> {
    let sealed = books.seal(meta.business, month, seen).await;
    if let Err(problem) = &sealed {
        commands.declined(("business", meta.business.as_uuid()), "Close", problem.code, meta).await;
    }
    let (seal, today) = sealed?;
    Ok(BusinessCommand::Month(MonthCommand::Close { month, seal, today }))
}
