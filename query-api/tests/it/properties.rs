//! On random histories of a business: parts sum to figures and open down to their transactions, every way to a figure
//! tells the same one, and causes lead from start to end, for every metric and many periods and states of knowledge.

use domain::{AccountId, Kind, Sums};
use query_api::figures::{Comparison, KindSums, Metric, Period, Terms};
use query_api::reader::{Explanation, Page, View};
use query_api::views::{AsOf, Filter, Order, Scope, TransactionRow};
use rand::Rng;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::history::{figure_by_hand, told, until, ways};
use crate::world::{World, eur};

const SEEDS: [u64; 3] = [7, 11, 2024];

/// What a transaction, or its parts, add to kinds in a category (each, where none is given).
fn shares_of(row: &TransactionRow, category: Option<&str>) -> KindSums {
    let mut shares = KindSums::default();
    let parts: Vec<_> = row.parts().map(|(part, _)| part).collect();
    if parts.is_empty() {
        assert!(category.is_none_or(|category| row.category == category));
        shares.put(row.kind, Sums::of(row.amount));
    }
    let most = parts.iter().map(|part| part.amount.abs()).max();
    let counted = parts.iter().position(|part| Some(part.amount.abs()) == most);
    for (nth, part) in parts.iter().enumerate() {
        if category.is_none_or(|category| part.category.as_str() == category) {
            shares.put(part.kind, Sums { count: i64::from(Some(nth) == counted), ..Sums::of(part.amount) });
        }
    }
    shares
}

/// Which transactions a part is opened to.
struct Opened {
    period: Period,
    account: Option<AccountId>,
    category: Option<String>,
    kinds: Option<Vec<Kind>>,
}

impl World {
    /// What they add up to, each of them with an event of the log.
    async fn sums_of(&self, view: &View, opened: Opened) -> KindSums {
        let Opened { period, account, category, kinds } = opened;
        let filter = Filter {
            period,
            currency: Some(eur()),
            scope: Scope { account, category: category.clone() },
            kinds,
            sign: None,
            search: None,
            cause: None,
            changed: None,
            payout: None,
        };
        let page = Page::try_new(500, None).unwrap();
        let page = self.reader.transactions(view, &filter, Order::Day, page).await.unwrap();
        assert!(!page.has_next, "a history of a few hundred lines");
        let positions: Vec<_> = page.rows.iter().map(|row| row.valid_from).collect();
        let events = self.reader.events(view, &positions).await.unwrap();
        assert!(positions.iter().all(|position| events.iter().any(|event| event.position == *position)));
        page.rows.iter().fold(KindSums::default(), |sums, row| sums + shares_of(row, category.as_deref()))
    }
}

fn rounded(value: Decimal, places: u32) -> Decimal {
    value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
}

/// Each part of a sum is what its transactions add to it, split or whole; all of them are the figure.
async fn a_sum_opens(world: &World, view: &View, explained: &Explanation) {
    let (metric, scope) = (explained.figure.metric, &explained.scope);
    for part in &explained.parts {
        let opened = if metric == Metric::Balance {
            let category = scope.category.clone();
            Opened { period: until(explained.period.to()), account: part.account, category, kinds: None }
        } else {
            let kinds = Some(vec![part.kind.unwrap()]);
            Opened { period: explained.period, account: scope.account, category: part.category.clone(), kinds }
        };
        let sums = world.sums_of(view, opened).await;
        let counts = |kind: &Kind| part.kind.is_none_or(|own| own == *kind);
        let value: Decimal =
            sums.iter().filter(|(kind, _)| counts(kind)).map(|(kind, sums)| metric.contribution(kind, sums)).sum();
        assert_eq!(value, part.value, "{metric:?} {}", part.key);
    }
    let sum: Decimal = explained.parts.iter().map(|part| part.value).sum();
    assert_eq!(explained.figure.value, Ok(sum), "{metric:?} {:?}", explained.period);
}

