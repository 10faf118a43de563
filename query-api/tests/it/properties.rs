//! On a random history of a business: parts sum to figures, and causes lead from start to end, for every metric, many
//! periods and every state of knowledge.

use chrono::{Days, NaiveDate};
use domain::account::{AccountCommand, SplitCommand};
use domain::{AccountId, Kind, Sums, Transaction, TransactionId};
use query_api::figures::{Metric, Period};
use query_api::reader::{Explanation, Page, View};
use query_api::views::{AsOf, Filter, Order, Scope, TransactionRow};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rust_decimal::Decimal;

use crate::splits::noted;
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

    /// Up to three that stand are split anew, or are whole again.
    fn splits(&mut self) -> Vec<SplitCommand> {
        let mut splits = Vec::new();
        for _ in 0..self.random.gen_range(0..4) {
            if self.standing.is_empty() {
                break;
            }
            let one = self.standing[self.random.gen_range(0..self.standing.len())].clone();
            let least = Decimal::new(1, one.amount.scale());
            if self.random.gen_bool(0.2) || one.amount.abs() < least * Decimal::from(10) {
                splits.push(SplitCommand::Undo { transaction: one.id });
                continue;
            }
            let mut left = one.amount;
            let mut parts = Vec::new();
            for _ in 0..self.random.gen_range(1..4) {
                let share = Decimal::new(self.random.gen_range(1..400), 3);
                let share = (left * share).trunc_with_scale(one.amount.scale());
                if share.is_zero() {
                    continue;
                }
                left -= share;
                parts.push(self.part(share));
            }
            if parts.is_empty() {
                continue;
            }
            parts.push(self.part(left));
            splits.push(SplitCommand::Into { transaction: one.id, parts });
        }
        splits
    }

    fn part(&mut self, amount: Decimal) -> domain::account::NotedPart {
        let kind = Kind::ALL[self.random.gen_range(0..Kind::ALL.len())];
        noted(&amount.to_string(), kind, ["a", "b", "c"][self.random.gen_range(0..3)], None)
    }

    fn period(&mut self) -> Period {
        let from = self.day();
        let to = from + Days::new(self.random.gen_range(0..200));
        let month = Period::try_new(from, to).unwrap();
        if self.random.gen_bool(0.3) { query_api::figures::last_full_months(to, 1) } else { month }
    }
}

impl World {
    /// Its position once every table shows it; the head where nothing changed.
    pub async fn split(&self, account: AccountId, command: SplitCommand) -> i64 {
        self.told_to(account, AccountCommand::Split(command)).await
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
        for split in history.splits() {
            positions.push(world.split(account, split).await);
        }
    }
    (world, history, positions)
}

/// What the transactions themselves say, read with the plainest statement there is.
async fn summed_by_hand(world: &World, period: Period, position: i64) -> Vec<(Kind, Decimal, Decimal, i64)> {
    let sql = r#"with standing as (
            select id, amount, kind, decided::jsonb #> '{by,split,parts}' as parts from read.transaction
            where business = $1 and day between $2 and $3 and currency = 'EUR' and valid_from <= $4 and valid_to > $4
        ), pieces as (
            select kind, amount, 1 as count from standing where parts is null
            union all
            select part ->> 'kind', (part ->> 'amount')::numeric,
                   case row_number() over (partition by id order by abs((part ->> 'amount')::numeric) desc, nth)
                        when 1 then 1 else 0 end
            from standing cross join lateral jsonb_array_elements(parts) with ordinality as each (part, nth)
            where parts is not null
        )
        select kind, coalesce(sum(amount) filter (where amount > 0), 0),
               coalesce(-sum(amount) filter (where amount < 0), 0), sum(count)::bigint
        from pieces group by kind"#;
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

/// What a transaction, or its parts, add to one kind and category.
fn share_of(row: &TransactionRow, kind: Kind, category: &str) -> Sums {
    let parts: Vec<_> = row.parts().map(|(part, _)| part).collect();
    if parts.is_empty() {
        assert_eq!((row.kind, row.category.as_str()), (kind, category));
        return Sums::of(row.amount);
    }
    let most = parts.iter().map(|part| part.amount.abs()).max();
    let counted = parts.iter().position(|part| Some(part.amount.abs()) == most);
    let own = parts.iter().enumerate().filter(|(_, part)| part.kind == kind && part.category.as_str() == category);
    let own = own.map(|(nth, part)| Sums { count: i64::from(Some(nth) == counted), ..Sums::of(part.amount) });
    own.sum()
}

/// Each part of a figure is what its transactions add to it, split or whole, and each names an event of the log.
async fn opens_to_its_transactions(world: &World, view: &View, metric: Metric, explained: &Explanation) {
    for part in &explained.parts {
        let (kind, category) = (part.kind.unwrap(), part.category.clone().unwrap());
        let filter = Filter {
            period: explained.period,
            currency: Some(eur()),
            scope: Scope { account: None, category: Some(category.clone()) },
            kinds: Some(vec![kind]),
            sign: None,
            search: None,
            cause: None,
            changed: None,
        };
        let page = Page::try_new(500, None).unwrap();
        let page = world.reader.transactions(view, &filter, Order::Day, page).await.unwrap();
        let sums: Sums = page.rows.iter().map(|row| share_of(row, kind, &category)).sum();
        assert_eq!(metric.contribution(kind, sums), part.value, "{metric:?} {kind} {category}");
        let positions: Vec<_> = page.rows.iter().map(|row| row.valid_from).collect();
        let events = world.reader.events(view, &positions).await.unwrap();
        assert!(positions.iter().all(|position| events.iter().any(|event| event.position == *position)));
    }
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
                if metric != Metric::Balance {
                    opens_to_its_transactions(&world, &view, metric, &explained).await;
                }
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
                            metric.contribution(*kind, Sums { inflow: *inflow, outflow: *outflow, count: *count })
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
