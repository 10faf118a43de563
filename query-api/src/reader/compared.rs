//! Each bucket of a series beside the one before it, or that of a year before.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::Currency;

use super::Reader;
use super::series::{MOST_POINTS, SeriesQuery, by_bucket, collect, currencies, slices_of, too_long};
use super::summary::ComparedFigure;
use super::view::View;
use crate::failure::Failure;
use crate::figures::{Comparison, KindSums, Metric, Operands, Period, Slice, compared_bucket};

/// One bucket; where the series is split one key of it, or of the one that it is compared with.
#[derive(Debug, Clone)]
pub struct ComparedPoint {
    /// Cut at the view's day where it was running then, and compared with equal days.
    pub period: Period,
    pub compared: Period,
    /// Category, account id or kind.
    pub key: Option<String>,
    pub currency: Currency,
    now: KindSums,
    before: KindSums,
}

impl ComparedPoint {
    /// `None` of what is a figure of a day rather than of a bucket.
    pub fn figure(&self, metric: Metric) -> Option<ComparedFigure> {
        let operands = |period: KindSums| Operands { period, ..Operands::default() };
        let compared = || ComparedFigure::of(metric, self.currency, &operands(self.now), &operands(self.before));
        (!metric.is_closing()).then(compared)
    }
}

/// The sums of a bucket by key and currency.
type Side = BTreeMap<(String, Currency), KindSums>;

fn sums(side: Option<&Side>, key: &(String, Currency)) -> KindSums {
    side.and_then(|side| side.get(key)).copied().unwrap_or_default()
}

impl Reader {
    /// In two statements; in order of time, then key, then currency.
    ///
    /// # Errors
    /// As [`Reader::series`].
    pub async fn compared_series(
        &self,
        view: &View,
        query: &SeriesQuery,
        comparison: Comparison,
    ) -> Result<Vec<ComparedPoint>, Failure> {
        let fiscal = view.business.fiscal_year_first_month;
        let part = |period: Period| Slice { period, whole: query.bucket.around(period.from(), fiscal) == period };
        let earlier = |slice: &Slice| part(view.cut(compared_bucket(slice.period, query.bucket, comparison, fiscal)));
        let slices: Vec<_> = slices_of(view, query)?.iter().map(|slice| part(view.cut(slice.period))).collect();
        let mut before: Vec<_> = slices.iter().map(earlier).collect();
        // The 28th and the 29th of February are both compared with the 28th of the year before.
        before.dedup();
        let now = self.sides(view, query, &slices).await?;
        let before = self.sides(view, query, &before).await?;
        let found = now.values().chain(before.values()).flat_map(Side::keys);
        let currencies = currencies(found.map(|(_, currency)| *currency), query, view);
        let mut points = Vec::new();
        for slice in &slices {
            let compared = earlier(slice).period;
            let (now, before) = (now.get(&slice.period.from()), before.get(&compared.from()));
            let keys: BTreeSet<_> = match query.by {
                None => currencies.iter().map(|currency| (String::new(), *currency)).collect(),
                Some(_) => [now, before].into_iter().flatten().flat_map(Side::keys).cloned().collect(),
            };
            points.extend(keys.into_iter().map(|key| ComparedPoint {
                period: slice.period,
                compared,
                now: sums(now, &key),
                before: sums(before, &key),
                key: query.by.is_some().then_some(key.0),
                currency: key.1,
            }));
            if points.len() > MOST_POINTS {
                return Err(too_long());
            }
        }
        Ok(points)
    }

    /// By the first day of each slice.
    async fn sides(
        &self,
        view: &View,
        query: &SeriesQuery,
        slices: &[Slice],
    ) -> Result<BTreeMap<NaiveDate, Side>, Failure> {
        let rows = self.rows_in(view, by_bucket(query, slices), query.currency).await?;
        let mut sides = BTreeMap::<NaiveDate, Side>::new();
        for ((index, key, currency), sums) in collect(&rows, query, slices) {
            sides.entry(slices[index].period.from()).or_default().insert((key, currency), sums);
        }
        Ok(sides)
    }
}
