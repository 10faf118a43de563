//! What looks like payments that come again, and is none: said by somebody who knows.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{BusinessError, BusinessEvent};
use crate::SeriesId;

/// More nobody looks through.
pub const MOST_RULED_OUT: usize = 1_000;

#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuledOut(BTreeSet<SeriesId>);

impl RuledOut {
    pub(super) fn decide(&self, series: SeriesId, out: bool) -> Result<Option<BusinessEvent>, BusinessError> {
        if self.0.contains(&series) == out {
            return Ok(None);
        }
        if out && self.0.len() >= MOST_RULED_OUT {
            return Err(BusinessError::TooManyRuledOut);
        }
        Ok(Some(BusinessEvent::RecurringRuledOut { series, out }))
    }

    pub(super) fn apply(&mut self, series: SeriesId, out: bool) {
        if out {
            self.0.insert(series);
        } else {
            self.0.remove(&series);
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn it_is_said_once_and_taken_back() {
        let (mut ruled_out, series) = (RuledOut::default(), SeriesId::from_uuid(Uuid::from_u128(7)));
        assert_eq!(ruled_out.decide(series, false), Ok(None));
        assert_eq!(ruled_out.decide(series, true), Ok(Some(BusinessEvent::RecurringRuledOut { series, out: true })));
        ruled_out.apply(series, true);
        assert_eq!(ruled_out.decide(series, true), Ok(None));
        ruled_out.apply(series, false);
        assert_eq!(ruled_out, RuledOut::default());
        for n in 0..1_000 {
            ruled_out.apply(SeriesId::from_uuid(Uuid::from_u128(n)), true);
        }
        let more = SeriesId::from_uuid(Uuid::from_u128(5_000));
        assert_eq!(ruled_out.decide(more, true), Err(BusinessError::TooManyRuledOut));
    }
}
