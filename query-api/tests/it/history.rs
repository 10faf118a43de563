//! A random history of a business, told page by page, and what its transactions sum to by hand.

use chrono::{DateTime, Days, Duration, Months, NaiveDate, Utc};
use domain::account::{AccountCommand, SplitCommand};
use domain::{AccountId, Kind, Sums, Transaction, TransactionId};
use query_api::figures::{KindSums, Metric, Operands, Period, Undefined, last_full_months, month_end, month_start};
use query_api::reader::View;
use query_api::views::{AsOf, Scope};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rust_decimal::Decimal;

use crate::splits::noted;
use crate::world::{World, line};

pub struct History {
    pub random: ChaCha8Rng,
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

    pub fn period(&mut self) -> Period {
        let from = self.day();
        let to = from + Days::new(self.random.gen_range(0..200));
        let month = Period::try_new(from, to).unwrap();
        if self.random.gen_bool(0.3) { last_full_months(to, 1) } else { month }
    }
}

impl History {
    /// Whole months with a day in them, most of them not over on it.
    pub fn period_around(&mut self, day: NaiveDate) -> Period {
        let from = month_start(day) - Months::new(self.random.gen_range(0..3));
        Period::try_new(from, month_end(day + Days::new(self.random.gen_range(0..40)))).unwrap()
    }
}

impl World {
    /// Its position once every table shows it; the head where nothing changed.
    pub async fn split(&self, account: AccountId, command: SplitCommand) -> i64 {
        self.told_to(account, AccountCommand::Split(command)).await
    }
}

/// A world in which it was told, and the positions at which its state changed.
pub async fn told(seed: u64, pages: usize) -> (World, History, Vec<i64>) {
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

impl World {
    /// As if each of these states had been known ten days after the one before, at noon, from January 2024 on.
    pub async fn date_back(&self, positions: &[i64]) -> Vec<DateTime<Utc>> {
        let first: DateTime<Utc> = "2024-01-01T12:00:00Z".parse().unwrap();
        let known = |nth: usize| first + Duration::days(10 * i64::try_from(nth).unwrap());
        sqlx::raw_sql("alter table store.log disable trigger all").execute(&self.pool).await.unwrap();
        let mut after = 0;
        for (nth, position) in positions.iter().enumerate() {
            sqlx::query("update store.log set known_at = $1 where position > $2 and position <= $3")
                .bind(known(nth))
                .bind(after)
                .bind(position)
                .execute(&self.pool)
                .await
                .unwrap();
            after = *position;
        }
        (0..positions.len()).map(known).collect()
    }
}

/// The three ways to ask for one state of knowledge.
pub fn ways(position: i64, known: DateTime<Utc>) -> [AsOf; 3] {
    [AsOf::Position(position), AsOf::Moment(known + Duration::hours(1)), AsOf::Date(known.date_naive())]
}

/// All days up to one.
pub fn until(day: NaiveDate) -> Period {
    Period::try_new("1000-01-01".parse().unwrap(), day).unwrap()
}

/// What the figure has to be: from the transactions themselves, and only of months that were over on the view's day.
pub async fn figure_by_hand(
    world: &World,
    view: &View,
    metric: Metric,
    period: Period,
    scope: &Scope,
) -> Result<Decimal, Undefined> {
    let period = period.running_until(view.day);
    let sums = async |period: Period| summed_by_hand(world, view.known.position, period, scope).await;
    let quarter = last_full_months(period.to().min(view.day), 3);
    let reaches_back = sums(until(month_end(quarter.from()))).await;
    metric.value(&Operands {
        period: sums(period).await,
        closing: sums(until(period.to())).await,
        quarter: sums(quarter).await,
        three_months_known: reaches_back.total().count > 0,
    })
}

/// What the transactions themselves say, read with the plainest statement there is.
async fn summed_by_hand(world: &World, position: i64, period: Period, scope: &Scope) -> KindSums {
    let sql = r#"with standing as (
            select id, amount, kind, category, decided::jsonb #> '{by,split,parts}' as parts from read.transaction
            where business = $1 and day between $2 and $3 and currency = 'EUR' and valid_from <= $4 and valid_to > $4
              and ($5::uuid is null or account = $5)
        ), pieces as (
            select kind, category, amount, 1 as count from standing where parts is null
            union all
            select part ->> 'kind', part ->> 'category', (part ->> 'amount')::numeric,
                   case row_number() over (partition by id order by abs((part ->> 'amount')::numeric) desc, nth)
                        when 1 then 1 else 0 end
            from standing cross join lateral jsonb_array_elements(parts) with ordinality as each (part, nth)
            where parts is not null
        )
        select kind, coalesce(sum(amount) filter (where amount > 0), 0),
               coalesce(-sum(amount) filter (where amount < 0), 0), sum(count)::bigint
        from pieces where $6::text is null or category = $6 group by kind"#;
    let rows: Vec<(String, Decimal, Decimal, i64)> = sqlx::query_as(sql)
        .bind(world.business.as_uuid())
        .bind(period.from())
        .bind(period.to())
        .bind(position)
        .bind(scope.account.map(AccountId::as_uuid))
        .bind(scope.category.as_deref())
        .fetch_all(&world.pool)
        .await
        .unwrap();
    let mut all = KindSums::default();
    for (kind, inflow, outflow, count) in rows {
        all.put(kind.parse().unwrap(), Sums { inflow, outflow, count });
    }
    all
}
