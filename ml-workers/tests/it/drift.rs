//! Balances that were told, held against what is counted: what the account's history says of them.

use std::time::Duration;

use domain::{AccountId, Transaction, TransactionId};
use rust_decimal::Decimal;
use serde_json::json;

use crate::world::{World, line};

fn moved(n: u32, day: &str, cents: i64) -> Transaction {
    Transaction { booked: day.parse().unwrap(), amount: Decimal::new(cents, 2), ..line(n, "Moved") }
}

/// What the history of an account says of its balances, in its order: the day from which on they differ, with the
/// difference, or that they agree again.
async fn said(world: &World, account: AccountId) -> Vec<String> {
    let query = "select case event_type when 'account.drift_ended' then 'agrees'
                   else concat_ws(' ', payload ->> 'from', payload ->> 'difference') end
                 from store.events where aggregate_id = $1 and event_type like 'account.drift%' order by sequence";
    sqlx::query_scalar(query).bind(account.to_string()).fetch_all(&world.pool).await.unwrap()
}

/// Once everything that was told and recorded was checked.
async fn checked(world: &World, account: AccountId) -> Vec<String> {
    let query = "select not exists (select from connectors.balance where not checked)
                    and not exists (select from sources.asked)
                    and (select looked_to from sources.followed) = (select max(position) from store.log)
                    and (select count(*) from store.events) = (select count(*) from store.log)";
    for _ in 0..3_000 {
        if sqlx::query_scalar(query).fetch_one(&world.pool).await.unwrap() {
            return said(world, account).await;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it was never checked: {:?}", said(world, account).await);
}

async fn connected(world: &World) {
    let query = "insert into connectors.connection (source, business, provider, external_id, state, history_done_at)
                 select id, business, 'plaid', 'item', 'active', '2026-01-01' from read.source where business = $1";
    for _ in 0..500 {
        let made = sqlx::query(query).bind(world.business.as_uuid()).execute(&world.pool).await.unwrap();
        if made.rows_affected() > 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the source was never shown");
}

/// Whoever keeps a balance waits until all that was recorded before has its position.
async fn sequenced(world: &World) {
    let query = "select (select count(*) from store.events) = (select count(*) from store.log)";
    while !sqlx::query_scalar::<_, bool>(query).fetch_one(&world.pool).await.unwrap() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// As a worker keeps it: what the provider says, with the position at which all that it told is recorded.
async fn told(world: &World, at: &str, cents: i64, pending: i64) {
    let query = "insert into connectors.balance (account, told_at, business, source, current, pending, position)
                 select $1, $2::timestamptz, $3, source, $4, $5, (select max(position) from store.log)
                 from connectors.connection where business = $3";
    sequenced(world).await;
    let query = sqlx::query(query).bind(world.account.as_uuid()).bind(at).bind(world.business.as_uuid());
    query.bind(Decimal::new(cents, 2)).bind(Decimal::new(pending, 2)).execute(&world.pool).await.unwrap();
}

#[tokio::test]
async fn a_provider_s_balance_that_differs_for_good_is_said_once_and_once_when_it_agrees_again() {
    let world = World::new().await;
    connected(&world).await;
    world.bring(vec![moved(1, "2026-03-01", 500)]).await;
    told(&world, "2026-03-01 10:00Z", 10_500, 0).await;
    world.bring(vec![moved(2, "2026-03-02", -200)]).await;
    // Not booked yet: the balance counts it later.
    told(&world, "2026-03-02 10:00Z", 10_500, -200).await;
    told(&world, "2026-03-02 11:00Z", 10_300, 0).await;
    // A movement between two answers passes with the next one.
    told(&world, "2026-03-03 10:00Z", 10_400, 0).await;
    world.bring(vec![moved(3, "2026-03-03", 100)]).await;
    told(&world, "2026-03-03 11:00Z", 10_400, 0).await;
    assert_eq!(checked(&world, world.account).await, Vec::<String>::new());
    for (at, cents) in [("04 10", 10_350), ("04 11", 10_350), ("05 10", 10_300), ("06 10", 10_300)] {
        told(&world, &format!("2026-03-{at}:00Z"), cents, 0).await;
    }
    assert_eq!(checked(&world, world.account).await, ["2026-03-04 -0.5"]);
    world.bring(vec![moved(4, "2026-03-04", -50), moved(5, "2026-03-05", -50)]).await;
    told(&world, "2026-03-07 10:00Z", 10_300, 0).await;
    assert_eq!(checked(&world, world.account).await, ["2026-03-04 -0.5", "agrees"]);
}

/// As an import keeps it.
async fn statement(world: &World, file: u8, from: &str, to: &str, opening: &str, closing: &str) {
    sequenced(world).await;
    let spans = json!([{"from": from, "to": to, "opening": opening, "balances": [[to, closing]], "is_stated": true}]);
    let query =
        "insert into sources.statement (account, file, business, spans, refused) values ($1, $2, $3, $4::jsonb, 0)";
    let query = sqlx::query(query).bind(world.account.as_uuid()).bind(vec![file]).bind(world.business.as_uuid());
    query.bind(spans.to_string()).execute(&world.pool).await.unwrap();
    let query = "insert into sources.asked (account, business, asked_at)
                 select $1, $2, max(position) from store.log on conflict do nothing";
    let query = sqlx::query(query).bind(world.account.as_uuid()).bind(world.business.as_uuid());
    query.execute(&world.pool).await.unwrap();
}

#[tokio::test]
async fn a_balance_of_a_file_that_differs_is_said_until_the_missing_file_comes() {
    let world = World::new().await;
    world.bring(vec![moved(1, "2026-01-10", 500), moved(2, "2026-01-20", -100)]).await;
    statement(&world, 1, "2026-01-01", "2026-01-31", "1.00", "5.00").await;
    assert_eq!(checked(&world, world.account).await, Vec::<String>::new());
    // February is missing.
    world.bring(vec![moved(4, "2026-03-02", 300)]).await;
    statement(&world, 3, "2026-03-01", "2026-03-31", "7.00", "10.00").await;
    assert_eq!(checked(&world, world.account).await, ["2026-03-31 2"]);
    // It was brought in two parts: after the first the difference is another one from the same day on.
    world.bring(vec![moved(5, "2026-02-02", 150)]).await;
    assert_eq!(checked(&world, world.account).await, ["2026-03-31 2"]);
    world.bring(vec![moved(6, "2026-02-03", 50)]).await;
    statement(&world, 2, "2026-02-01", "2026-02-28", "5.00", "7.00").await;
    assert_eq!(checked(&world, world.account).await, ["2026-03-31 2", "agrees"]);
    // What is taken out of a month that was whole shows from its end on.
    world.report(world.account, Vec::new(), vec![TransactionId::derive([1_u32.to_be_bytes().as_slice()])]).await;
    assert_eq!(checked(&world, world.account).await, ["2026-03-31 2", "agrees", "2026-01-31 5"]);
    let row = "select differs_from::text, checked_at > 0 from read.account where id = $1";
    for _ in 0..500 {
        let row: (Option<String>, bool) =
            sqlx::query_as(row).bind(world.account.as_uuid()).fetch_one(&world.pool).await.unwrap();
        if row == (Some("2026-01-31".to_owned()), true) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the account never showed it");
}

#[tokio::test]
async fn an_account_that_is_closed_is_left_alone() {
    let world = World::new().await;
    world.bring(vec![moved(1, "2026-01-10", 500)]).await;
    let meta = streams::Meta::new(world.business, "owner");
    world.commands.account(world.account, domain::account::AccountCommand::Close, &meta).await.unwrap();
    statement(&world, 1, "2026-01-01", "2026-01-31", "1.00", "9.00").await;
    assert_eq!(checked(&world, world.account).await, Vec::<String>::new());
}