/// Each part of a quotient is what its transactions add up to, and the formula over the parts is the figure.
async fn a_quotient_opens(world: &World, view: &View, explained: &Explanation) {
    let Scope { account, category } = explained.scope.clone();
    let opened =
        |period: Period, kinds: Option<Vec<Kind>>| Opened { period, account, category: category.clone(), kinds };
    let operating = || Some(Kind::ALL.into_iter().filter(|kind| kind.is_operating()).collect());
    let part = |key: &str| explained.parts.iter().find(|part| part.key == key).unwrap().value;
    let value = explained.figure.value;
    let three = Decimal::from(3);
    match explained.figure.metric {
        Metric::ProfitMargin => {
            let sums = world.sums_of(view, opened(explained.period, operating())).await;
            assert_eq!((part("profit"), part("revenue")), (sums.profit(), sums.revenue()));
            let defined = sums.revenue() > Decimal::ZERO;
            assert_eq!(value.ok(), defined.then(|| rounded(sums.profit() / sums.revenue(), 6)));
        }
        Metric::AverageSale => {
            let sales =
                world.sums_of(view, opened(explained.period, Some(vec![Kind::Revenue]))).await.get(Kind::Revenue);
            assert_eq!((part("sales"), part("number_of_sales")), (sales.inflow, Decimal::from(sales.count)));
            let defined = sales.count > 0;
            assert_eq!(value.ok(), defined.then(|| rounded(sales.inflow / Decimal::from(sales.count), 4)));
        }
        Metric::BurnRate => {
            for part in &explained.parts {
                let month = format!("{}-01", part.key).parse().unwrap();
                let month = Period::try_new(month, query_api::figures::month_end(month)).unwrap();
                assert!(month.to() <= view.day, "a month that was not over is not full");
                let sums = world.sums_of(view, opened(month, operating())).await;
                assert_eq!(part.value, -sums.operating().net(), "{}", part.key);
            }
            let burned: Decimal = explained.parts.iter().map(|part| part.value).sum();
            if let Ok(value) = value {
                assert_eq!(value, rounded(burned.max(Decimal::ZERO) / three, 4));
            }
        }
        _ => {
            let sums = world.sums_of(view, opened(until(explained.period.to()), None)).await;
            assert_eq!(part("balance"), sums.total().net());
            let (terms, scope) = (explained.terms, explained.scope.clone());
            let burn = world.reader.explain(view, Metric::BurnRate, explained.period, terms, scope).await.unwrap();
            assert_eq!(part("burn_rate"), burn.figure.value.unwrap_or_default());
            if let Ok(value) = value {
                let burned: Decimal = burn.parts.iter().map(|part| part.value).sum();
                assert_eq!(value, rounded(part("balance").max(Decimal::ZERO) * three / burned, 2));
            }
        }
    }
}

#[tokio::test]
async fn figures_open_to_their_transactions_for_every_metric_period_state_and_scope() {
    for seed in SEEDS {
        let (world, mut history, positions) = told(seed, 12).await;
        let known = world.date_back(&positions).await;
        let accounts = world.reader.accounts(&world.view(None).await).await.unwrap();
        for nth in 0..6 {
            let period = history.period();
            let at = history.random.gen_range(0..positions.len());
            let as_of = ways(positions[at], known[at])[nth % 3];
            let view = world.view(Some(as_of)).await;
            let account = (nth % 4 >= 2).then(|| accounts[nth % accounts.len()].id);
            let scope = Scope { account, category: (nth % 2 == 1).then(|| "b".to_owned()) };
            for metric in Metric::ALL {
                let explained = world.reader.explain(&view, metric, period, eur(), scope.clone()).await.unwrap();
                let by_hand = figure_by_hand(&world, &view, metric, period, &scope).await;
                assert_eq!(explained.figure.value, by_hand, "{seed} {metric:?} {period:?} {as_of:?} {scope:?}");
                if metric.is_sum() {
                    a_sum_opens(&world, &view, &explained).await;
                } else {
                    a_quotient_opens(&world, &view, &explained).await;
                }
            }
        }
    }
}

/// A period that is running as of the view is of the same days wherever its figure is told.
#[tokio::test]
async fn a_summary_an_explanation_and_changes_tell_the_same_figure() {
    let mut running = 0;
    for seed in SEEDS {
        let (world, mut history, positions) = told(seed, 8).await;
        let known = world.date_back(&positions).await;
        for nth in 0..6 {
            let at = history.random.gen_range(0..positions.len());
            let [position, moment, date] = ways(positions[at], known[at]);
            // Whole months around the view's day, for every other one.
            let period = if nth % 2 == 0 { history.period() } else { history.period_around(known[at].date_naive()) };
            for as_of in [position, moment, date] {
                let view = world.view(Some(as_of)).await;
                let from = world.view(Some(AsOf::Position(positions[at / 2]))).await;
                running += i32::from(period.contains(view.day) && view.day < period.to());
                for terms in [Terms::from(eur()), Terms::all_in(eur())] {
                    let summary = world.reader.summary(&view, period, Comparison::PreviousPeriod, terms).await.unwrap();
                    for shown in &summary.figures {
                        let (metric, value) = (shown.figure.metric, shown.figure.value);
                        let case = format!("{seed} {metric:?} {period:?} {as_of:?}");
                        let explained =
                            world.reader.explain(&view, metric, period, terms, Scope::default()).await.unwrap();
                        assert_eq!((explained.figure.value, explained.period), (value, summary.period), "{case}");
                        let changes = world.reader.changes(&from, &view, metric, period, terms).await.unwrap();
                        assert_eq!((changes.end, changes.period), (value.ok(), summary.period), "{case}");
                        let known = world.reader.known_values(&view, &explained).await.unwrap();
                        assert!(known.first().is_none_or(|newest| newest.value == value.ok()), "{case}");
                    }
                }
            }
        }
    }
    assert!(running > 10, "some periods were running as of their views, {running}");
}

#[tokio::test]
async fn causes_lead_from_start_to_end_and_known_values_are_what_was_known() {
    for seed in SEEDS {
        causes_lead(seed).await;
    }
}

async fn causes_lead(seed: u64) {
    let (world, mut history, positions) = told(seed, 10).await;
    for _ in 0..4 {
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
