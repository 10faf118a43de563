//! Dates as a file prints them.

use std::fmt::Write;

use chrono::format::{Item, Numeric, Parsed, StrftimeItems};
use chrono::{DateTime, Datelike, FixedOffset, MappedLocalTime, NaiveDate, NaiveDateTime, Offset, TimeZone as _, Utc};
use domain::{Booked, TimeZone};

use super::mapping::MappingError;

/// Years that a business's books can plausibly have: `%Y` would read the 15 of `6/12/15` as the year 15.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2200;

/// A strftime format, read once.
#[derive(Debug, Clone)]
pub struct DateFormat {
    items: Vec<Item<'static>>,
    pivot: Option<i32>,
    shape: Shape,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Day,
    Local,
    Moment,
}

/// What stands there, before a zone is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Printed {
    Day(NaiveDate),
    /// By the file's clock.
    Local(NaiveDateTime),
    /// With its own offset.
    Moment(DateTime<Utc>),
}

impl DateFormat {
    pub fn new(format: &str, pivot: Option<i32>) -> Result<Self, MappingError> {
        let wrong = |problem: &str| Err(MappingError::new("date.format", format!("\"{format}\" {problem}")));
        let items: Vec<_> = StrftimeItems::new(format).map(Item::to_owned).collect();
        if items.contains(&Item::Error) {
            return wrong("is not a strftime format; write one such as %d.%m.%Y or %Y-%m-%d %H:%M:%S");
        }
        let short_year = items.iter().any(|item| matches!(item, Item::Numeric(Numeric::YearMod100, _)));
        match pivot {
            None if short_year => {
                let problem = "two-digit years need a pivot: pivot = 1970 reads 69 as 2069 and 70 as 1970";
                return Err(MappingError::new("date.pivot", problem));
            }
            Some(pivot) if !(1850..=2100).contains(&pivot) => {
                return Err(MappingError::new("date.pivot", "use a year from 1850 to 2100"));
            }
            _ => {}
        }
        let mut built = Self { items, pivot, shape: Shape::Day };
        match built.probe(format) {
            Some(shape) => built.shape = shape,
            None => return wrong("does not name a whole date; it needs year, month and day"),
        }
        Ok(built)
    }

    /// Prints a moment and reads it back, to see what the format carries.
    fn probe(&self, format: &str) -> Option<Shape> {
        let zone = FixedOffset::east_opt(3600)?;
        let moment = zone.with_ymd_and_hms(2011, 12, 19, 18, 26, 31).single()?;
        // `%#z` can only be read.
        let mut printed = String::new();
        write!(printed, "{}", moment.format(&format.replace("%#z", "%z"))).ok()?;
        let parsed = self.fields(&printed)?;
        if parsed.offset().is_some() || parsed.timestamp().is_some() {
            return parsed.to_datetime().ok().map(|_| Shape::Moment);
        }
        let day = parsed.to_naive_date().ok()?;
        if day != moment.date_naive() {
            return None;
        }
        Some(if parsed.to_naive_time().is_ok() { Shape::Local } else { Shape::Day })
    }

    fn fields(&self, text: &str) -> Option<Parsed> {
        let mut parsed = Parsed::new();
        chrono::format::parse(&mut parsed, text, self.items.iter()).ok()?;
        if let (Some(pivot), Some(short)) = (self.pivot, parsed.year_mod_100())
            && parsed.year().is_none()
        {
            let year = pivot + (short - pivot).rem_euclid(100);
            parsed.set_year(i64::from(year)).ok()?;
        }
        Some(parsed)
    }

    /// `None` where the text is not such a date, or no day of the calendar.
    pub fn read(&self, text: &str) -> Option<Printed> {
        let parsed = self.fields(text)?;
        let printed = match self.shape {
            Shape::Day => Printed::Day(parsed.to_naive_date().ok()?),
            Shape::Local => Printed::Local(parsed.to_naive_datetime_with_offset(0).ok()?),
            Shape::Moment => Printed::Moment(parsed.to_datetime().ok()?.to_utc()),
        };
        YEARS.contains(&printed.year()).then_some(printed)
    }
}

impl Printed {
    fn year(self) -> i32 {
        self.day().year()
    }

    /// The day as printed.
    pub fn day(self) -> NaiveDate {
        match self {
            Self::Day(day) => day,
            Self::Local(local) => local.date(),
            Self::Moment(moment) => moment.date_naive(),
        }
    }
}

