//! The figures that the design asks for, as ratios against a limit measured in the same run: `make bench`.
//!
//! Each figure is measured in alternating rounds with its limit; printed are the median and the spread. The servers
//! are durable (`fsync` on). Data: the public retail set beside the project (`WORKDOCK_BENCH_FILE` names another one
//! with the same columns).
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::float_arithmetic)]

mod auditing;
mod authorising;
mod copying;
mod dashboard;
mod following;
mod importing;
mod living;
mod parsing;
mod rebuilding;
mod sealing;
mod searching;
mod serving;
mod socket;
mod subscribing;
mod syncing;
mod world;

use std::fmt;
use std::time::Duration;

/// Alternating rounds of a figure and its limit.
pub const ROUNDS: usize = 3;

fn main() {
    // `cargo bench` passes `--bench`; a word picks figures by name.
    let words: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    if let [word, address, business] = words.as_slice()
        && word == "--subscribers"
    {
        return runtime.block_on(subscribing::subscribe(address, business));
    }
    let wanted: Vec<String> = words.into_iter().filter(|word| !word.starts_with("--")).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|word| name.contains(word.as_str()));
    runtime.block_on(async {
        world::print_settings().await;
        // Before all others: memory that they freed would be taken again, and count for nothing.
        if is_wanted("fan-out") {
            subscribing::measure().await;
        }
        if is_wanted("import") {
            importing::measure().await;
        }
        if is_wanted("parse") {
            parsing::measure();
        }
        if is_wanted("seal") {
            sealing::measure().await;
        }
        if is_wanted("publish") {
            following::measure().await;
        }
        if is_wanted("sync") {
            syncing::measure().await;
        }
        if is_wanted("rebuild") {
            rebuilding::measure().await;
        }
        if is_wanted("live") {
            living::measure().await;
        }
        if is_wanted("query") {
            dashboard::measure().await;
        }
        if is_wanted("authorise") {
            authorising::measure().await;
        }
        if is_wanted("audit") {
            auditing::measure().await;
        }
    });
}

/// The median, the least and the most of some rounds.
pub fn spread(rounds: &[f64]) -> String {
    let mut sorted = rounds.to_vec();
    sorted.sort_by(f64::total_cmp);
    format!("{:.2} ({:.2} to {:.2})", sorted[sorted.len() / 2], sorted[0], sorted[sorted.len() - 1])
}

pub fn seconds(durations: &[Duration]) -> String {
    spread(&durations.iter().map(Duration::as_secs_f64).collect::<Vec<_>>())
}

/// What the limit takes as a share of what we take, round by round: 1 is as fast as the limit.
pub fn ratios(limit: &[Duration], ours: &[Duration]) -> String {
    let pairs = limit.iter().zip(ours);
    spread(&pairs.map(|(limit, ours)| limit.as_secs_f64() / ours.as_secs_f64()).collect::<Vec<_>>())
}

/// In milliseconds.
pub fn percentile(delays: &mut [Duration], percent: usize) -> String {
    format!("{:.1}", at(delays, percent))
}

fn at(delays: &mut [Duration], percent: usize) -> f64 {
    delays.sort_unstable();
    let place = (delays.len() * percent / 100).min(delays.len() - 1);
    delays[place].as_secs_f64() * 1000.0
}

/// The median and the 99th percentile of each round, in milliseconds.
#[derive(Default)]
pub struct Rounds {
    half: Vec<f64>,
    most: Vec<f64>,
}

impl Rounds {
    pub fn add(&mut self, mut delays: Vec<Duration>) {
        self.half.push(at(&mut delays, 50));
        self.most.push(at(&mut delays, 99));
    }
}

impl fmt::Display for Rounds {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "p50 {} ms, p99 {} ms", spread(&self.half), spread(&self.most))
    }
}
