//! Payments that come again, found as they come.

use std::time::Duration;

use domain::business::BusinessCommand;
use domain::{Kind, SeriesId, Transaction, TransactionId};
use rust_decimal::Decimal;
use streams::Meta;
use uuid::Uuid;

use crate::world::{World, line};

fn rent(month: u32, amount: i64) -> Transaction {
    Transaction {
        id: TransactionId::derive([b"rent".as_slice(), &month.to_be_bytes()]),
        booked: format!("2026-{month:02}-03").parse().unwrap(),
        amount: Decimal::from(amount),
        kind: Kind::Expense,
        description: Some(format!("Rent {month}/2026")),
        counterparty: Some("Dockside Estates".to_owned()),
        ..line(month, "")
    }
}

type Row = (Uuid, String, String, Decimal, i32, Vec<Uuid>);

async fn found(world: &World) -> Vec<Row> {
    let select = "select id, period, anchor, typical, count, members from recurring.series where business = $1";
    sqlx::query_as(select).bind(world.business.as_uuid()).fetch_all(&world.pool).await.unwrap()
}

async fn until(world: &World, is_so: impl Fn(&[Row]) -> bool) -> Vec<Row> {
    for _ in 0..2_400 {
        let rows = found(world).await;
        if is_so(&rows) {
            return rows;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("not within two minutes: {:?}", found(world).await);
}

#[tokio::test]
async fn a_rent_is_found_when_it_came_often_enough_and_keeps_its_name() {
    let world = World::new().await;
    world.bring((1..=2).map(|month| rent(month, -900)).collect()).await;
    world.bring(vec![line(77, "Once only")]).await;
    world.bring((3..=4).map(|month| rent(month, -900)).collect()).await;
    let rows = until(&world, |rows| rows.len() == 1).await;
    let (id, period, anchor, typical, count, members) = &rows[0];
    assert_eq!((period.as_str(), anchor.as_str(), *typical, *count), ("monthly", "day:3", Decimal::from(-900), 4));
    assert_eq!((members.len(), members[0]), (4, rent(4, 0).id.as_uuid()), "the newest first");
    // Another month, at a new price: the same payments.
    world.bring(vec![rent(5, -950)]).await;
    let rows = until(&world, |rows| rows.first().is_some_and(|row| row.4 == 5)).await;
    assert_eq!(rows[0].0, *id);
    // No text stands there.
    let text: String = sqlx::query_scalar("select string_agg(s::text, '') from recurring.series s")
        .fetch_one(&world.pool)
        .await
        .unwrap();
    assert!(!text.to_lowercase().contains("dockside"), "{text}");
}

#[tokio::test]
async fn what_somebody_ruled_out_is_known_at_once_and_taken_back() {
    let world = World::new().await;
    let (business, series) = (world.business, SeriesId::from_uuid(Uuid::from_u128(7)));
    let ruled_out = async || {
        let count = "select count(*) from recurring.ruled_out where business = $1";
        sqlx::query_scalar::<_, i64>(count).bind(business.as_uuid()).fetch_one(&world.pool).await.unwrap()
    };
    for (out, count) in [(true, 1), (true, 1), (false, 0)] {
        let command = BusinessCommand::RuleOutRecurring { series, out };
        world.commands.business(business, command, &Meta::new(business, "owner")).await.unwrap();
        assert_eq!(ruled_out().await, count);
    }
}
