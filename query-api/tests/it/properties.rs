//! On a random history of a business: parts sum to figures, and causes lead from start to end, for every metric, many
//! periods and every state of knowledge.

use chrono::{Days, NaiveDate};
use domain::{Kind, Transaction, TransactionId};
use query_api::figures::{Metric, Period};
use query_api::views::{AsOf, Scope};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rust_decimal::Decimal;

use crate::world::{World, eur, line};

struct History {
    random: ChaCha8Rng,
    standing: Vec<Transaction>,
    made: u32,
}

impl History {
    fn new(seed: u64) -> Self {
        Self { random: ChaCha8Rng::seed_from_u64(seed), standing: Vec::new(), made: 0 }
    }

    fn day(&mut self) -> NaiveDate {
        let first: NaiveDate = "2023-09-01".parse().unwrap();
        first + Days::new(self.random.gen_range(0..420))
    }

    fn transaction(&mut self) -> Transaction {
        self.made += 1;
        let kind = Kind::ALL[self.random.gen_range(0..Kind::ALL.len())];
        let category = ["a", "b", "c"][self.random.gen_range(0..3)];
        let amount = Decimal::new(self.random.gen_range(-500_000..500_000), self.random.gen_range(2..4));
        let day = self.day().to_string();
        let mut made = line(&format!("t{}", self.made), &day, &amount.to_string(), kind, category);
        if self.random.gen_bool(0.1) {
            made.currency = "USD".parse().unwrap();
        }
        made
    }

    /// Additions, amendments of every sort, and removals.
    fn page(&mut self) -> (Vec<Transaction>, Vec<TransactionId>) {
        let mut reported: Vec<_> = (0..self.random.gen_range(0..30)).map(|_| self.transaction()).collect();
        let mut removed = Vec::new();
        for _ in 0..self.random.gen_range(0..8) {
            if self.standing.is_empty() {
                break;
            }
            let at = self.random.gen_range(0..self.standing.len());
            let mut was = self.standing.swap_remove(at);
            let fresh = self.transaction();
            match self.random.gen_range(0..4) {
                0 => was.amount = fresh.amount,
                1 => was.booked = fresh.booked,
                2 => (was.kind, was.category) = (fresh.kind, fresh.category),
                _ => {
                    removed.push(was.id);
                    continue;
                }
            }
            reported.push(was);
        }
        self.standing.extend(reported.iter().cloned());
        (reported, removed)
    }

    fn period(&mut self) -> Period {
        let from = self.day();
        let to = from + Days::new(self.random.gen_range(0..200));
        let month = Period::try_new(from, to).unwrap();
        if self.random.gen_bool(0.3) { query_api::figures::last_full_months(to, 1) } else { month }
    }
}

async fn told(seed: u64, pages: usize) -> (World, History, Vec<i64>) {
    let (world, mut history) = (World::new().await, History::new(seed));
    let savings = world.open(world.business, "Savings").await;
    let mut other = History::new(seed ^ 0xffff);
    other.made = 1_000_000;
    let mut positions = Vec::new();
    for nth in 0..pages {
        let (account, history) = if nth % 3 == 2 { (savings, &mut other) } else { (world.account, &mut history) };
        let (reported, removed) = history.page();
        positions.push(world.bring_to(account, reported, removed).await);
    }
    (world, history, positions)
}

/// What the transactions themselves say, read with the plainest statement there is.
async fn summed_by_hand(world: &World, period: Period, position: i64) -> Vec<(Kind, Decimal, Decimal, i64)> {
    let sql = "select kind, coalesce(sum(amount) filter (where amount > 0), 0), coalesce(-sum(amount) filter (where amount < 0), 0), count(*)
        from read.transaction where business = $1 and day between $2 and $3 and currency = 'EUR'
        and valid_from <= $4 and valid_to > $4 group by kind";
    let rows: Vec<(String, Decimal, Decimal, i64)> = sqlx::query_as(sql)
        .bind(world.business.as_uuid())
        .bind(period.from())
        .bind(period.to())
        .bind(position)
        .fetch_all(&world.pool)
        .await
        .unwrap();
    rows.into_iter().map(|(kind, inflow, outflow, count)| (kind.parse().unwrap(), inflow, outflow, count)).collect()
}

