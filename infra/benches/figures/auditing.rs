//! An auditor's work over a million events: checking a file of all of them, and a page of the history.

use std::io::BufReader;
use std::time::{Duration, Instant};

use projectors::metrics::Months;
use query_api::reader::{AuditAsked, Page, Reader};
use rand::Rng;
use streams::projection;
use streams::proof::{Expected, Export, Notary, Signatory, Signer, examine};

use crate::world::World;
use crate::{percentile, spread};

const EVENTS: i64 = 1_000_000;
const PAGES: usize = 500;

/// One transaction each, in an account of the bench's business.
const APPEND: &str = r#"
insert into store.events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata)
select 'account', $1, 1 + n, 'account.synced', '1',
       format('{"event":"account.synced","batch":"%s","from_cursor":null,"to_cursor":null,"known_until":null,"added":[{"id":"%s","booked":"20%s-%s-11","amount":"%s.25","currency":"GBP","kind":"revenue","category":"product_sale","description":"Sale number %s"}],"amended":[],"removed":[]}',
              $1, gen_random_uuid(), 10 + n / 120000, lpad((1 + n % 12)::text, 2, '0'), 1 + n % 90, n)::json,
       format('{"actor":"user:%s","business":"%s","correlation":"%s"}', $1, $2, gen_random_uuid())::json
from generate_series($3::bigint, $4::bigint) n"#;

pub async fn measure() {
    let mut world = World::new().await;
    world.sequence();
    let account = world.account_unseen().await;
    let begun = Instant::now();
    for from in (1..=EVENTS).step_by(50_000) {
        let append = sqlx::query(APPEND).bind(account.to_string()).bind(world.business.to_string());
        append.bind(from).bind(from + 49_999).execute(&world.pool).await.unwrap();
    }
    let head = world.sequenced().await;
    // As many a second at the end as at the beginning: no batch may cost what stands before it.
    println!(
        "audit    {EVENTS} events written and given positions: {:.0} events/s",
        per_second(EVENTS, begun.elapsed())
    );
    verify(&world).await;
    page(&mut world, head).await;
    world.stop().await;
}

async fn verify(world: &World) {
    let folder = tempfile::tempdir().unwrap();
    let (key, path) = (folder.path().join("key"), folder.path().join("log.audit"));
    let signer = Signer::open(&key, || "bench/log".to_owned()).unwrap();
    let verifier = signer.verifier().clone();
    let signatory = Signatory::Here(Notary::new(world.pool.clone(), signer, &key, Vec::new()));
    let mut out = tokio::io::BufWriter::new(tokio::fs::File::create(&path).await.unwrap());
    let begun = Instant::now();
    let prepared = Export::prepare(&world.pool, &signatory, world.business, &[]).await.unwrap();
    let exported = prepared.write(&mut out, |_, _| {}).await.unwrap();
    drop(out);
    println!("audit    {} events written with their proofs in {:.1} s", exported.events, begun.elapsed().as_secs_f64());
    let expected = Expected { key: Some(verifier), ..Expected::default() };
    let (mut proofs, mut figures) = (Vec::new(), Vec::new());
    for _ in 0..crate::ROUNDS {
        let open = || BufReader::with_capacity(1 << 20, std::fs::File::open(&path).unwrap());
        let begun = Instant::now();
        let proven = examine(open(), &expected, |_| Ok(())).unwrap();
        proofs.push(per_second(proven.events, begun.elapsed()));
        let (mut months, begun) = (Months::default(), Instant::now());
        examine(open(), &expected, |events| months.apply(events).map_err(|error| (0, error.to_string()))).unwrap();
        figures.push(per_second(proven.events, begun.elapsed()));
        assert!(!months.figures().is_empty());
    }
    println!(
        "audit    verified {} events/s (at least 300,000); with the monthly figures {}",
        spread(&proofs),
        spread(&figures)
    );
}

fn per_second(events: i64, took: Duration) -> f64 {
    f64::from(i32::try_from(events).unwrap()) / took.as_secs_f64()
}

async fn page(world: &mut World, head: i64) {
    world.project();
    projection::wait_for(&world.pool, "audit", head, Duration::from_secs(600)).await.unwrap();
    let reader = Reader::new(world.pool.clone(), streams::testing::keys(&world.pool));
    let (mut plain, mut filtered) = (Vec::new(), Vec::new());
    for time in 0..PAGES {
        let kind = (time % 2 == 1).then(|| "account.synced".to_owned());
        let asked = AuditAsked { kind, ..AuditAsked::default() };
        let filter = reader.audit_filter(world.business, domain::TimeZone::UTC, asked).await.unwrap();
        let before = rand::thread_rng().gen_range(200..head);
        let begun = Instant::now();
        let page = reader.audit(world.business, &filter, Page::try_new(100, Some(before)).unwrap()).await.unwrap();
        let took = begun.elapsed();
        assert_eq!(page.rows.len(), 100);
        if time % 2 == 0 { plain.push(took) } else { filtered.push(took) }
    }
    println!(
        "audit    a page of 100 rows out of {head}: p50 {} ms, p99 {} ms (at most 10); of one kind p50 {} ms, p99 {} ms",
        percentile(&mut plain, 50),
        percentile(&mut plain, 99),
        percentile(&mut filtered, 50),
        percentile(&mut filtered, 99)
    );
}
