//! A thousand transactions a second, each an event of its own: from its commit until a subscriber has heard of it.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use domain::AccountId;
use sqlx::PgPool;

use crate::socket::Subscriber;
use crate::world::World;
use crate::{ROUNDS, Rounds, serving};

const WRITERS: usize = 20;
const A_SECOND: usize = 1_000;
const SECONDS: usize = 10;

pub async fn measure() {
    let mut world = World::new().await;
    world.sequence();
    world.project();
    let mut accounts = Vec::new();
    for _ in 0..WRITERS {
        accounts.push(world.account().await);
    }
    let address = serving::serve(&world).await;
    let mut rounds = Rounds::default();
    for round in 0..ROUNDS {
        rounds.add(one_round(&world, &address, &accounts, round).await);
    }
    let commits = A_SECOND * SECONDS;
    let bytes = world.bytes_of_an_event().await;
    println!(
        "live     {ROUNDS} times {commits} commits of {bytes} bytes, {A_SECOND}/s, commit to subscriber: {rounds}"
    );
    println!("         (at most 100)");
    world.stop().await;
}

async fn one_round(world: &World, address: &str, accounts: &[AccountId], round: usize) -> Vec<Duration> {
    let mut subscriber = Subscriber::of(address, &world.business.to_string()).await;
    let heard = tokio::spawn(async move {
        let mut heard = Vec::new();
        while let Ok(position) = tokio::time::timeout(Duration::from_secs(3), subscriber.position()).await {
            heard.push((position, Instant::now()));
        }
        heard
    });
    let writers = accounts.iter().enumerate().map(|(n, account)| write(world, n, *account, round));
    let committed: Vec<_> = futures::future::join_all(writers).await.into_iter().flatten().collect();
    delays(&world.pool, committed, &heard.await.unwrap()).await
}

/// Commits in a steady pace; gives account, sequence and the moment of the answer.
async fn write(world: &World, n: usize, account: AccountId, round: usize) -> Vec<(AccountId, i64, Instant)> {
    let pace = Duration::from_micros((1_000_000 * WRITERS / A_SECOND).try_into().unwrap());
    tokio::time::sleep(pace * u32::try_from(n).unwrap() / u32::try_from(WRITERS).unwrap()).await;
    let mut clock = tokio::time::interval(pace);
    let mut committed = Vec::new();
    for line in 0..A_SECOND * SECONDS / WRITERS {
        clock.tick().await;
        let receipt = world.sync_one(account, &format!("{round}/{n}/{line}")).await;
        committed.push((account, receipt.last_sequence, Instant::now()));
    }
    committed
}

async fn delays(pool: &PgPool, committed: Vec<(AccountId, i64, Instant)>, heard: &[(i64, Instant)]) -> Vec<Duration> {
    let rows: Vec<(String, i64, i64)> =
        sqlx::query_as("select aggregate_id, sequence, position from store.log").fetch_all(pool).await.unwrap();
    let places: HashMap<_, _> = rows.into_iter().map(|(id, sequence, position)| ((id, sequence), position)).collect();
    let mut delays = Vec::new();
    for (account, sequence, at) in committed {
        let position = places[&(account.to_string(), sequence)];
        let (_, moment) = heard.iter().find(|(newest, _)| *newest >= position).expect("every change is heard of");
        delays.push(moment.saturating_duration_since(at));
    }
    delays
}
