use std::sync::Arc;

use domain::business::Rules;
use domain::{BusinessId, Code, Problem};
use streams::rules::RulesUnreadable;

use super::Reader;
use crate::failure::Failure;

impl Reader {
    /// What the business says its transactions mean, in the order in which it is asked.
    pub async fn rules(&self, business: BusinessId) -> Result<Arc<Rules>, Failure> {
        match self.rules.of(business).await {
            Ok((rules, _)) => Ok(rules),
            Err(RulesUnreadable::Database(error)) => Err(error.into()),
            Err(RulesUnreadable::Open(error)) => {
                tracing::error!(%error, "rules cannot be opened");
                let text = "Rules cannot be opened just now: their keys are out of reach. Nothing is lost; try again.";
                Err(Problem::new(Code::Unavailable, text).into())
            }
        }
    }

    /// Whether the rules as they are now were applied to everything.
    pub async fn is_settled(&self, business: BusinessId) -> Result<bool, Failure> {
        let (_, set_at) = match self.rules.of(business).await {
            Ok(found) => found,
            Err(RulesUnreadable::Database(error)) => return Err(error.into()),
            Err(RulesUnreadable::Open(_)) => return Ok(false),
        };
        Ok(crate::views::is_settled(&self.pool, business, set_at).await?)
    }
}
