//! A real file until every metric is queryable, against COPY of the rows that it becomes.

use std::time::Instant;

use crate::world::World;
use crate::{ROUNDS, copying, ratios, seconds};

pub async fn measure() {
    let (mut ours, mut limit) = (Vec::new(), Vec::new());
    let mut rows = 0;
    for _ in 0..ROUNDS {
        let mut world = World::new().await;
        world.sequence();
        world.project();
        let begun = Instant::now();
        let report = world.import().await;
        world.shown(report.positions.unwrap().last).await;
        ours.push(begun.elapsed());
        rows = report.added;
        let copied = copying::rows(&world.pool).await;
        limit.push(copying::copy(&world.pool, &copied).await);
        world.stop().await;
    }
    println!("import   {rows} lines until queryable: {} s; COPY: {} s", seconds(&ours), seconds(&limit));
    println!("         ratio {} (at least 0.5)", ratios(&limit, &ours));
}
