//! The home screen's question over HTTP, now and as of any position, with half a million transactions and with twice
//! as many; and what a search of their texts takes.

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::{Days, NaiveDateTime};
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use rand::Rng;
use serde_json::{Value, json};

use crate::world::{World, file};
use crate::{ROUNDS, Rounds, searching, serving};

const ASKED: usize = 1_000;
const QUERY: &str = "query ($id: UUID!, $period: PeriodInput!, $asOf: AsOf) { business(id: $id) {
    summary(period: $period, asOf: $asOf) { known { position } figures { metric value before percent direction } } } }";

pub async fn measure() {
    let mut world = World::new().await;
    world.sequence();
    world.project();
    let (address, reader) = serving::serve_with_reader(&world).await;
    let folder = tempfile::tempdir().unwrap();
    let earlier = folder.path().join("earlier.csv.gz");
    a_year_earlier(&earlier);
    for path in [file(), earlier] {
        let report = world.import_file(&path).await;
        let head = report.positions.unwrap().last;
        world.shown(head).await;
        let rows: i64 =
            sqlx::query_scalar("select count(*) from read.transaction").fetch_one(&world.pool).await.unwrap();
        // Connections and caches are warm where a page is open.
        ask(&world, &address, head, 50).await;
        let (mut now, mut past) = (Rounds::default(), Rounds::default());
        for _ in 0..ROUNDS {
            let (of_now, of_past) = ask(&world, &address, head, ASKED).await;
            now.add(of_now);
            past.add(of_past);
        }
        println!("query    {rows} transactions: now {now}; as of any position or day {past} (at most 5)");
        searching::measure(&world, &address, &reader, rows).await;
    }
    world.stop().await;
}

/// Different periods, so that nothing is answered from memory.
async fn ask(world: &World, address: &str, head: i64, times: usize) -> (Vec<Duration>, Vec<Duration>) {
    let client = reqwest::Client::new();
    let (mut now, mut past) = (Vec::new(), Vec::new());
    for time in 0..times {
        let (month, day) = (rand::thread_rng().gen_range(1..=11), rand::thread_rng().gen_range(2..=28));
        let period = json!({ "from": format!("2011-{month:02}-01"), "to": format!("2011-{month:02}-{day:02}") });
        let as_of = match time % 4 {
            1 => json!({ "date": chrono::Utc::now().date_naive() }),
            3 => json!({ "position": rand::thread_rng().gen_range(1..=head) }),
            _ => Value::Null,
        };
        let variables = json!({ "id": world.business, "period": period, "asOf": as_of });
        let request =
            client.post(format!("http://{address}/graphql")).json(&json!({ "query": QUERY, "variables": variables }));
        let begun = Instant::now();
        let answer = request.send().await.unwrap().bytes().await.unwrap();
        let took = begun.elapsed();
        assert!(answer.len() > 500, "{}", String::from_utf8_lossy(&answer));
        if as_of.is_null() { now.push(took) } else { past.push(took) }
    }
    (now, past)
}

/// The same lines, 364 days before.
fn a_year_earlier(path: &Path) {
    let mut reader = csv::Reader::from_reader(MultiGzDecoder::new(std::fs::File::open(file()).unwrap()));
    let mut writer =
        csv::Writer::from_writer(GzEncoder::new(std::fs::File::create(path).unwrap(), Compression::fast()));
    writer.write_record(reader.headers().unwrap()).unwrap();
    for record in reader.records() {
        let record = record.unwrap();
        let at = NaiveDateTime::parse_from_str(&record[4], "%Y-%m-%d %H:%M:%S").unwrap() - Days::new(364);
        let (invoice, at) = (format!("{}-r1", &record[0]), at.to_string());
        let cells = record.iter().enumerate().map(|(place, cell)| match place {
            0 => invoice.as_str(),
            4 => at.as_str(),
            _ => cell,
        });
        writer.write_record(cells).unwrap();
    }
    let mut packed = writer.into_inner().unwrap();
    packed.flush().unwrap();
    packed.finish().unwrap();
}
