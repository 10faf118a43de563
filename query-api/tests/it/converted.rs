//! Money of several currencies told in the base currency.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate, Utc};
use domain::rates::{KnownRate, Quoted, RateBook, RateSource};
use domain::{Cause, Currency, Kind, Sums, Transaction};
use query_api::figures::{Bucket, Comparison, KindSums, Lack, Metric, Operands, Period, Terms, Undefined};
use query_api::reader::{Explanation, SeriesQuery, View};
use query_api::views::{AsOf, Scope};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rust_decimal::Decimal;
use serde_json::json;
use streams::Meta;

use crate::world::{World, eur, rent, sale};

fn currency(code: &str) -> Currency {
    code.parse().unwrap()
}

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn march() -> Period {
    Period::try_new(day("2026-03-01"), day("2026-03-31")).unwrap()
}

fn base() -> Terms {
    Terms::all_in(eur())
}

fn quoted(on: &str, quote: &str, rate: &str) -> Quoted {
    Quoted { day: day(on), base: eur(), quote: currency(quote), rate: dec(rate) }
}

fn in_currency(mut line: Transaction, code: &str) -> Transaction {
    line.currency = currency(code);
    line
}

impl World {
    /// Its position once every table shows it.
    pub async fn rate(&self, source: RateSource, rates: &[Quoted]) -> i64 {
        let meta = Meta::new(self.business, "owner");
        let recorded =
            self.commands.record_rates(self.business, source, rates, Some("As agreed"), (Utc::now(), &meta)).await;
        let mut position = 0;
        for receipt in &recorded.unwrap().receipts {
            position = self.commands.position_of(receipt).await.unwrap().unwrap().last;
        }
        streams::projection::wait_for(&self.pool, "metrics", position, std::time::Duration::from_secs(60))
            .await
            .unwrap();
        position
    }

    async fn explained(&self, view: &View, metric: Metric) -> Explanation {
        self.reader.explain(view, metric, march(), base(), Scope::default()).await.unwrap()
    }
}

#[tokio::test]
async fn each_amount_is_told_at_the_rate_of_its_day_and_the_parts_say_how() {
    let world = World::new().await;
    world.rate(RateSource::Ecb, &[quoted("2026-03-06", "USD", "1.25"), quoted("2026-03-09", "USD", "1.6")]).await;
    let lines = vec![
        sale("home", "2026-03-02", "10"),
        in_currency(sale("friday", "2026-03-06", "100"), "USD"),
        in_currency(sale("sunday", "2026-03-08", "50"), "USD"),
        in_currency(sale("monday", "2026-03-09", "16"), "USD"),
        in_currency(rent("rent", "2026-03-09", "-8"), "USD"),
    ];
    world.bring(lines, Vec::new()).await;
    let view = world.view(None).await;
    let revenue = world.explained(&view, Metric::Revenue).await;
    assert_eq!(revenue.figure.value, Ok(dec("140")), "10 + 80 + 40 + 10");
    let told: Vec<_> = revenue.originals.iter().map(|one| (one.currency.code(), one.amount, one.value)).collect();
    assert_eq!(told, [("EUR", dec("10"), Some(dec("10"))), ("USD", dec("166"), Some(dec("130")))]);
    let days = world.reader.conversions(&view, &revenue, currency("USD"), None).await.unwrap();
    let told: Vec<_> = days.iter().map(|one| (one.day.to_string(), one.amount, one.value)).collect();
    let expected = [("2026-03-09", "16", "10"), ("2026-03-08", "50", "40"), ("2026-03-06", "100", "80")];
    assert_eq!(told, expected.map(|(on, amount, value)| (on.to_owned(), dec(amount), Some(dec(value)))));
    let used = days[1].conversion.unwrap();
    assert_eq!(
        (used.factor, used.first.day, used.first.known.source),
        (dec("0.8"), day("2026-03-06"), RateSource::Ecb)
    );
    let own = world.reader.explain(&view, Metric::Revenue, march(), eur(), Scope::default()).await.unwrap();
    assert_eq!((own.figure.value, own.originals.len()), (Ok(dec("10")), 0), "its own money alone, as before");
    assert_eq!(world.explained(&view, Metric::Balance).await.figure.value, Ok(dec("135")));
    assert_eq!(world.explained(&view, Metric::Count).await.figure.value, Ok(dec("5")));
}

