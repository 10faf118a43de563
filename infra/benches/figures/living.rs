//! A thousand transactions a second, each an event of its own: from its commit until a subscriber has heard of it.

use std::time::{Duration, Instant};

use domain::AccountId;
use sqlx::PgPool;

use crate::socket::Subscriber;
use crate::world::World;
use crate::{percentile, serving};

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
    let mut subscriber = Subscriber::of(&address, &world.business.to_string()).await;
    let heard = tokio::spawn(async move {
        let mut heard = Vec::new();
        while let Ok(position) = tokio::time::timeout(Duration::from_secs(3), subscriber.position()).await {
            heard.push((position, Instant::now()));
        }
        heard
    });
    let writers = accounts.into_iter().enumerate().map(|(n, account)| write(&world, n, account));
    let committed: Vec<_> = futures::future::join_all(writers).await.into_iter().flatten().collect();
    let heard = heard.await.unwrap();
    report(&world.pool, committed, &heard).await;
    world.stop().await;
}

/// Commits in a steady pace; gives account, sequence and the moment of the answer.
async fn write(world: &World, n: usize, account: AccountId) -> Vec<(AccountId, i64, Instant)> {
    let pace = Duration::from_micros((1_000_000 * WRITERS / A_SECOND).try_into().unwrap());
    tokio::time::sleep(pace * u32::try_from(n).unwrap() / u32::try_from(WRITERS).unwrap()).await;
    let mut clock = tokio::time::interval(pace);
    let mut committed = Vec::new();
    for line in 0..A_SECOND * SECONDS / WRITERS {
        clock.tick().await;
        let receipt = world.sync_one(account, &format!("{n}/{line}")).await;
        committed.push((account, receipt.last_sequence, Instant::now()));
    }
    committed
}

async fn report(pool: &PgPool, committed: Vec<(AccountId, i64, Instant)>, heard: &[(i64, Instant)]) {
    let mut delays = Vec::new();
    for (account, sequence, at) in committed {
        let place = "select position from store.log where aggregate_id = $1 and sequence = $2";
        let place = sqlx::query_scalar(place).bind(account.to_string()).bind(sequence);
        let position: i64 = place.fetch_one(pool).await.unwrap();
        let (_, moment) = heard.iter().find(|(newest, _)| *newest >= position).expect("every change is heard of");
        delays.push(moment.saturating_duration_since(at));
    }
    let (half, most) = (percentile(&mut delays, 50), percentile(&mut delays, 99));
    println!(
        "live     {} commits, {A_SECOND}/s, commit to subscriber: p50 {half} ms, p99 {most} ms (at most 100)",
        delays.len()
    );
}
