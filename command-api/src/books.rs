//! What a month is closed with.

use async_trait::async_trait;
use chrono::NaiveDate;
use domain::business::{BusinessCommand, MonthCommand, Seal};
use domain::{BusinessId, Month, Problem};

/// Whoever knows the figures. The read side does, and may not be asked from here: the binary brings both together.
#[async_trait]
pub trait Books: Send + Sync {
    /// A month's figures with everything that is recorded by now, and the business's own day.
    ///
    /// # Errors
    /// A conflict where the month's figures changed since the position `seen`.
    async fn seal(&self, business: BusinessId, month: Month, seen: Option<i64>) -> Result<(Seal, NaiveDate), Problem>;
}

pub(crate) async fn closing(
    books: &dyn Books,
    business: BusinessId,
    month: Month,
    seen: Option<i64>,
) -> Result<BusinessCommand, Problem> {
    let (seal, today) = books.seal(business, month, seen).await?;
    Ok(BusinessCommand::Month(MonthCommand::Close { month, seal, today }))
}
