//! Properties over random logs: any cut into batches gives the same rows, every position answers as brute force does,
//! and every table is the sum of another.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};

use domain::account::{AccountEvent, Divided, Recategorised, Redecided, Rejoined, Synced};
use domain::business::BusinessEvent;
use domain::meaning::{By, Meaning, Part};
use domain::{Amended, Category, Kind, Transaction, TransactionId};
use projectors::Metrics;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use rust_decimal::Decimal;
use streams::testing::Database;

use crate::log::{Log, account, batch, business, currency, page};
use crate::model::Model;
use crate::schema::Schema;

/// What happens to one of the transactions of an account.
#[derive(Debug, Clone)]
struct Happening {
    transaction: u8,
    minute: i64,
    is_day: bool,
    amount: i64,
    scale: u32,
    kind: u8,
    category: u8,
    remove: bool,
}

/// What comes next in the log.
#[derive(Debug, Clone)]
enum Step {
    Page {
        account: u8,
        known_until: bool,
        happenings: Vec<Happening>,
    },
    /// Transaction, kind, category, and whether it is chosen or given up.
    Meaning {
        account: u8,
        decisions: Vec<(u8, u8, u8, bool)>,
    },
    /// Transaction, and the kinds, categories and sizes of its parts; none: they are taken back.
    Split {
        account: u8,
        transaction: u8,
        parts: Vec<(u8, u8, u8)>,
    },
    Zone(u8, &'static str),
}

fn happening() -> impl Strategy<Value = Happening> {
    let amounts = (-5_000_i64..5_000, 0_u32..4);
    let place = (0_u8..12, 0_i64..200_000, any::<bool>());
    (place, amounts, 0_u8..3, 0_u8..3, prop::bool::weighted(0.25)).prop_map(
        |((transaction, minute, is_day), (amount, scale), kind, category, remove)| Happening {
            transaction,
            minute,
            is_day,
            amount,
            scale,
            kind,
            category,
            remove,
        },
    )
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let pages = (0_u8..3, any::<bool>(), prop::collection::vec(happening(), 0..8))
        .prop_map(|(account, known_until, happenings)| Step::Page { account, known_until, happenings });
    let meanings = (0_u8..3, prop::collection::vec((0_u8..12, 0_u8..7, 0_u8..3, any::<bool>()), 1..6))
        .prop_map(|(account, decisions)| Step::Meaning { account, decisions });
    let zones = (1_u8..3, prop::sample::select(vec!["Asia/Tokyo", "America/New_York", "UTC"]))
        .prop_map(|(business, zone)| Step::Zone(business, zone));
    let parts = prop::collection::vec((0_u8..7, 0_u8..3, 1_u8..9), 0..5);
    let splits = (0_u8..3, 0_u8..12, parts).prop_map(|(account, transaction, parts)| Step::Split {
        account,
        transaction,
        parts,
    });
    prop::collection::vec(prop_oneof![9 => pages, 3 => meanings, 4 => splits, 1 => zones], 1..25)
}

/// Accounts 0 and 1 are business 1's, account 2 is business 2's.
fn owner(account_number: u8) -> u32 {
    if account_number < 2 { 1 } else { 2 }
}

fn log_of(steps: &[Step]) -> Log {
    let mut log = Log::default();
    let mut standing: HashMap<TransactionId, Transaction> = HashMap::new();
    for n in 1..3 {
        log.register(business(n), "Europe/London");
    }
    for n in 0..3 {
        log.open(business(owner(n)), account(n.into()), "GBP");
    }
    for (n, step) in steps.iter().enumerate() {
        match step {
            Step::Page { account: number, known_until, happenings } => {
                let mut content = page_of(*number, happenings, &mut standing);
                content.batch = batch(u32::try_from(n / 3).unwrap());
                content.known_until = known_until.then(|| "2026-03-01".parse().unwrap());
                log.sync(business(owner(*number)), account((*number).into()), content);
            }
            Step::Meaning { account: number, decisions } => {
                if let Some(change) = recategorised(*number, decisions, &mut standing) {
                    log.account(
                        business(owner(*number)),
                        account((*number).into()),
                        &AccountEvent::Recategorised(change),
                    );
                }
            }
            Step::Split { account: number, transaction, parts } => {
                let sequence = u64::try_from(log.events.len()).unwrap();
                if let Some(event) = split((*number, *transaction), parts, sequence, &mut standing) {
                    log.account(business(owner(*number)), account((*number).into()), &event);
                }
            }
            Step::Zone(number, zone) => {
                let event = BusinessEvent::TimeZoneChanged { time_zone: zone.parse().unwrap() };
                log.business(business((*number).into()), &event);
            }
        }
    }
    log
}

/// Adds, amends and removes as the account would; each transaction at most once.
fn page_of(number: u8, happenings: &[Happening], standing: &mut HashMap<TransactionId, Transaction>) -> Synced {
    let mut content = page();
    let mut seen = Vec::new();
    for happening in happenings {
        let id = TransactionId::derive([[number, happening.transaction].as_slice()]);
        if seen.contains(&id) {
            continue;
        }
        seen.push(id);
        let now = revision(id, happening);
        match standing.remove(&id) {
            Some(was) if happening.remove => content.removed.push(was),
            Some(was) => {
                let now = now.after(&was);
                standing.insert(id, now.clone());
                content.amended.push(Amended::new(was, now));
            }
            None => {
                standing.insert(id, now.clone());
                content.added.push(now);
            }
        }
    }
    content
}

/// Decides as the account would; each transaction at most once.
fn recategorised(
    number: u8,
    decisions: &[(u8, u8, u8, bool)],
    standing: &mut HashMap<TransactionId, Transaction>,
) -> Option<Recategorised> {
    let mut transactions = Vec::new();
    let mut seen = Vec::new();
    for (transaction, kind, category, chosen) in decisions {
        let id = TransactionId::derive([[number, *transaction].as_slice()]);
        let Some(was) = standing.get(&id).cloned().filter(|_| !seen.contains(&id)) else { continue };
        seen.push(id);
        let to = Meaning { kind: Kind::ALL[usize::from(*kind)], category: category_of(*category) };
        let now = was.clone().redecided(chosen.then_some((to, By::Choice)));
        standing.insert(id, now.clone());
        transactions.push(Redecided::new(&was, now));
    }
    (!transactions.is_empty()).then_some(Recategorised { transactions, note: None })
}

/// Splits as the account would: the parts are as large as they are said to be, and the last one is what is left.
fn split(
    (number, transaction): (u8, u8),
    parts: &[(u8, u8, u8)],
    sequence: u64,
    standing: &mut HashMap<TransactionId, Transaction>,
) -> Option<AccountEvent> {
    let id = TransactionId::derive([[number, transaction].as_slice()]);
    let was = standing.get(&id)?.clone();
    let now = match parts.split_last() {
        None | Some((_, [])) => was.clone().undivided(),
        Some((last, others)) => {
            let all: u8 = parts.iter().map(|(.., size)| size).sum();
            let mut left = was.amount;
            let mut made: Vec<Part> = Vec::new();
            for (kind, category, size) in others {
                let share =
                    (was.amount * Decimal::from(*size) / Decimal::from(all)).trunc_with_scale(was.amount.scale());
                left -= share;
                made.push(part(share, *kind, *category));
            }
            made.push(part(left, last.0, last.1));
            if made.iter().any(|part| part.amount.is_zero()) {
                return None;
            }
            was.clone().divided(made, sequence)
        }
    };
    if now == was {
        return None;
    }
    standing.insert(id, now.clone());
    let notes = vec![None; now.parts().len()];
    let changed = Box::new(Redecided::new(&was, now));
    Some(match notes.is_empty() {
        true => AccountEvent::Unsplit(Rejoined { transaction: id, changed }),
        false => AccountEvent::Split(Divided { transaction: id, changed, notes }),
    })
}

fn part(amount: Decimal, kind: u8, category: u8) -> Part {
    Part { amount, kind: Kind::ALL[usize::from(kind)], category: category_of(category) }
}

fn category_of(number: u8) -> Category {
    ["rent", "product_sale", "bank_fee"][usize::from(number)].parse().unwrap()
}

fn revision(id: TransactionId, happening: &Happening) -> Transaction {
    let moment = crate::log::known_at(happening.minute);
    let booked = if happening.is_day { moment.date_naive().to_string() } else { moment.to_rfc3339() };
    Transaction {
        id,
        booked: booked.parse().unwrap(),
        value_date: None,
        pending: false,
        amount: Decimal::new(happening.amount, happening.scale),
        currency: currency(["GBP", "EUR", "JPY"][usize::from(happening.category)]),
        kind: Kind::ALL[usize::from(happening.kind)],
        category: category_of(happening.category),
        provider_category: None,
        decided: None,
        description: None,
        counterparty: Some("Ann & Söhne\t\\N".into()),
        reference: None,
        line: None,
    }
}

static CASE: AtomicU32 = AtomicU32::new(0);

/// Runs a property on random logs, with the log and the name of a fresh schema.
fn check<F: Future<Output = Result<(), TestCaseError>>>(property: impl Fn(Log, Vec<usize>, String, sqlx::PgPool) -> F) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let database = runtime.block_on(Database::create());
    let config = ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() };
    let cuts = prop::collection::vec(1_usize..9, 1..6);
    TestRunner::new(config)
        .run(&(steps(), cuts), |(steps, cuts)| {
            let name = format!("case_{}", CASE.fetch_add(1, Ordering::Relaxed));
            runtime.block_on(property(log_of(&steps), cuts, name, database.pool()))
        })
        .unwrap();
}

