//! Every question that queries ask, with its answer as text.

use domain::{Cause, Kind, TransactionId};
use projectors::{Audit, Entities, Metrics};
use query_api::figures::{BASE, Bucket, Comparison, Metric, Period};
use query_api::reader::{AuditAsked, Page, Reader, SeriesQuery, SplitBy, View};
use query_api::views::{self, AsOf, Changed, Filter, Order, Scope, Sign};
use sqlx::PgPool;
use streams::projection::Projection;

use crate::events::{Log, account, business, currency};

pub type Answers = Vec<(String, String)>;

/// All rows of all tables.
pub async fn rows(pool: &PgPool) -> Answers {
    let mut answers = Vec::new();
    for table in [Metrics::new().tables(), Entities::new().tables(), Audit::new().tables()].concat() {
        // The second count's column has another type there; its values are the same.
        let statement = format!("select coalesce(string_agg(t::text, '; ' order by t::text), '') from read.{table} t");
        let rows: String = sqlx::query_scalar(&statement).fetch_one(pool).await.unwrap();
        answers.push((table.to_owned(), rows));
    }
    answers
}

/// Every statement is understood, with the types of its parameters inferred (PostgreSQL 15 has no generic plans).
pub async fn prepare_every_shape(pool: &PgPool) {
    for shape in views::SHAPES {
        let mut connection = pool.acquire().await.unwrap();
        let prepare = format!("prepare shape as {}; deallocate shape", shape.sql);
        let prepared = sqlx::Executor::execute(&mut *connection, prepare.as_str()).await;
        assert!(prepared.is_ok(), "{}: {:?}", shape.name, prepared.err());
    }
}

pub async fn figures(pool: &PgPool, log: &Log) -> Answers {
    let mut answers = Answers::new();
    for as_of in [None, Some(AsOf::Position(log.head() / 2)), Some(AsOf::Date("2026-01-01".parse().unwrap()))] {
        // A reader of its own: nothing is answered from memory.
        let reader = Reader::new(pool.clone(), streams::testing::keys(pool));
        let view = reader.view(business(1), as_of, None).await.unwrap();
        let mut asked = Asked { reader: &reader, view: &view, answers: &mut answers };
        asked.figures().await;
        asked.browse().await;
        asked.changes().await;
    }
    answers
}

struct Asked<'a> {
    reader: &'a Reader,
    view: &'a View,
    answers: &'a mut Answers,
}

