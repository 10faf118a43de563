//! Which business is looked at, and as known when.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use domain::{BusinessId, Code, Currency, Problem};
use serde::Serialize;
use streams::projection::{WaitError, wait_for};

use super::Reader;
use crate::failure::Failure;
use crate::figures::{BASE, InvalidPeriod, Period, Terms};
use crate::views::{self, AsOf, BusinessRow, Place, Standstill};

/// A business as known at a position.
#[derive(Debug, Clone)]
pub struct View {
    pub business: BusinessRow,
    /// Generation of the tables, and how often its rows changed other than by the next events.
    pub generation: (i32, i64),
    pub known: Known,
    /// This business's newest event up to `known.position`: the version of its figures, whatever happened to other
    /// businesses since.
    pub changed: i64,
    /// Today in the business's time zone.
    pub today: NaiveDate,
    /// The business's day at which this view was the present one; `today` for the present.
    pub day: NaiveDate,
    /// Where the figures get no further, whichever state of knowledge is asked for.
    pub stands_still: Option<Standstill>,
}

/// What a figure was computed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Known {
    /// Position in the log; 0 before the first event.
    pub position: i64,
    /// When that position was known.
    pub at: Option<DateTime<Utc>>,
    /// Where an event could not be taken in: what was known from then on is in no figure, until it can.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stands_still_since: Option<DateTime<Utc>>,
}

/// How long a read waits for what its caller wrote.
const WAIT: Duration = Duration::from_secs(2);

impl Reader {
    /// Waits for `min_position` first, where one is given.
    ///
    /// # Errors
    /// Not found where there is no such business, unavailable where the tables do not reach `min_position` in time.
    pub async fn view(
        &self,
        business: BusinessId,
        as_of: Option<AsOf>,
        min_position: Option<i64>,
    ) -> Result<View, Failure> {
        if let Some(position) = min_position {
            self.wait_for(position).await?;
        }
        let place = views::place(&self.pool, business, as_of).await?;
        let mut place = place.ok_or_else(|| Failure::not_found("There is no such business."))?;
        if let (Some(still), Some(position)) = (&place.stands_still, min_position)
            && position > still.position
        {
            return Err(stands_still(still, position));
        }
        self.texts.name_businesses(std::slice::from_mut(&mut place.business)).await?;
        Ok(self.view_of(place, as_of))
    }

    /// The same wait for answers that are no view's: nothing where no position is given.
    pub(crate) async fn shown(&self, business: BusinessId, min_position: Option<i64>) -> Result<(), Failure> {
        match min_position {
            Some(_) => self.view(business, None, min_position).await.map(drop),
            None => Ok(()),
        }
    }

    fn view_of(&self, place: Place, as_of: Option<AsOf>) -> View {
        let zone = place.business.time_zone;
        let today = zone.day_of(self.now());
        let day = match as_of {
            None => today,
            Some(AsOf::Date(date)) => date,
            Some(AsOf::Moment(moment)) => zone.day_of(moment),
            Some(AsOf::Position(position)) if position >= place.head || place.newest => today,
            Some(AsOf::Position(_)) => place.known_at.map_or(today, |at| zone.day_of(at)),
        };
        View {
            business: place.business,
            generation: (place.generation, place.epoch),
            known: Known {
                position: place.position,
                at: place.known_at,
                stands_still_since: place.stands_still.as_ref().map(|still| still.since),
            },
            changed: place.changed,
            today,
            day: day.min(today).max(BEGINNING),
            stands_still: place.stands_still,
        }
    }

    /// Until every table that queries read shows the position.
    pub(crate) async fn wait_for(&self, position: i64) -> Result<(), Failure> {
        for projection in ["metrics", "entities"] {
            self.wait_for_one(projection, position).await?;
        }
        Ok(())
    }

    /// Until the audit history shows it, which the figures do not need: nothing where no position is given.
    pub(crate) async fn shown_in_audit(&self, min_position: Option<i64>) -> Result<(), Failure> {
        match min_position {
            Some(position) => self.wait_for_one("audit", position).await,
            None => Ok(()),
        }
    }

    async fn wait_for_one(&self, projection: &str, position: i64) -> Result<(), Failure> {
        let reached = match &self.checkpoints {
            Some(checkpoints) => checkpoints.wait_for(projection, position, WAIT).await,
            None => wait_for(&self.pool, projection, position, WAIT).await,
        };
        reached.map(drop).map_err(|error| not_reached(error, position))
    }
}

fn not_reached(error: WaitError, position: i64) -> Failure {
    if let WaitError::Database(error) = error {
        return error.into();
    }
    let text = format!("The figures do not show position {position} yet. What was written is kept; try again.");
    Problem::new(Code::Unavailable, text).into()
}

fn stands_still(still: &Standstill, position: i64) -> Failure {
    let Standstill { position: last, since, .. } = still;
    let text = format!(
        "The figures of this business stand still since {} and hold what came up to position {last}, not {position}. \
         Nothing is lost; whoever runs Workdock can let them go on.",
        since.to_rfc3339_opts(SecondsFormat::Secs, true)
    );
    Problem::new(Code::Unavailable, text).into()
}

impl View {
    /// The period as its figures are of: cut at the view's day where it was running then. Whatever shows, compares or
    /// opens a figure takes it from here, so that all of them are of the same days.
    pub fn cut(&self, period: Period) -> Period {
        period.running_until(self.day)
    }

    /// Money of the asked currency alone, else of the business's own; [`BASE`]: all money in the business's own.
    pub fn terms(&self, asked: Option<&str>) -> Result<Terms, Failure> {
        match asked {
            Some(BASE) => Ok(Terms::all_in(self.business.base_currency)),
            asked => self.currency(asked).map(Terms::from),
        }
    }

    /// The asked currency, else the business's own.
    pub fn currency(&self, asked: Option<&str>) -> Result<Currency, Failure> {
        match asked {
            None => Ok(self.business.base_currency),
            Some(code) => code.parse().map_err(|error: domain::UnknownCurrency| Failure::invalid(error.to_string())),
        }
    }
}

impl From<InvalidPeriod> for Failure {
    fn from(error: InvalidPeriod) -> Self {
        Self::invalid(error.to_string())
    }
}

/// Every day that a transaction may be booked on.
pub(crate) fn whole_calendar() -> Period {
    Period::ordered(BEGINNING, NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or(NaiveDate::MAX))
}

/// Before every transaction.
pub(crate) const BEGINNING: NaiveDate = match NaiveDate::from_ymd_opt(1, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// A period from its two days.
pub(crate) fn period(from: NaiveDate, to: NaiveDate) -> Result<Period, Failure> {
    Ok(Period::try_new(from, to)?)
}
