//! Transactions of an account that goes on under other ids: each line that is told anew is recognised by its day,
//! amount and name, and stays the transaction that it was.
//!
//! What waits to be recognised stands in `connectors.former` from the moment the account came under its new id until
//! its history is whole. A line is taken from there together with the alias that names it, before the page that needs
//! the alias: a crash in between leaves what the next try finds.

use std::collections::{BTreeMap, HashSet};

use chrono::NaiveDate;
use domain::{AccountId, Currency, TimeZone, Transaction, TransactionId};
use rust_decimal::Decimal;
use sqlx::PgPool;
use uuid::Uuid;

use super::{SyncError, Syncer};
use crate::provider::{Aliases, Reported};

/// Writes aliases of what is known under another id. `is_first`: nothing of the new ids was read before.
pub(super) async fn recognise(
    syncer: &Syncer<'_>,
    aliases: &Aliases,
    account: AccountId,
    reported: &[Reported],
    is_first: bool,
) -> Result<(), SyncError> {
    let waiting = waiting(syncer.pool, account).await?;
    if waiting.is_empty() || reported.is_empty() {
        return Ok(());
    }
    let unnamed = aliases.unnamed(reported).await?;
    // What replaces a line of these ids is that line.
    let unnamed: Vec<_> = unnamed.into_iter().filter(|(one, _)| is_first || one.replaces.is_none()).collect();
    let asked: Vec<_> = waiting.iter().copied().chain(unnamed.iter().map(|(_, own)| *own)).collect();
    let there = syncer.commands.account_these(account, &asked).await?;
    let waiting: HashSet<_> = waiting.into_iter().collect();
    let told: HashSet<_> = there.iter().map(|one| one.id).filter(|id| !waiting.contains(id)).collect();
    let former = there.into_iter().filter(|one| waiting.contains(&one.id));
    let new: Vec<_> = unnamed.into_iter().filter(|(_, own)| !told.contains(own)).map(|(one, _)| one).collect();
    let pairs = pair(&former.collect::<Vec<_>>(), &new);
    aliases.take_over(account, &pairs).await?;
    Ok(())
}

/// Those of before that were pending and that the first loop did not tell: they were settled or dropped meanwhile.
pub(super) async fn unsettled(pool: &PgPool, account: AccountId) -> Result<Vec<TransactionId>, sqlx::Error> {
    const UNSETTLED: &str = "
        select transaction from connectors.former join connectors.pending using (account, transaction)
        where account = $1 order by transaction";
    let ids: Vec<Uuid> = sqlx::query_scalar(UNSETTLED).bind(account.as_uuid()).fetch_all(pool).await?;
    Ok(ids.into_iter().map(TransactionId::from_uuid).collect())
}

/// The history is whole: what was not told anew is older than what the provider tells, and stays.
pub(super) async fn forget(pool: &PgPool, account: AccountId) -> Result<(), sqlx::Error> {
    sqlx::query("delete from connectors.former where account = $1").bind(account.as_uuid()).execute(pool).await?;
    Ok(())
}

async fn waiting(pool: &PgPool, account: AccountId) -> Result<Vec<TransactionId>, sqlx::Error> {
    const WAITING: &str = "select transaction from connectors.former where account = $1";
    let ids: Vec<Uuid> = sqlx::query_scalar(WAITING).bind(account.as_uuid()).fetch_all(pool).await?;
    Ok(ids.into_iter().map(TransactionId::from_uuid).collect())
}

