//! A full rebuild from the log: the views of metrics alone in transactions a second, and with the transactions' rows
//! against COPY of the same rows.

use std::sync::Arc;
use std::time::Instant;

use projectors::Metrics;
use streams::projection::Projection;
use streams::replay::rebuild;

use crate::world::World;
use crate::{ROUNDS, copying, ratios, seconds, spread};

pub async fn measure() {
    let mut world = World::new().await;
    world.sequence();
    world.project();
    let report = world.import().await;
    world.shown(report.positions.unwrap().last).await;
    let copied = copying::rows(&world.pool).await;
    world.pause().await;

    let (mut whole, mut limit, mut views) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        limit.push(copying::copy(&world.pool, &copied).await);
        whole.push(timed(&world, Arc::new(Metrics::new())).await);
        views.push(timed(&world, Arc::new(Metrics::views_only())).await);
    }
    let rates: Vec<f64> = views.iter().map(|took| report.added as f64 / took.as_secs_f64() / 1000.0).collect();
    println!("rebuild  views alone: {} thousand transactions/s (at least 200)", spread(&rates));
    println!("         with rows: {} s; COPY: {} s", seconds(&whole), seconds(&limit));
    println!("         ratio {} (at least 0.5)", ratios(&limit, &whole));
    world.stop().await;
}

async fn timed(world: &World, projection: Arc<dyn Projection>) -> std::time::Duration {
    let begun = Instant::now();
    rebuild(&world.pool, projection, &|_| ()).await.unwrap();
    begun.elapsed()
}