#[tokio::test]
async fn what_lacks_a_rate_is_said_and_never_smaller() {
    let world = World::new().await;
    world.rate(RateSource::Ecb, &[quoted("2026-03-06", "USD", "1.25")]).await;
    let lines = vec![
        sale("home", "2026-03-02", "10"),
        in_currency(sale("in time", "2026-03-13", "100"), "USD"),
        in_currency(sale("too late", "2026-03-14", "50"), "USD"),
        in_currency(rent("pounds", "2026-03-02", "-8"), "GBP"),
    ];
    world.bring(lines, Vec::new()).await;
    let view = world.view(None).await;
    let lack = Lack { day: day("2026-03-14"), currency: currency("USD") };
    let revenue = world.explained(&view, Metric::Revenue).await;
    assert_eq!(revenue.figure.value, Err(Undefined::NoRate(lack)));
    assert!(revenue.figure.value.unwrap_err().to_string().contains("USD moved on 2026-03-14"));
    assert_eq!(revenue.originals.iter().find(|one| one.currency == currency("USD")).unwrap().value, None);
    let summary = world.reader.summary(&view, march(), Comparison::PreviousPeriod, base()).await.unwrap();
    let value = |metric| summary.figures.iter().find(|one| one.figure.metric == metric).unwrap().figure.value;
    assert!(value(Metric::Expenses).is_err() && value(Metric::Profit).is_err() && value(Metric::Balance).is_err());
    assert_eq!(value(Metric::Count), Ok(dec("4")));
    assert_eq!(summary.lacking, [Lack { day: day("2026-03-02"), currency: currency("GBP") }, lack]);
    let without = world.reader.days_without_rate(&view).await.unwrap();
    let without: Vec<_> = without.iter().map(|one| (one.currency.code(), one.day.to_string(), one.count)).collect();
    assert_eq!(without, [("GBP", "2026-03-02".to_owned(), 1), ("USD", "2026-03-14".to_owned(), 1)]);
    let by_day =
        SeriesQuery { period: march(), bucket: Bucket::Day, by: None, scope: Scope::default(), currency: Some(base()) };
    let series = world.reader.series(&view, &by_day).await.unwrap();
    let on = |nth: usize| series.points[nth - 1].amount(Metric::Revenue);
    assert_eq!((on(13), on(14), on(15)), (Some(dec("80.00")), None, Some(dec("0.00"))));
    let balances = world.reader.balances(&view, march(), base()).await.unwrap();
    assert!(balances.total.iter().all(|point| point.balance.is_none() == (point.day >= day("2026-03-02"))));
}

#[tokio::test]
async fn a_corrected_rate_is_a_cause_of_its_own_and_what_was_known_stays() {
    let world = World::new().await;
    world.rate(RateSource::Ecb, &[quoted("2026-03-06", "USD", "1.25"), quoted("2026-03-06", "GBP", "0.5")]).await;
    world.bring(vec![in_currency(sale("one", "2026-03-06", "100"), "USD")], Vec::new()).await;
    let before = world.view(None).await;
    world.bring(vec![in_currency(sale("two", "2026-03-07", "10"), "USD")], Vec::new()).await;
    let corrected = world.rate(RateSource::Manual, &[quoted("2026-03-06", "USD", "2")]).await;
    let now = world.view(None).await;
    assert_eq!(world.explained(&now, Metric::Revenue).await.figure.value, Ok(dec("55")));
    let then = world.view(Some(AsOf::Position(corrected - 1))).await;
    assert_eq!(world.explained(&then, Metric::Revenue).await.figure.value, Ok(dec("88")));
    let never = world.view(Some(AsOf::Position(before.known.position - 2))).await;
    assert_eq!(world.explained(&never, Metric::Revenue).await.figure.value, Ok(Decimal::ZERO), "nothing was known");
    let changes = world.reader.changes(&before, &now, Metric::Revenue, march(), base()).await.unwrap();
    assert_eq!((changes.start, changes.end), (Some(dec("80")), Some(dec("55"))));
    let told: Vec<_> = changes.causes.iter().map(|cause| (cause.cause, cause.value, cause.count)).collect();
    assert_eq!(told, [(Cause::New, dec("5"), 1), (Cause::ExchangeRate, dec("-30"), 0)]);
    let revenue = world.explained(&now, Metric::Revenue).await;
    let history = world.reader.known_values(&now, &revenue).await.unwrap();
    let told: Vec<_> = history.iter().map(|known| (known.value, known.cause)).collect();
    assert_eq!(
        told,
        [
            (Some(dec("55")), Some(Cause::ExchangeRate)),
            (Some(dec("88")), Some(Cause::New)),
            (Some(dec("80")), Some(Cause::New))
        ]
    );
    let listed = world.reader.rates(&now, None, None, 30).await.unwrap();
    let dollar = listed.iter().find(|rate| rate.quote == currency("USD")).unwrap();
    assert_eq!(
        (dollar.rate, dollar.replaced, dollar.note.as_deref()),
        (dec("2"), Some(dec("1.25")), Some("As agreed"))
    );
    let moved = async |position: i64| {
        let moved = "query($id: UUID!, $at: Position!) {
            business(id: $id) { moved(position: $at) { month kind currency cause in out count } } }";
        let data = world.data(moved, json!({ "id": world.business, "at": position })).await;
        data["business"]["moved"].clone()
    };
    let month = json!({ "month": "2026-03-01", "kind": "REVENUE", "currency": "EUR", "cause": "EXCHANGE_RATE",
        "in": "-33.00", "out": "0.00", "count": 0 });
    assert_eq!(moved(corrected).await, json!([month]), "110 dollars at half their worth instead of four fifths");
    assert_eq!(moved(before.known.position - 1).await, json!([]), "there was no money yet");
}