/// What two lines of one account must share to be the same one.
type Money = (NaiveDate, Decimal, &'static str);
/// Lines of before, and lines that are told now.
type Group<'f, 'a> = (Vec<&'f Transaction>, Vec<&'a Reported>);

/// By day, amount and name; then by day and amount alone, where as many are left here as there: banks' words change.
fn pair<'a>(former: &[Transaction], new: &[&'a Reported]) -> Vec<(&'a Reported, TransactionId)> {
    let mut groups: BTreeMap<Money, Group<'_, 'a>> = BTreeMap::new();
    for one in former {
        let money = money_of(one.booked.day(TimeZone::UTC), one.amount, one.currency);
        groups.entry(money).or_default().0.push(one);
    }
    for one in new {
        let money = money_of(one.booked.day(TimeZone::UTC), one.amount, one.currency);
        if let Some(group) = groups.get_mut(&money) {
            group.1.push(*one);
        }
    }
    let mut pairs = Vec::new();
    for (mut left, told) in groups.into_values() {
        left.sort_by_key(|one| one.id);
        let mut unnamed = Vec::new();
        for one in told {
            let name = words(one.description.as_deref());
            match left.iter().position(|was| words(was.description.as_deref()) == name) {
                Some(place) => pairs.push((one, left.remove(place).id)),
                None => unnamed.push(one),
            }
        }
        if unnamed.len() == left.len() {
            pairs.extend(unnamed.into_iter().zip(left).map(|(one, was)| (one, was.id)));
        }
    }
    pairs
}

fn money_of(day: NaiveDate, amount: Decimal, currency: Currency) -> Money {
    (day, amount.normalize(), currency.code())
}

fn words(text: Option<&str>) -> String {
    let words = text.unwrap_or_default().split_whitespace().map(str::to_lowercase);
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use domain::{Booked, Category, Kind};

    use super::*;

    fn day(day: u32) -> Booked {
        Booked::Day(NaiveDate::from_ymd_opt(2026, 3, day).unwrap())
    }

    fn was(key: &str, booked: u32, amount: i64, name: &str) -> Transaction {
        Transaction {
            id: TransactionId::derive([key.as_bytes()]),
            booked: day(booked),
            value_date: None,
            pending: false,
            amount: Decimal::new(amount, 2),
            currency: "GBP".parse().unwrap(),
            kind: Kind::Expense,
            category: Category::from_label("travel").unwrap(),
            provider_category: None,
            decided: None,
            description: Some(name.to_owned()),
            counterparty: None,
            reference: Some(key.to_owned()),
            line: None,
        }
    }

    fn now(id: &str, booked: u32, amount: i64, name: &str) -> Reported {
        Reported {
            entity: "transaction",
            id: id.to_owned(),
            replaces: None,
            pending: false,
            booked: day(booked),
            value_date: None,
            amount: Decimal::new(amount, 2),
            currency: "GBP".parse().unwrap(),
            kind: Kind::Expense,
            category: Category::from_label("travel").unwrap(),
            provider_category: None,
            description: Some(name.to_owned()),
            counterparty: None,
            converted: None,
        }
    }

    fn pairs(former: &[Transaction], new: &[Reported]) -> Vec<(String, String)> {
        let named = |id: TransactionId| former.iter().find(|one| one.id == id).unwrap().reference.clone().unwrap();
        let mut pairs: Vec<_> = pair(former, &new.iter().collect::<Vec<_>>())
            .into_iter()
            .map(|(one, id)| (one.id.clone(), named(id)))
            .collect();
        pairs.sort();
        pairs
    }

    fn of(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(new, old)| ((*new).to_owned(), (*old).to_owned())).collect()
    }

    #[test]
    fn a_line_is_known_by_day_amount_and_name_each_once() {
        let former = [was("a", 3, -450, "COFFEE"), was("b", 3, -450, "Coffee "), was("c", 3, -450, "TRAIN")];
        let new = [now("n", 3, -450, "train"), now("o", 3, -450, "coffee"), now("p", 4, -450, "coffee")];
        let found = pairs(&former, &new);
        assert_eq!(found.len(), 2);
        assert!(found.contains(&("n".to_owned(), "c".to_owned())), "{found:?}");
        assert!(found.iter().any(|(new, old)| new == "o" && (old == "a" || old == "b")), "{found:?}");
    }

    #[test]
    fn another_name_is_the_same_line_where_as_many_are_left() {
        let former = [was("a", 3, -450, "CARD 1234 COFFEE")];
        assert_eq!(pairs(&former, &[now("n", 3, -450, "Coffee House")]), of(&[("n", "a")]));
        let two = [now("n", 3, -450, "Coffee House"), now("o", 3, -450, "Tea House")];
        assert_eq!(pairs(&former, &two), of(&[]), "one of two is a guess");
        assert_eq!(pairs(&former, &[now("n", 3, 450, "CARD 1234 COFFEE")]), of(&[]), "money in is not money out");
    }
}