#[tokio::test]
async fn parts_sum_to_the_figure_for_every_metric_period_and_state() {
    let (world, mut history, positions) = told(7, 18).await;
    for _ in 0..12 {
        let period = history.period();
        let position = positions[history.random.gen_range(0..positions.len())];
        let view = world.view(Some(AsOf::Position(position))).await;
        let by_hand = summed_by_hand(&world, period, position).await;
        for metric in Metric::ALL {
            let explained = world.reader.explain(&view, metric, period, eur(), Scope::default()).await.unwrap();
            let value = explained.figure.value;
            let part = |key: &str| explained.parts.iter().find(|part| part.key == key).map(|part| part.value);
            if metric.is_sum() {
                let sum: Decimal = explained.parts.iter().map(|part| part.value).sum();
                assert_eq!(value, Ok(sum), "{metric:?} {period:?} as of {position}");
                if metric == Metric::Balance {
                    let ever = Period::try_new("1000-01-01".parse().unwrap(), period.to()).unwrap();
                    let ever = summed_by_hand(&world, ever, position).await;
                    let net: Decimal = ever.iter().map(|(_, inflow, outflow, _)| inflow - outflow).sum();
                    assert_eq!(sum, net, "{metric:?} {period:?} as of {position}");
                } else {
                    let counted: Decimal = by_hand
                        .iter()
                        .map(|(kind, inflow, outflow, count)| {
                            metric
                                .contribution(*kind, domain::Sums { inflow: *inflow, outflow: *outflow, count: *count })
                        })
                        .sum();
                    assert_eq!(sum, counted, "{metric:?} {period:?} as of {position}");
                }
            } else if let Ok(value) = value {
                let made = match metric {
                    Metric::ProfitMargin => part("profit").unwrap() / part("revenue").unwrap(),
                    Metric::BurnRate => (explained.parts.iter().map(|part| part.value).sum::<Decimal>()
                        / Decimal::from(3))
                    .max(Decimal::ZERO),
                    Metric::AverageSale => part("sales").unwrap() / part("number_of_sales").unwrap(),
                    _ => part("balance").unwrap() / part("burn_rate").unwrap(),
                };
                let off = (made - value).abs();
                assert!(off <= Decimal::new(2, 2), "{metric:?}: {made} is not {value}");
            }
        }
    }
}

#[tokio::test]
async fn causes_lead_from_start_to_end_and_known_values_are_what_was_known() {
    let (world, mut history, positions) = told(11, 16).await;
    for _ in 0..10 {
        let period = history.period();
        let one = history.random.gen_range(0..positions.len());
        let other = history.random.gen_range(0..positions.len());
        let from = world.view(Some(AsOf::Position(positions[one.min(other)] - 1))).await;
        let to = world.view(Some(AsOf::Position(positions[one.max(other)]))).await;
        for metric in Metric::ALL {
            let changes = world.reader.changes(&from, &to, metric, period, eur()).await.unwrap();
            let explained = world.reader.explain(&to, metric, period, eur(), Scope::default()).await.unwrap();
            assert_eq!(changes.end, explained.figure.value.ok());
            if let (Some(start), Some(end)) = (changes.start, changes.end) {
                let caused: Decimal = changes.causes.iter().map(|cause| cause.value).sum();
                assert_eq!(start + caused, end, "{metric:?} {period:?} {changes:#?}");
            }
        }
        let explained = world.reader.explain(&to, Metric::Revenue, period, eur(), Scope::default()).await.unwrap();
        let known = world.reader.known_values(&to, &explained).await.unwrap();
        for pair in known.windows(2) {
            assert!(pair[0].known.position > pair[1].known.position && pair[0].value != pair[1].value);
        }
        if let Some(newest) = known.first() {
            assert_eq!(newest.value, explained.figure.value.ok());
        }
        for entry in &known {
            let view = world.view(Some(AsOf::Position(entry.known.position))).await;
            let then = world.reader.explain(&view, Metric::Revenue, period, eur(), Scope::default()).await.unwrap();
            assert_eq!(entry.value, then.figure.value.ok());
        }
    }
}