impl Asked<'_> {
    fn note(&mut self, question: impl std::fmt::Debug, answer: impl std::fmt::Debug) {
        let known = self.view.known;
        self.answers.push((format!("{question:?} as of {known:?}"), format!("{answer:?}")));
    }

    async fn figures(&mut self) {
        let (reader, view, gbp) = (self.reader, self.view, currency("GBP"));
        for comparison in [Comparison::PreviousPeriod, Comparison::SamePeriodLastYear] {
            let summary = reader.summary(view, quarter(), comparison, gbp).await.unwrap();
            self.note(("summary", comparison), summary);
        }
        for bucket in Bucket::ALL {
            for by in [None, Some(SplitBy::Category), Some(SplitBy::Account), Some(SplitBy::Kind)] {
                let scope = Scope::default();
                let query = SeriesQuery { period: quarter(), bucket, by, scope, currency: None };
                self.note(("series", bucket, by), reader.series(view, &query).await.unwrap());
                let compared = reader.compared_series(view, &query, Comparison::SamePeriodLastYear).await.unwrap();
                self.note(("compared", bucket, by), compared);
                if by.is_none() {
                    self.note(("closings", bucket), reader.closings(view, &query).await.unwrap());
                }
            }
        }
        let crossed = Scope { account: Some(account(1)), category: Some("rent".to_owned()) };
        let query =
            SeriesQuery { period: quarter(), bucket: Bucket::Month, by: None, scope: crossed.clone(), currency: None };
        self.note("series of a category in an account", reader.series(view, &query).await.unwrap());
        self.note("balances", reader.balances(view, quarter(), gbp).await.unwrap());
        self.in_base_currency().await;
        for metric in Metric::ALL {
            for scope in [Scope::default(), crossed.clone()] {
                let explanation = reader.explain(view, metric, quarter(), gbp, scope).await.unwrap();
                let history = reader.known_values(view, &explanation).await.unwrap();
                self.note(("explain", metric), (explanation, history));
            }
        }
    }

    /// All money, each amount at the rate of its day.
    async fn in_base_currency(&mut self) {
        let (reader, view) = (self.reader, self.view);
        let terms = view.terms(Some(BASE)).unwrap();
        let summary = reader.summary(view, quarter(), Comparison::PreviousPeriod, terms).await.unwrap();
        self.note("summary in base currency", summary);
        let series = SeriesQuery {
            period: quarter(),
            bucket: Bucket::Month,
            by: Some(SplitBy::Category),
            scope: Scope::default(),
            currency: Some(terms),
        };
        self.note("series in base currency", reader.series(view, &series).await.unwrap());
        self.note("balances in base currency", reader.balances(view, quarter(), terms).await.unwrap());
        for metric in [Metric::Revenue, Metric::Balance, Metric::Runway] {
            let explanation = reader.explain(view, metric, quarter(), terms, Scope::default()).await.unwrap();
            let days = reader.conversions(view, &explanation, currency("USD"), None).await.unwrap();
            self.note(("explain in base currency", metric), (explanation, days));
        }
        self.note("rates", reader.rates(view, None, None, 366).await.unwrap());
        self.note("days without a rate", reader.days_without_rate(view).await.unwrap());
    }

    async fn browse(&mut self) {
        let (reader, view) = (self.reader, self.view);
        self.note("businesses", reader.businesses().await.unwrap());
        self.note("accounts", reader.accounts(view).await.unwrap());
        self.note("sources", reader.sources(view).await.unwrap());
        self.note("span", reader.span(view).await.unwrap());
        self.note("batches", reader.batches(view, Page::try_new(3, None).unwrap()).await.unwrap());
        self.note("events", reader.events(view, &[1, 7, 30]).await.unwrap());
        let asked =
            AuditAsked { from: "2026-01-01".parse().ok(), text: Some("transactions".into()), ..AuditAsked::default() };
        let history = reader.audit_filter(view.business.id, view.business.time_zone, asked).await.unwrap();
        self.note("history", reader.audit(view.business.id, &history, Page::try_new(5, None).unwrap()).await.unwrap());
        self.note("moved", reader.moved(view.business.id, 30).await.unwrap());
        self.note("categories", reader.categories(view.business.id).await.unwrap());
        let months = reader.months(view, None).await.unwrap();
        for month in &months {
            let figures = reader.month_figures(view, month.month, view.known.position / 2).await.unwrap();
            self.note(("month", month.month), figures);
        }
        self.note("months", months);
        self.note("recurring", reader.recurring(view).await.unwrap());
        self.note("connections", reader.connections(view.business.id).await.unwrap());
        let page = Page::try_new(40, None).unwrap();
        self.note("matches", reader.matches(view.business.id, &[], None, page).await.unwrap());
        let all = filter();
        let searched = Filter {
            search: Some("söhne".to_owned()),
            kinds: Some(vec![Kind::Revenue, Kind::Expense]),
            cause: Some(Cause::Late),
            ..filter()
        };
        let outgoing = Filter { sign: Some(Sign::Out), ..filter() };
        let scope = Scope { account: None, category: Some("owner_drawing".to_owned()) };
        let of_parts = Filter { scope, kinds: Some(vec![Kind::Financing]), ..filter() };
        for filter in [all, searched, outgoing, of_parts] {
            for order in [Order::Day, Order::Amount] {
                let page = Page::try_new(40, None).unwrap();
                let found = reader.transactions(view, &filter, order, page).await.unwrap();
                self.note(("transactions", &filter, order), &found);
            }
        }
        for n in 0..30_u32 {
            let id = TransactionId::derive([1_u32.to_be_bytes().as_slice(), n.to_be_bytes().as_slice()]);
            self.note(("revisions", id), reader.revisions(view, id).await.unwrap());
            let named = reader.revised(business(1), i64::from(n) * 3, Page { first: 50, after: None });
            self.note(("revised", n), named.await.unwrap());
            self.note(("named", id), reader.named(view, &[id.as_uuid()]).await.unwrap());
        }
    }

    async fn changes(&mut self) {
        let (reader, view) = (self.reader, self.view);
        let earlier = AsOf::Position(view.known.position / 3);
        let from = reader.view(business(1), Some(earlier), None).await.unwrap();
        for metric in Metric::ALL {
            let changes = reader.changes(&from, view, metric, quarter(), currency("GBP")).await.unwrap();
            self.note(("changes", metric), changes);
        }
        for order in [Order::Day, Order::Amount] {
            let changed = Filter { changed: Some(Changed { from: from.known.position }), ..filter() };
            let page = Page::try_new(40, None).unwrap();
            self.note(("changed", order), reader.transactions(view, &changed, order, page).await.unwrap());
        }
    }
}

fn quarter() -> Period {
    Period::try_new("2026-02-10".parse().unwrap(), "2026-08-20".parse().unwrap()).unwrap()
}

fn filter() -> Filter {
    Filter {
        period: quarter(),
        currency: None,
        scope: Scope::default(),
        kinds: None,
        sign: None,
        search: None,
        cause: None,
        changed: None,
        payout: None,
    }
}
