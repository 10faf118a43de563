//! The table `exchange_rate`.

use crate::metrics::folded::Rate;
use crate::rows::{Column, Rows};

pub(in crate::metrics) fn rate_rows(rates: &[Rate]) -> Rows<'static> {
    let columns = vec![
        ("business", Column::Uuid(rates.iter().map(|rate| rate.business.as_uuid()).collect())),
        ("base", Column::Text(rates.iter().map(|rate| rate.quoted.base.code()).collect())),
        ("quote", Column::Text(rates.iter().map(|rate| rate.quoted.quote.code()).collect())),
        ("day", Column::Date(rates.iter().map(|rate| rate.quoted.day).collect())),
        ("position", Column::BigInt(rates.iter().map(|rate| rate.position).collect())),
        ("rate", Column::Numeric(rates.iter().map(|rate| rate.quoted.rate).collect())),
        ("source", Column::Text(rates.iter().map(|rate| rate.source.as_str()).collect())),
    ];
    Rows::new("exchange_rate", columns)
}
