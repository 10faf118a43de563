use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use domain::TransactionId;

use super::calendar::midnight;
use super::deliver::Standing;
use super::live::Life;
use super::{Ledger, Page, Seed, settings};

const SECOND: Option<TimeDelta> = Some(TimeDelta::seconds(1));

fn noon() -> DateTime<Utc> {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

/// A company of some days, of which everything before today is delivered.
fn life() -> Life {
    let today = settings().time_zone.day_of(noon());
    let delivered = Ledger::ALL.map(|ledger| (ledger, midnight(today))).into();
    Life::resume(Seed(1), Standing { start: "2026-11-01".parse().unwrap(), delivered })
}

fn lines(pages: impl IntoIterator<Item = Page>) -> HashMap<TransactionId, String> {
    let reported = pages.into_iter().flat_map(|page| page.reported);
    reported.map(|line| (line.id, serde_json::to_string(&line).unwrap())).collect()
}

fn run(life: &mut Life, seconds: std::ops::Range<i64>) -> Vec<Page> {
    let steps = seconds.map(|second| life.step(noon() + TimeDelta::seconds(second), SECOND));
    steps.flat_map(std::collections::BTreeMap::into_values).flatten().collect()
}

#[test]
fn the_morning_is_told_at_once_and_the_rest_of_the_day_when_it_comes() {
    let mut life = life();
    let morning = lines(life.step(noon(), None).into_values().flatten());
    assert!((5..80).contains(&morning.len()), "{}", morning.len());
    let again = life.step(noon(), None);
    assert!(again.is_empty());
    let afternoon = lines(life.step(noon() + TimeDelta::hours(9), None).into_values().flatten());
    assert!(!afternoon.is_empty() && afternoon.keys().all(|id| !morning.contains_key(id)));
}

#[test]
fn a_restart_tells_the_same_ticks_or_none() {
    let mut undisturbed = life();
    let mut told = HashMap::new();
    let mut revisions: HashMap<TransactionId, HashSet<String>> = HashMap::new();
    for page in run(&mut undisturbed, 0..600) {
        for line in page.reported {
            let text = serde_json::to_string(&line).unwrap();
            revisions.entry(line.id).or_default().insert(text.clone());
            told.insert(line.id, text);
        }
    }
    assert!((500..700).contains(&told.len()), "about one line a second: {}", told.len());
    // What speaks of earlier ticks depends on what the process remembers of them.
    let of_earlier = |text: &str| {
        ["Refund: ", "part out of stock", "tip added", "Instant payout"].iter().any(|one| text.contains(one))
    };
    let after: Vec<_> = lines(run(&mut life(), 300..600)).into_iter().filter(|(_, text)| !of_earlier(text)).collect();
    assert!(after.len() > 200);
    for (id, text) in after {
        assert!(revisions.get(&id).is_some_and(|known| known.contains(&text)), "{text}");
    }
}

#[test]
fn some_sales_are_refunded_corrected_and_withdrawn() {
    let pages = run(&mut life(), 0..1200);
    let text: Vec<_> =
        pages.iter().flat_map(|page| &page.reported).filter_map(|line| line.description.clone()).collect();
    let count = |what: &str| text.iter().filter(|text| text.contains(what)).count();
    assert!(count("Refund: ") > 3 && count("(part out of stock)") + count("(tip added)") > 3);
    assert!(pages.iter().any(|page| !page.removed.is_empty()));
    assert!(count("Instant payout") > 0);
    assert!(pages.iter().all(|page| !page.is_empty()));
}

#[test]
fn a_fast_rate_names_no_transaction_twice_in_a_page_and_sleep_is_not_made_up_for() {
    let mut life = life();
    let fast = Some(TimeDelta::milliseconds(1));
    drop(life.step(noon(), fast));
    let hour_later: Vec<_> = life.step(noon() + TimeDelta::hours(1), fast).into_values().flatten().collect();
    let ticks: usize = hour_later.iter().map(Page::len).sum();
    assert!((9_000..11_000).contains(&ticks), "ten seconds of them: {ticks}");
    for page in hour_later {
        let ids = page.reported.iter().map(|line| line.id).chain(page.removed.iter().copied());
        assert_eq!(ids.collect::<HashSet<_>>().len(), page.len());
        assert!(page.len() <= domain::account::Synced::MOST);
    }
}
