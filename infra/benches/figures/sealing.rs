//! Sealing the pages of a real import, against the import.

use std::hint::black_box;
use std::time::{Duration, Instant};

use domain::account::AccountEvent;
use streams::DomainEvent;
use streams::testing::{keys, sealed};

use crate::world::World;
use crate::{ROUNDS, seconds, spread};

pub async fn measure() {
    let (mut imports, mut written, mut opening) = (Vec::new(), Vec::new(), Vec::new());
    let (mut pages, mut plain, mut shares) = (0, Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let mut world = World::new().await;
        world.sequence();
        world.project();
        let begun = Instant::now();
        let report = world.import().await;
        let last = report.positions.unwrap().last;
        world.shown(last).await;
        imports.push(begun.elapsed());
        let took = seal_all(&world, last).await;
        pages = took.pages;
        let whole = imports.last().map_or(f64::NAN, Duration::as_secs_f64);
        shares.push(100.0 * (took.sealed.as_secs_f64() - took.plain.as_secs_f64()) / whole);
        written.push(took.sealed);
        plain.push(took.plain);
        opening.push(took.opening);
        world.stop().await;
    }
    println!(
        "seal     {pages} pages of 500 written: sealed {} s, in the clear {} s; the import: {} s",
        seconds(&written),
        seconds(&plain),
        seconds(&imports)
    );
    println!("         sealing adds {} % of the import (at most 10 %)", spread(&shares));
    println!("         opening all of them: {} s", seconds(&opening));
}

/// What writing the pages took, sealed and as they were; and opening them.
#[derive(Default)]
struct Took {
    pages: usize,
    sealed: Duration,
    plain: Duration,
    opening: Duration,
}

async fn seal_all(world: &World, last: i64) -> Took {
    let keys = keys(&world.pool);
    let (mut took, mut at) = (Took::default(), 0);
    while at < last {
        let events = streams::log::read(&world.pool, at, 50).await.unwrap();
        at = events.last().map_or(last, |event| event.position);
        for event in events {
            let begun = Instant::now();
            black_box(keys.texts_of(&event).await.unwrap());
            let opened = begun.elapsed();
            let DomainEvent::Account(AccountEvent::Synced(page)) = event.open(&keys).await.unwrap() else { continue };
            took.opening += opened;
            let plain = AccountEvent::Synced(page.clone());
            let begun = Instant::now();
            black_box(serde_json::to_string(&plain).unwrap());
            drop(plain);
            took.plain += begun.elapsed();
            let begun = Instant::now();
            black_box(sealed(&keys, &event, DomainEvent::Account(AccountEvent::Synced(page))).await);
            took.sealed += begun.elapsed();
            took.pages += 1;
        }
    }
    took
}
