//! The tables `metric_delta` and `metric_daily`.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::{AccountId, BusinessId, Currency, Kind, Sums};
use sqlx::PgConnection;
use streams::projection::ProjectionError;

use super::sum_columns;
use crate::metrics::fold::does_not_fit;
use crate::metrics::folded::Delta;
use crate::metrics::sums::{add, canonical};
use crate::rows::{Column, Rows};

pub(in crate::metrics) fn delta_rows<'a>(deltas: &[Delta<'a>]) -> Rows<'a> {
    let sums: Vec<_> = deltas.iter().map(|delta| canonical(delta.sums)).collect();
    let mut columns = key_columns(deltas.iter().map(DailyKey::of));
    columns.push(("position", Column::BigInt(deltas.iter().map(|delta| delta.position).collect())));
    columns.push(("cause", Column::Text(deltas.iter().map(|delta| delta.key.cause.as_str()).collect())));
    columns.extend(sum_columns(&sums));
    Rows::new("metric_delta", columns)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct DailyKey<'a> {
    business: BusinessId,
    day: NaiveDate,
    account: AccountId,
    category: &'a str,
    kind: Kind,
    currency: Currency,
}

impl<'a> DailyKey<'a> {
    fn of(delta: &Delta<'a>) -> Self {
        let key = delta.key;
        Self {
            business: delta.business,
            day: key.day,
            account: delta.account,
            category: key.category,
            kind: key.kind,
            currency: key.currency,
        }
    }
}

fn key_columns<'a>(keys: impl Iterator<Item = DailyKey<'a>>) -> Vec<(&'static str, Column<'a>)> {
    let keys: Vec<_> = keys.collect();
    vec![
        ("business", Column::Uuid(keys.iter().map(|key| key.business.as_uuid()).collect())),
        ("day", Column::Date(keys.iter().map(|key| key.day).collect())),
        ("account", Column::Uuid(keys.iter().map(|key| key.account.as_uuid()).collect())),
        ("category", Column::Text(keys.iter().map(|key| key.category).collect())),
        ("kind", Column::Text(keys.iter().map(|key| key.kind.as_str()).collect())),
        ("currency", Column::Text(keys.iter().map(|key| key.currency.code()).collect())),
    ]
}

/// Adds the deltas to the daily sums; a day on which nothing stands any more has no row. Where parts stand, money may
/// stand without a count.
pub(in crate::metrics) async fn add_to_daily_in_tx(
    tx: &mut PgConnection,
    deltas: &[Delta<'_>],
) -> Result<(), ProjectionError> {
    if deltas.is_empty() {
        return Ok(());
    }
    let mut daily: HashMap<DailyKey<'_>, Sums> = HashMap::new();
    for delta in deltas {
        let sums = daily.entry(DailyKey::of(delta)).or_default();
        *sums = add(*sums, delta.sums).ok_or_else(|| does_not_fit(delta.position))?;
    }
    let (keys, sums): (Vec<_>, Vec<_>) = daily.into_iter().map(|(key, sums)| (key, canonical(sums))).unzip();
    let mut columns = key_columns(keys.into_iter());
    columns.extend(sum_columns(&sums));
    let names = "business, day, account, category, kind, currency, amount_in, amount_out, count";
    let statement = format!(
        "insert into metric_daily as d ({names}) select {names} from {{rows}}
         on conflict (business, day, account, category, kind, currency) do update set
             amount_in = trim_scale(d.amount_in + excluded.amount_in),
             amount_out = trim_scale(d.amount_out + excluded.amount_out),
             count = d.count + excluded.count"
    );
    Rows::new("metric_daily", columns).run_in_tx(&mut *tx, &statement).await?;

    let taken = deltas.iter().filter(|delta| delta.key.taken).map(DailyKey::of);
    let taken = Rows::new("metric_daily", key_columns(taken));
    if taken.len() > 0 {
        let statement = "delete from metric_daily d using {rows} where (d.amount_in, d.amount_out, d.count) = (0, 0, 0)
            and d.business = k.business
            and d.day = k.day and d.account = k.account and d.category = k.category and d.kind = k.kind
            and d.currency = k.currency";
        taken.run_in_tx(tx, statement).await?;
    }
    Ok(())
}