/// Writes batches whose sizes repeat `cuts`.
async fn write_cut(schema: &Schema, metrics: &Metrics, log: &Log, cuts: &[usize], forgetful: bool) {
    let mut rest = log.events.as_slice();
    for size in cuts.iter().cycle() {
        let (batch, later) = rest.split_at((*size).min(rest.len()));
        schema.write(metrics, batch).await.unwrap();
        if forgetful {
            streams::projection::Projection::forget(metrics);
        }
        rest = later;
        if rest.is_empty() {
            break;
        }
    }
}

#[test]
fn any_cut_into_batches_gives_the_same_rows() {
    check(|log, cuts, name, pool| async move {
        let metrics = Metrics::new();
        let at_once = Schema::create(&pool, &format!("{name}_once"), &metrics).await;
        at_once.write(&metrics, &log.events).await.unwrap();
        let expected = at_once.dump(&metrics).await;

        let metrics = Metrics::new();
        let remembering = Schema::create(&pool, &format!("{name}_cut"), &metrics).await;
        write_cut(&remembering, &metrics, &log, &cuts, false).await;
        prop_assert_eq!(&remembering.dump(&metrics).await, &expected);

        let metrics = Metrics::new().without_copy();
        let forgetful = Schema::create(&pool, &format!("{name}_forget"), &metrics).await;
        write_cut(&forgetful, &metrics, &log, &cuts, true).await;
        prop_assert_eq!(&forgetful.dump(&metrics).await, &expected);
        Ok(())
    });
}

