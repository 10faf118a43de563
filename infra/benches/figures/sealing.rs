//! Sealing the pages of a real import, against the import.

use std::hint::black_box;
use std::time::{Duration, Instant};

use domain::account::AccountEvent;
use streams::DomainEvent;
use streams::testing::{keys, sealed};

use crate::world::World;
use crate::{ROUNDS, percent, seconds};

pub async fn measure() {
    let (mut imports, mut sealing, mut opening) = (Vec::new(), Vec::new(), Vec::new());
    let mut pages = 0;
    for _ in 0..ROUNDS {
        let mut world = World::new().await;
        world.sequence();
        world.project();
        let begun = Instant::now();
        let report = world.import().await;
        let last = report.positions.unwrap().last;
        world.shown(last).await;
        imports.push(begun.elapsed());
        let of_one = seal_all(&world, last).await;
        (pages, _, _) = of_one;
        sealing.push(of_one.1);
        opening.push(of_one.2);
        world.stop().await;
    }
    println!("seal     {pages} pages of 500: {} s; the import: {} s", seconds(&sealing), seconds(&imports));
    println!("         share {} % (at most 10 %)", percent(&sealing, &imports));
    println!("         opening all of them: {} s", seconds(&opening));
}

/// Pages, the time that sealing adds to writing them, and the time that opening them takes.
async fn seal_all(world: &World, last: i64) -> (usize, Duration, Duration) {
    let keys = keys(&world.pool);
    let (mut pages, mut with, mut without, mut opening) = (0, Duration::ZERO, Duration::ZERO, Duration::ZERO);
    let mut at = 0;
    while at < last {
        let events = streams::log::read(&world.pool, at, 50).await.unwrap();
        at = events.last().map_or(last, |event| event.position);
        for event in events {
            let begun = Instant::now();
            black_box(keys.texts_of(&event).await.unwrap());
            let opened = begun.elapsed();
            let DomainEvent::Account(AccountEvent::Synced(page)) = event.open(&keys).await.unwrap() else { continue };
            opening += opened;
            let plain = AccountEvent::Synced(page.clone());
            let begun = Instant::now();
            black_box(serde_json::to_string(&plain).unwrap());
            drop(plain);
            without += begun.elapsed();
            let begun = Instant::now();
            black_box(sealed(&keys, &event, DomainEvent::Account(AccountEvent::Synced(page))).await);
            with += begun.elapsed();
            pages += 1;
        }
    }
    (pages, with.saturating_sub(without), opening)
}
