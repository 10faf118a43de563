//! A page of what a search finds in sealed texts, over HTTP.

use std::time::Instant;

use flate2::read::MultiGzDecoder;
use query_api::reader::Reader;
use rand::Rng;
use rand::seq::SliceRandom;
use serde_json::{Value, json};

use crate::percentile;
use crate::world::{World, file};

const ASKED: usize = 500;
const QUERY: &str = r#"query ($id: UUID!, $words: String!) { business(id: $id) {
    transactions(period: { from: "2009-12-01", to: "2011-12-31" }, search: $words, first: 100) {
        nodes { id day amount description counterparty category } } } }"#;

pub async fn measure(world: &World, address: &str, reader: &Reader, rows: i64) {
    let opened = Instant::now();
    let view = reader.view(world.business, None, None).await.unwrap();
    reader.open_for_search(&view).await.unwrap();
    let opened = opened.elapsed();
    let (client, wanted) = (reqwest::Client::new(), wanted());
    let mut took = Vec::with_capacity(ASKED);
    let mut found = 0;
    for (time, words) in wanted.iter().enumerate() {
        let asked = json!({ "query": QUERY, "variables": { "id": world.business, "words": words } });
        let begun = Instant::now();
        let answer = client.post(format!("http://{address}/graphql")).json(&asked).send().await.unwrap();
        let answer = answer.bytes().await.unwrap();
        // Connections and caches are warm where a page is open.
        if time >= 50 {
            took.push(begun.elapsed());
        }
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        let nodes = answer["data"]["business"]["transactions"]["nodes"].as_array();
        found += nodes.unwrap_or_else(|| panic!("{answer}")).len();
    }
    let per_page = found / wanted.len();
    println!(
        "search   {rows} transactions, {per_page} of 100 found on average: p50 {} ms, p99 {} ms (at most 50); \
         their texts are opened in {:.1} s",
        percentile(&mut took, 50),
        percentile(&mut took, 99),
        opened.as_secs_f64()
    );
}

/// What people type: the beginning of a text, a part of it that crosses words, and what is nowhere.
fn wanted() -> Vec<String> {
    let mut reader = csv::Reader::from_reader(MultiGzDecoder::new(std::fs::File::open(file()).unwrap()));
    let texts: Vec<String> = reader.records().map(|record| record.unwrap()[2].to_owned()).collect();
    let mut random = rand::thread_rng();
    let mut one = |time: usize| {
        let text = texts.choose(&mut random).unwrap();
        let letters: Vec<char> = text.to_lowercase().chars().collect();
        let first = if time.is_multiple_of(2) { 0 } else { random.gen_range(0..letters.len().max(1)) };
        let words: String = letters.iter().skip(first).take(random.gen_range(3..12)).collect();
        if time % 10 == 9 { format!("{words} zq") } else { words }
    };
    (0..ASKED + 50).map(&mut one).filter(|words| !words.trim().is_empty()).collect()
}