/// Turns the file's clock into moments.
#[derive(Debug, Clone)]
pub struct Clock {
    zone: TimeZone,
    /// The last day seen and its offset in seconds, where it has only one: rows of a day mostly follow each other.
    last: Option<(NaiveDate, i32)>,
}

impl Clock {
    pub fn new(zone: TimeZone) -> Self {
        Self { zone, last: None }
    }

    /// `None` for a time that the clocks skipped. Of a time that they showed twice, the first.
    pub fn booked(&mut self, printed: Printed) -> Option<Booked> {
        match printed {
            Printed::Day(day) => Some(Booked::Day(day)),
            Printed::Moment(moment) => Some(Booked::Instant(moment)),
            Printed::Local(local) => self.moment(local).map(Booked::Instant),
        }
    }

    fn moment(&mut self, local: NaiveDateTime) -> Option<DateTime<Utc>> {
        if self.last.is_none_or(|(day, _)| day != local.date()) {
            self.last = self.only_offset(local.date()).map(|offset| (local.date(), offset));
        }
        if let Some((_, offset)) = self.last {
            return local.checked_sub_signed(chrono::TimeDelta::seconds(i64::from(offset))).map(|utc| utc.and_utc());
        }
        match self.zone.tz().from_local_datetime(&local) {
            MappedLocalTime::Single(moment) | MappedLocalTime::Ambiguous(moment, _) => Some(moment.to_utc()),
            MappedLocalTime::None => None,
        }
    }

    /// The offset of a day on which the clocks do not change.
    fn only_offset(&self, day: NaiveDate) -> Option<i32> {
        let at = |day: NaiveDate| {
            let midnight = day.and_hms_opt(0, 0, 0)?;
            self.zone.tz().from_local_datetime(&midnight).single().map(|moment| moment.offset().fix().local_minus_utc())
        };
        let offset = at(day)?;
        (at(day.succ_opt()?)? == offset).then_some(offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(format: &str, pivot: Option<i32>, text: &str) -> Option<String> {
        let printed = DateFormat::new(format, pivot).unwrap().read(text)?;
        Clock::new("Europe/London".parse().unwrap()).booked(printed).map(|booked| booked.to_string())
    }

    #[test]
    fn two_digit_years_follow_the_pivot() {
        assert_eq!(read("%y%m%d", Some(1950), "960728").as_deref(), Some("1996-07-28"));
        assert_eq!(read("%y%m%d", Some(1950), "490728").as_deref(), Some("2049-07-28"));
        assert_eq!(read("%m/%d/%y", Some(2000), "6/12/99").as_deref(), Some("2099-06-12"));
    }

    #[test]
    fn days_that_do_not_exist_are_none() {
        for text in ["2011-02-30", "2011-13-01", "0015-06-12", "2011-12-09x", "", "9999-01-01"] {
            assert_eq!(read("%Y-%m-%d", None, text), None, "{text}");
        }
        assert_eq!(read("%m/%d/%Y", None, "6/12/15"), None);
    }

    #[test]
    fn times_hang_on_the_clock_of_their_zone() {
        let local = |text| read("%Y-%m-%d %H:%M:%S", None, text);
        assert_eq!(local("2010-12-01 08:26:00").as_deref(), Some("2010-12-01T08:26:00Z"));
        assert_eq!(local("2011-07-01 08:26:00").as_deref(), Some("2011-07-01T07:26:00Z"));
        assert_eq!(local("2011-03-27 01:30:00"), None, "the clocks went from 1 to 2");
        assert_eq!(local("2011-03-27 03:30:00").as_deref(), Some("2011-03-27T02:30:00Z"));
        assert_eq!(local("2011-10-30 01:30:00").as_deref(), Some("2011-10-30T00:30:00Z"), "the first of two");
        let offset = read("%Y-%m-%dT%H:%M:%S%:z", None, "2011-07-01T08:26:00+02:00");
        assert_eq!(offset.as_deref(), Some("2011-07-01T06:26:00Z"));
        assert_eq!(read("%d-%b-%y", Some(1970), "17-Jul-24").as_deref(), Some("2024-07-17"));
    }

    #[test]
    fn formats_that_name_no_date_say_so() {
        for (format, key) in [("%Q", "date.format"), ("%d.%m.", "date.format"), ("%d.%m.%y", "date.pivot")] {
            assert_eq!(DateFormat::new(format, None).unwrap_err().key, key, "{format}");
        }
    }
}