#[tokio::test]
async fn the_edges_tell_the_same() {
    let world = World::new().await;
    world.rate(RateSource::Ecb, &[quoted("2026-03-06", "USD", "1.25")]).await;
    world.bring(vec![in_currency(sale("one", "2026-03-06", "100"), "USD")], Vec::new()).await;
    let query = "query ($b: UUID!, $p: PeriodInput!) { business(id: $b) {
        summary(period: $p, currency: \"BASE\") { currency otherCurrencies lacking { day } figures { metric value } }
        explain(metric: REVENUE, period: $p, currency: \"BASE\") {
            figure { value } originals { currency amount value }
            conversions(currency: \"USD\") { day amount value factor rates { base quote rate day source divides } } }
        exchangeRates { day base quote rate source note } daysWithoutRate { day } } }";
    let variables = json!({ "b": world.business, "p": { "from": "2026-03-01", "to": "2026-03-31" } });
    let business = &world.data(query, variables).await["business"];
    assert_eq!(business["summary"]["figures"][0]["value"], "80.00");
    assert_eq!(business["summary"]["otherCurrencies"], json!([]));
    assert_eq!(business["explain"]["originals"], json!([{ "currency": "USD", "amount": "100.00", "value": "80.00" }]));
    let day = &business["explain"]["conversions"][0];
    assert_eq!(
        day["rates"][0],
        json!({ "base": "EUR", "quote": "USD", "rate": "1.25", "day": "2026-03-06", "source": "ECB", "divides": true })
    );
    assert_eq!((day["factor"].as_str(), day["value"].as_str()), (Some("0.8"), Some("80.00")));
    assert_eq!(business["exchangeRates"][0]["rate"], "1.25");
    let asked = "metric=revenue&from=2026-03-01&to=2026-03-31&currency=BASE";
    let (_, _, body) = world.get(&format!("/api/v1/businesses/{}/explain?{asked}", world.business)).await;
    assert_eq!(
        (&body["value"], &body["originals"][0]["days"][0]["factor"]),
        (&json!("80.00"), &json!("0.8")),
        "{body}"
    );
    let (_, _, body) = world.get(&format!("/api/v1/businesses/{}/rates", world.business)).await;
    assert_eq!(body["rates"][0]["source"], "ecb");
}

/// What the transactions and rates themselves say, read with the plainest statements there are.
struct ByHand {
    book: RateBook,
    lines: Vec<(NaiveDate, Decimal, Currency, Kind)>,
}

impl ByHand {
    async fn at(world: &World, position: i64) -> Self {
        let rates: Vec<(String, String, NaiveDate, Decimal, i64)> = sqlx::query_as(
            "select base, quote, day, rate, position from read.exchange_rate where business = $1 and position <= $2",
        )
        .bind(world.business.as_uuid())
        .bind(position)
        .fetch_all(&world.pool)
        .await
        .unwrap();
        let mut book = RateBook::default();
        for (from, to, on, rate, position) in rates {
            book.put((currency(&from), currency(&to)), on, KnownRate { rate, source: RateSource::Ecb, position });
        }
        let lines: Vec<(NaiveDate, Decimal, String, String)> = sqlx::query_as(
            "select day, amount, currency, kind from read.transaction
             where business = $1 and valid_from <= $2 and valid_to > $2",
        )
        .bind(world.business.as_uuid())
        .bind(position)
        .fetch_all(&world.pool)
        .await
        .unwrap();
        let line = |(on, amount, code, kind): (NaiveDate, Decimal, String, String)| {
            (on, amount, currency(&code), kind.parse().unwrap())
        };
        Self { book, lines: lines.into_iter().map(line).collect() }
    }

    fn value(&self, metric: Metric, period: Period) -> Option<Decimal> {
        let mut sums = KindSums::default();
        for (on, amount, from, kind) in &self.lines {
            let counts = if metric == Metric::Balance { *on <= period.to() } else { period.contains(*on) };
            if !counts || !metric.kinds().contains(kind) {
                continue;
            }
            let factor = if *from == eur() {
                Some(Decimal::ONE)
            } else {
                self.book.conversion(*from, eur(), *on).map(|found| found.factor)
            };
            match factor {
                Some(factor) => sums.put(*kind, Sums::of(*amount * factor)),
                None if metric == Metric::Count => sums.put(*kind, Sums::of(*amount)),
                None => return None,
            }
        }
        metric.value(&Operands { period: sums, closing: sums, ..Operands::default() }).ok()
    }
}

#[tokio::test]
async fn every_sum_is_the_sum_of_its_days_whatever_the_order_of_events() {
    let (world, mut random) = (World::new().await, ChaCha8Rng::seed_from_u64(5));
    let (first, mut positions, mut made) = (day("2025-01-01"), Vec::new(), 0);
    for nth in 0..14 {
        if nth % 3 == 1 {
            let mut rates = BTreeMap::new();
            for _ in 0..120 {
                let on = first + Days::new(random.gen_range(0..420));
                let (quote, rate) = (["USD", "GBP"][random.gen_range(0..2)], random.gen_range(5_000..20_000));
                rates.insert((on, quote), Decimal::new(rate, 4));
            }
            let rates: Vec<_> = rates
                .into_iter()
                .map(|((on, quote), rate)| Quoted { day: on, base: eur(), quote: currency(quote), rate })
                .collect();
            positions.push(world.rate(RateSource::Ecb, &rates).await);
            continue;
        }
        let lines = (0..25).map(|_| {
            made += 1;
            let on = (first + Days::new(random.gen_range(0..420))).to_string();
            let amount = Decimal::new(random.gen_range(-500_000..500_000), 2).to_string();
            let kind = Kind::ALL[random.gen_range(0..Kind::ALL.len())];
            let line = crate::world::line(&format!("t{made}"), &on, &amount, kind, ["a", "b"][random.gen_range(0..2)]);
            in_currency(line, ["EUR", "USD", "GBP"][random.gen_range(0..3)])
        });
        positions.push(world.bring(lines.collect(), Vec::new()).await);
    }
    let mut defined = 0;
    for _ in 0..16 {
        let from = first + Days::new(random.gen_range(0..400));
        let period = Period::try_new(from, from + Days::new(random.gen_range(0..90))).unwrap();
        let position = positions[random.gen_range(1..positions.len())];
        let view = world.view(Some(AsOf::Position(position))).await;
        let by_hand = ByHand::at(&world, position).await;
        for metric in Metric::ALL.into_iter().filter(|metric| metric.is_sum()) {
            let told = world.reader.explain(&view, metric, period, base(), Scope::default()).await.unwrap();
            assert_eq!(told.figure.value.ok(), by_hand.value(metric, period), "{metric:?} {period:?} at {position}");
            let Ok(value) = told.figure.value else { continue };
            defined += 1;
            assert_eq!(told.parts.iter().map(|part| part.value).sum::<Decimal>(), value, "{metric:?}");
            assert_eq!(told.originals.iter().filter_map(|one| one.value).sum::<Decimal>(), value, "{metric:?}");
            for original in &told.originals {
                let days = world.reader.conversions(&view, &told, original.currency, None).await.unwrap();
                assert_eq!(days.iter().filter_map(|one| one.value).sum::<Decimal>(), original.value.unwrap());
                assert_eq!(days.iter().map(|one| one.amount).sum::<Decimal>(), original.amount);
            }
        }
        let earlier = world.view(Some(AsOf::Position(positions[0]))).await;
        for metric in Metric::ALL {
            let changes = world.reader.changes(&earlier, &view, metric, period, base()).await.unwrap();
            if let (Some(start), Some(end)) = (changes.start, changes.end) {
                assert_eq!(start + changes.causes.iter().map(|cause| cause.value).sum::<Decimal>(), end, "{metric:?}");
            }
        }
    }
    assert!(defined > 40, "{defined} figures had all their rates");
}