#[test]
fn every_position_answers_as_brute_force_does() {
    check(|log, cuts, name, pool| async move {
        let metrics = Metrics::new();
        let schema = Schema::create(&pool, &name, &metrics).await;
        write_cut(&schema, &metrics, &log, &cuts, false).await;
        for position in [0, log.head() / 3, log.head() / 2, log.head() - 1, log.head()] {
            let model = Model::at(&log.events, position);
            for owner in [business(1), business(2)] {
                let mut figures = schema.figures(owner, position).await;
                figures.retain(|figure| !figure.contains("|cause|"));
                prop_assert_eq!(figures, model.figures(owner), "as of {} of {}", position, log.head());
            }
        }
        Ok(())
    });
}

/// Rows that one of two relations has and the other has not.
async fn differences(schema: &Schema, one: &str, other: &str) -> i64 {
    let statement = format!("select count(*) from (({one} except {other}) union all ({other} except {one})) d");
    let statement = statement.replace("metrics.", &format!("{}.", schema.name));
    sqlx::query_scalar(&statement).fetch_one(&schema.pool).await.unwrap()
}

#[test]
fn every_table_is_the_sum_of_another() {
    check(|log, cuts, name, pool| async move {
        let metrics = Metrics::new();
        let schema = Schema::create(&pool, &name, &metrics).await;
        write_cut(&schema, &metrics, &log, &cuts, false).await;
        let keys = "business, day, account, category, kind, currency";
        let daily = format!("select {keys}, amount_in, amount_out, count from metrics.metric_daily");
        let of_deltas = format!(
            "select {keys}, sum(amount_in), sum(amount_out), sum(count) from metrics.metric_delta
             group by {keys} having (sum(amount_in), sum(amount_out), sum(count)) <> (0, 0, 0)"
        );
        let of_transactions = format!(
            "select {keys}, sum(greatest(amount, 0)), sum(greatest(-amount, 0)), sum(count) from (
                select business, day, account, currency, kind, category, amount, 1 as count from metrics.transaction
                where valid_to = 9223372036854775807 and decided not like '{{\"by\":{{\"split\"%' is not false
                union all
                select business, day, account, currency, part ->> 'kind', part ->> 'category',
                       (part ->> 'amount')::numeric,
                       case row_number() over (partition by id order by abs((part ->> 'amount')::numeric) desc, nth)
                            when 1 then 1 else 0 end
                from metrics.transaction cross join lateral
                     jsonb_array_elements(decided::jsonb -> 'by' -> 'split' -> 'parts') with ordinality as parts (part, nth)
                where valid_to = 9223372036854775807 and decided like '{{\"by\":{{\"split\"%') pieces
             group by {keys}"
        );
        let as_moved = "select business, day, account, currency, sum(greatest(amount, 0)), sum(greatest(-amount, 0)),
                count(*) from metrics.transaction where valid_to = 9223372036854775807 group by 1, 2, 3, 4";
        let as_told = "select business, day, account, currency, sum(amount_in), sum(amount_out), sum(count)
             from metrics.metric_daily group by 1, 2, 3, 4";
        prop_assert_eq!(differences(&schema, &daily, &of_deltas).await, 0);
        prop_assert_eq!(differences(&schema, &daily, &of_transactions).await, 0);
        // Whatever the parts are: the money and the transactions of a day and an account are what they were.
        prop_assert_eq!(differences(&schema, as_told, as_moved).await, 0);

        let by_cause = "select c.business, c.bucket, c.key, c.kind, c.currency, v.amount_in, v.amount_out, v.count
             from metrics.metric_cell c cross join lateral (
                select * from metrics.metric_version w where w.cell = c.id order by w.position desc limit 1) v
             where c.grain = 'quarter' and c.dim = 'cause' and (v.amount_in, v.amount_out, v.count) <> (0, 0, 0)";
        let of_deltas = "select business, date_trunc('quarter', day::timestamp)::date, cause, kind, currency,
                sum(amount_in), sum(amount_out), sum(count) from metrics.metric_delta group by 1, 2, 3, 4, 5
             having (sum(amount_in), sum(amount_out), sum(count)) <> (0, 0, 0)";
        prop_assert_eq!(differences(&schema, by_cause, of_deltas).await, 0);
        Ok(())
    });
}
