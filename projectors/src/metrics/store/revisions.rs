//! The table `transaction`.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::TransactionId;
use domain::meaning::Decided;
use sqlx::PgConnection;
use streams::projection::ProjectionError;
use uuid::Uuid;

use crate::decode::poison;
use crate::metrics::folded::{CURRENT, Closing, Revision};
use crate::rows::{Column, Rows};

/// The days on which the given transactions stand.
pub(in crate::metrics) async fn days_in_tx(
    tx: &mut PgConnection,
    ids: &[TransactionId],
) -> Result<HashMap<TransactionId, NaiveDate>, ProjectionError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<_> = ids.iter().map(|id| id.as_uuid()).collect();
    let rows: Vec<(Uuid, NaiveDate)> =
        sqlx::query_as("select id, day from transaction where id = any($1) and valid_to = $2")
            .bind(ids)
            .bind(CURRENT)
            .fetch_all(tx)
            .await?;
    Ok(rows.into_iter().map(|(id, day)| (TransactionId::from_uuid(id), day)).collect())
}

pub(in crate::metrics) fn revision_rows<'a>(revisions: &[Revision<'a>]) -> Rows<'a> {
    fn all<'r, 'a, T>(revisions: &'r [Revision<'a>], value: impl Fn(&'r Revision<'a>) -> T) -> Vec<T> {
        revisions.iter().map(value).collect()
    }
    let columns = vec![
        ("business", Column::Uuid(all(revisions, |r| r.business.as_uuid()))),
        ("account", Column::Uuid(all(revisions, |r| r.account.as_uuid()))),
        ("id", Column::Uuid(all(revisions, |r| r.transaction.id.as_uuid()))),
        ("day", Column::Date(all(revisions, |r| r.day))),
        ("booked", Column::Owned(all(revisions, |r| r.transaction.booked.to_string()))),
        ("value_date", Column::OptionalDate(all(revisions, |r| r.transaction.value_date))),
        ("pending", Column::Bool(all(revisions, |r| r.transaction.pending))),
        ("amount", Column::Numeric(all(revisions, |r| r.transaction.amount))),
        ("currency", Column::Text(all(revisions, |r| r.transaction.currency.code()))),
        ("kind", Column::Text(all(revisions, |r| r.transaction.kind.as_str()))),
        ("category", Column::Text(all(revisions, |r| r.transaction.category.as_str()))),
        ("provider_category", Column::OptionalText(all(revisions, |r| r.transaction.provider_category.as_deref()))),
        ("decided", Column::OptionalOwned(all(revisions, |r| r.transaction.decided.as_ref().map(decided_text)))),
        ("line", Column::OptionalInt(all(revisions, |r| r.transaction.line.and_then(|line| line.try_into().ok())))),
        ("place", Column::OptionalInt(all(revisions, |r| Some(r.place)))),
        ("cause", Column::Text(all(revisions, |r| r.cause.as_str()))),
        ("valid_from", Column::BigInt(all(revisions, |r| r.valid_from))),
        ("valid_to", Column::BigInt(all(revisions, |r| r.valid_to))),
    ];
    Rows::new("transaction", columns)
}

/// As JSON, as the event has it.
fn decided_text(decided: &Decided) -> String {
    serde_json::json!(decided).to_string()
}

/// Ends the revisions that stand.
///
/// # Errors
/// Poison where there is none: the log takes back what it never brought. Rows that retention dropped are excepted.
pub(in crate::metrics) async fn close_in_tx(
    tx: &mut PgConnection,
    closings: &[Closing],
) -> Result<(), ProjectionError> {
    if closings.is_empty() {
        return Ok(());
    }
    let columns = vec![
        ("id", Column::Uuid(closings.iter().map(|closing| closing.id.as_uuid()).collect())),
        ("day", Column::Date(closings.iter().map(|closing| closing.day).collect())),
        ("position", Column::BigInt(closings.iter().map(|closing| closing.position).collect())),
    ];
    let statement = "update transaction t set valid_to = k.position from {rows}
        where t.id = k.id and t.day = k.day and t.valid_to = 9223372036854775807 returning t.id";
    let closed: Vec<(Uuid,)> = Rows::new("transaction", columns).fetch_in_tx(&mut *tx, statement).await?;
    if closed.len() == closings.len() {
        return Ok(());
    }
    let rows_may_be_gone: bool = sqlx::query_scalar("select exists (select from raw_retention)").fetch_one(tx).await?;
    let missing = closings.iter().find(|closing| !closed.contains(&(closing.id.as_uuid(),)));
    match missing {
        Some(closing) if !rows_may_be_gone => {
            let reason = format!("it takes back transaction {}, which does not stand", closing.id);
            Err(poison(closing.position, reason))
        }
        _ => Ok(()),
    }
}
