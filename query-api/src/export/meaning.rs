//! What the business says and what was found of its transactions: rules, matches, payments that come again.

use streams::export::Archive;
use streams::matches::{Kept, State};

use super::{ExportError, Source};
use crate::figures::exact_amount;
use crate::reader::{Page, Recurring};

const RULES: &[&str] = &[
    "number",
    "id",
    "text",
    "account",
    "sign",
    "min_amount",
    "max_amount",
    "currency",
    "reported",
    "kind",
    "category",
];
const MATCHES: &[&str] = &["id", "relation", "state", "percent", "day", "amount", "currency", "evidence"];
const LEGS: &[&str] = &["match", "account", "transaction", "kind", "category"];
const RECURRING: &[&str] = &[
    "id",
    "account",
    "payee",
    "kind",
    "category",
    "period",
    "typical",
    "smallest",
    "largest",
    "currency",
    "count",
    "last",
    "next",
    "percent",
    "ruled_out",
    "transactions",
];

pub(super) async fn write(source: &Source<'_>, archive: &mut Archive) -> Result<(), ExportError> {
    rules(source, archive).await?;
    matches(source, archive).await?;
    let recurring = source.reader.all_recurring(source.view).await?;
    Ok(archive.list("recurring", RECURRING, recurring.iter().map(series)).await?)
}

async fn rules(source: &Source<'_>, archive: &mut Archive) -> Result<(), ExportError> {
    let rules = source.reader.rules(source.view.business.id).await?;
    let rows = rules.list().iter().zip(1..).map(|(rule, number): (_, i32)| {
        let (when, then) = (&rule.when, &rule.then);
        (
            number,
            rule.id,
            &when.text,
            when.account,
            when.sign,
            when.min_amount,
            when.max_amount,
            when.currency,
            &when.reported,
            then.kind,
            &then.category,
        )
    });
    Ok(archive.list("rules", RULES, rows).await?)
}

/// And the transactions that each is of.
async fn matches(source: &Source<'_>, archive: &mut Archive) -> Result<(), ExportError> {
    let mut table = archive.table("matches", MATCHES).await?;
    let mut legs = archive.table("match_legs", LEGS).await?;
    let mut after = None;
    loop {
        let page = Page::try_new(i32::from(Page::<()>::MOST), after)?;
        let page = source.reader.matches(source.view.business.id, &State::ALL, None, page).await?;
        after = page.rows.last().map(|kept| (kept.day, kept.found.id));
        table.add(page.rows.iter().map(record)).await?;
        legs.add(page.rows.iter().flat_map(records_of_legs)).await?;
        if !page.has_next {
            table.finish(archive).await?;
            return Ok(legs.finish(archive).await?);
        }
    }
}

fn record(kept: &Kept) -> impl serde::Serialize + use<> {
    let found = &kept.found;
    let evidence: Vec<_> = found.evidence.iter().map(ToString::to_string).collect();
    let (relation, state) = (found.relation.as_str(), kept.state.as_str());
    let amount = exact_amount(kept.amount, kept.currency);
    (found.id, relation, state, found.percent, kept.day, amount, kept.currency, evidence)
}

fn records_of_legs(kept: &Kept) -> impl Iterator<Item = impl serde::Serialize + '_> + '_ {
    kept.found.legs.iter().map(|leg| {
        let to = leg.to.as_ref();
        (kept.found.id, leg.account, leg.id, to.map(|to| to.kind), to.map(|to| &to.category))
    })
}

fn series(found: &Recurring) -> impl serde::Serialize + '_ {
    let Recurring { row, payee, next, .. } = found;
    let exact = |amount| exact_amount(amount, row.currency);
    (
        row.id,
        row.account,
        payee,
        row.kind,
        &row.category,
        row.rhythm.period.as_str(),
        exact(row.typical),
        exact(row.low),
        exact(row.high),
        row.currency,
        row.count,
        row.last,
        next,
        row.certainty,
        row.ruled_out,
        &row.members,
    )
}
