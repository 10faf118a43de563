//! The same money, as shop, processor, bank and books tell of it.

use std::collections::BTreeMap;

use domain::account::{AccountCommand, NotedPart, PaidOut, SplitCommand};
use domain::matching::{Evidence, Relation};
use domain::meaning::Part;
use domain::source::SourceKind;
use domain::{AccountId, Booked, Kind, Transaction, TransactionId};
use rust_decimal::Decimal;
use streams::Meta;
use streams::matches::{Kept, Say, State, say};

use crate::world::{World, eur};

fn told(key: &str, booked: &str, cents: i64, kind: Kind, category: &str, text: &str) -> Transaction {
    Transaction {
        id: TransactionId::derive([key.as_bytes()]),
        booked: booked.parse::<Booked>().unwrap(),
        value_date: None,
        pending: false,
        amount: Decimal::new(cents, 2),
        currency: eur(),
        kind,
        category: category.parse().unwrap(),
        provider_category: None,
        decided: None,
        description: Some(text.to_owned()),
        counterparty: None,
        reference: Some(key.to_owned()),
        line: None,
    }
}

/// A business with everything connected.
struct Company {
    world: World,
    shop: AccountId,
    processor: AccountId,
    bank: AccountId,
    savings: AccountId,
    books: AccountId,
}

impl Company {
    async fn new() -> Self {
        let world = World::new().await;
        let shop = world.open(SourceKind::Shopify).await;
        let processor = world.open(SourceKind::Stripe).await;
        let (bank, savings) = (world.open(SourceKind::Plaid).await, world.open(SourceKind::Plaid).await);
        let books = world.open(SourceKind::QuickBooks).await;
        Self { world, shop, processor, bank, savings, books }
    }

    /// Two orders of 60 and 40, fees of 3; an invoice of 500; rent of 200; 150 put aside.
    async fn live(&self) {
        let Self { world, shop, processor, bank, savings, books } = self;
        let orders = [("1001", "2026-03-03T09:00:00Z", 6_000), ("1002", "2026-03-03T11:30:00Z", 4_000)];
        let mut sold = Vec::new();
        let mut charged = Vec::new();
        for (number, at, cents) in orders {
            let sale = format!("sale {number}");
            sold.push(told(&sale, at, cents, Kind::Revenue, "online_sales", &format!("Order #{number}")));
            let text = format!("Order {number}: coffee");
            charged.push(told(&format!("charge {number}"), at, cents, Kind::Revenue, "charge", &text));
            charged.push(told(&format!("fee {number}"), at, -150, Kind::Expense, "payment_fees", &text));
        }
        let out = Kind::InternalTransfer;
        charged.push(told("payout", "2026-03-05T06:00:00Z", -9_700, out, "payout", "STRIPE PAYOUT"));
        world.report(*shop, sold, vec![]).await;
        world.report(*processor, charged, vec![]).await;
        world
            .report(
                *bank,
                vec![
                    told("b payout", "2026-03-06", 9_700, Kind::Revenue, "income", "Stripe payout 7781"),
                    told("b invoice", "2026-03-10", 50_000, Kind::Revenue, "income_other_income", "Harbour Inn"),
                    told("b rent", "2026-03-02", -20_000, Kind::Expense, "rent", "Quayside Estates rent"),
                    told("b aside", "2026-03-20", -15_000, out, "transfer_out_savings", "To savings"),
                ],
                vec![],
            )
            .await;
        let aside = told("s aside", "2026-03-20", 15_000, out, "transfer_in_savings", "From current account");
        world.report(*savings, vec![aside], vec![]).await;
        world
            .report(
                *books,
                vec![
                    told("q sales", "2026-03-03", 10_000, Kind::Revenue, "sales", "Card sales of the day"),
                    told("q fees", "2026-03-03", -300, Kind::Expense, "payment_fees", "Processing fees"),
                    told("q invoice", "2026-03-10", 50_000, Kind::Revenue, "sales", "Harbour Inn"),
                    told("q rent", "2026-03-02", -20_000, Kind::Expense, "rent", "Quayside Estates"),
                ],
                vec![],
            )
            .await;
        world.matched().await;
    }

    /// What was earned and spent.
    async fn operating(&self) -> BTreeMap<String, i64> {
        let mut figures = self.world.by_kind().await;
        figures.retain(|kind, _| kind == "revenue" || kind == "expense");
        figures
    }

    async fn balances(&self) -> BTreeMap<AccountId, Decimal> {
        let query = "select account, sum(amount) from read.transaction
                     where valid_to = 9223372036854775807 and business = $1 group by account";
        let rows: Vec<(uuid::Uuid, Decimal)> =
            sqlx::query_as(query).bind(self.world.business.as_uuid()).fetch_all(&self.world.pool).await.unwrap();
        rows.into_iter().map(|(id, sum)| (AccountId::from_uuid(id), sum)).collect()
    }

    async fn found(&self) -> Vec<Kept> {
        self.world.commands.matches().list(self.world.business, (&State::ALL, None), None, 100).await.unwrap()
    }

    async fn payout(&self) -> Kept {
        self.found().await.into_iter().find(|kept| kept.found.relation == Relation::Payout).unwrap()
    }

    async fn say(&self, kept: &Kept, what: Say) {
        let meta = Meta::new(self.world.business, "owner");
        say(&self.world.commands, kept.found.id, what, &meta).await.unwrap();
        self.world.matched().await;
    }
}

fn once() -> BTreeMap<String, i64> {
    // 100 in the shop and an invoice of 500; rent and fees.
    BTreeMap::from([("revenue".to_owned(), 60_000), ("expense".to_owned(), -20_300)])
}

#[tokio::test]
async fn what_four_sources_tell_is_earned_and_spent_once() {
    let company = Company::new().await;
    company.live().await;
    assert_eq!(company.operating().await, once());
    let found = company.found().await;
    let of = |relation| found.iter().filter(|kept| kept.found.relation == relation).count();
    assert_eq!(
        [Relation::Sale, Relation::Payout, Relation::Transfer, Relation::BookEntry].map(of),
        [2, 1, 1, 4],
        "{found:#?}"
    );
    assert!(found.iter().all(|kept| kept.state == State::Applied));
    let payout = company.payout().await;
    let parts = payout.found.parts.unwrap();
    assert_eq!((parts.count, parts.gross, parts.fees), (2, Decimal::new(10_000, 2), Decimal::new(-300, 2)));
    assert_eq!(company.balances().await[&company.bank], Decimal::new(9_700 + 50_000 - 20_000 - 15_000, 2));
    // The same again is no event, and neither is another look at all days.
    let events = company.world.events().await;
    let text = "insert into meaning.match_pass (business, from_day, to_day, asked_at) values ($1, '2026-01-01', '2026-12-31', 1)";
    sqlx::query(text).bind(company.world.business.as_uuid()).execute(&company.world.pool).await.unwrap();
    company.live().await;
    assert_eq!(company.world.events().await, events);
}

fn id(key: &str) -> TransactionId {
    TransactionId::derive([key.as_bytes()])
}

/// Its provider says that the payout is the sum of these.
async fn tell(company: &Company, holds: &[&str]) {
    let holds = holds.iter().map(|key| id(key)).collect();
    let told = PaidOut { payout: id("payout"), day: "2026-03-05".parse().unwrap(), holds };
    let meta = Meta::new(company.world.business, "owner");
    company.world.commands.account(company.processor, AccountCommand::PayOut(told), &meta).await.unwrap();
    company.world.matched().await;
}

const ALL: [&str; 4] = ["charge 1001", "fee 1001", "charge 1002", "fee 1002"];

#[tokio::test]
async fn what_is_in_a_payout_is_the_same_whenever_its_provider_says_it() {
    let (early, late) = (Company::new().await, Company::new().await);
    tell(&early, &ALL).await;
    early.live().await;
    late.live().await;
    let guessed = late.payout().await.found;
    assert!(guessed.evidence.contains(&Evidence::SumOf(2)), "{guessed:?}");
    // One after the other: what is told is less than the payout until all of it is.
    tell(&late, &ALL[..2]).await;
    let less = late.payout().await;
    let parts = less.found.parts.as_ref().unwrap();
    assert_eq!((parts.count, parts.gross, parts.fees), (1, Decimal::new(6_000, 2), Decimal::new(-150, 2)));
    assert!(less.found.evidence.ends_with(&[Evidence::ProviderSays(2)]), "{less:?}");
    tell(&late, &ALL).await;
    let (early, now) = (early.payout().await, late.payout().await);
    let facts = |kept: &Kept| {
        let parts = kept.found.parts.clone().unwrap();
        let of = (parts.from, parts.to, parts.count, parts.gross, parts.fees);
        (kept.found.id, kept.state, kept.found.percent, kept.found.evidence.clone(), of)
    };
    assert_eq!(facts(&early), facts(&now));
    assert!(now.found.evidence.ends_with(&[Evidence::ProviderSays(4), Evidence::SumOf(4)]), "{now:?}");
    assert_eq!(late.operating().await, once(), "figures are what they were");
    // The same again is no event; a user's word stands with what is known.
    let events = late.world.events().await;
    tell(&late, &ALL).await;
    assert_eq!(late.world.events().await, events);
    late.say(&now, Say::Accept).await;
    assert_eq!((late.payout().await.state, late.payout().await.found), (State::Accepted, now.found));
}

#[tokio::test]
async fn what_is_in_a_payout_and_known_later_becomes_part_of_its_sum() {
    let company = Company::new().await;
    company.live().await;
    // Older than the history by far.
    let old = told("charge old", "2025-12-01T09:00:00Z", 2_500, Kind::Revenue, "charge", "Order 900: coffee");
    tell(&company, &[&ALL[..], &["charge old"]].concat()).await;
    let less = company.payout().await.found;
    assert!(less.evidence.ends_with(&[Evidence::ProviderSays(5)]), "{less:?}");
    assert_eq!(less.parts.unwrap().count, 2);
    company.world.report(company.processor, vec![old], vec![]).await;
    company.world.matched().await;
    let more = company.payout().await.found;
    let parts = more.parts.unwrap();
    assert_eq!(
        (parts.count, parts.gross, parts.from.to_string()),
        (3, Decimal::new(12_500, 2), "2025-12-01".to_owned())
    );
    // All of it is known, and it is 25 more than what reached the bank: no sum.
    assert!(more.evidence.ends_with(&[Evidence::ProviderSays(5)]), "{:?}", more.evidence);
    // Without the rows of matches, the log says the same.
    let anew = "with a as (delete from meaning.match), b as (delete from meaning.match_leg)
                update meaning.match_followed set looked_to = 0";
    sqlx::query(anew).execute(&company.world.pool).await.unwrap();
    company.world.matched().await;
    let again = company.payout().await.found;
    assert_eq!((again.evidence, again.parts.unwrap()), (more.evidence, parts));
}

#[tokio::test]
async fn what_a_user_says_stands_over_the_matcher() {
    let company = Company::new().await;
    company.live().await;
    let payout = company.payout().await;
    company.say(&payout, Say::Refuse).await;
    let twice = BTreeMap::from([("revenue".to_owned(), 69_700), ("expense".to_owned(), -20_300)]);
    assert_eq!(company.operating().await, twice);
    // Whatever comes, it stays refused.
    company
        .world
        .report(company.bank, vec![told("b later", "2026-03-07", -100, Kind::Expense, "expense", "x")], vec![])
        .await;
    company.world.matched().await;
    assert_eq!(company.payout().await.state, State::Refused);
    company.world.report(company.bank, vec![], vec![TransactionId::derive([b"b later".as_slice()])]).await;
    company.world.matched().await;
    assert_eq!(company.operating().await, twice);
    company.say(&payout, Say::Accept).await;
    assert_eq!((company.payout().await.state, company.operating().await), (State::Accepted, once()));
    // Without the rows, the log says the same.
    let anew = "with a as (delete from meaning.match), b as (delete from meaning.match_leg)
                update meaning.match_followed set looked_to = 0";
    sqlx::query(anew).execute(&company.world.pool).await.unwrap();
    company.world.matched().await;
    assert_eq!((company.payout().await.state, company.operating().await), (State::Accepted, once()));
}

#[tokio::test]
async fn parts_stand_over_a_match_and_stay_when_it_is_refused() {
    let company = Company::new().await;
    company.live().await;
    let revenue = async || company.operating().await["revenue"];
    let transaction = TransactionId::derive([b"b payout".as_slice()]);
    let part = |cents, kind, category: &str| NotedPart {
        part: Part { amount: Decimal::new(cents, 2), kind, category: category.parse().unwrap() },
        note: None,
    };
    // A euro of the payout is a tip, which nobody else counts.
    let parts = vec![part(100, Kind::Revenue, "other_income"), part(9_600, Kind::Settlement, "payout")];
    company.world.split(company.bank, SplitCommand::Into { transaction, parts }).await;
    company.world.matched().await;
    assert_eq!((company.payout().await.state, revenue().await), (State::Applied, 60_100));
    company.say(&company.payout().await, Say::Refuse).await;
    assert_eq!(revenue().await, 60_100);
    company.world.split(company.bank, SplitCommand::Undo { transaction }).await;
    company.world.matched().await;
    assert_eq!(revenue().await, 69_700, "it is counted as its bank says");
    company.say(&company.payout().await, Say::Accept).await;
    assert_eq!(company.operating().await, once());
}

#[tokio::test]
async fn a_match_ends_with_what_it_was_found_by() {
    let company = Company::new().await;
    company.live().await;
    let was = told("b payout", "2026-03-06", 9_800, Kind::Revenue, "income", "Stripe payout 7781");
    company.world.report(company.bank, vec![was], vec![]).await;
    company.world.matched().await;
    assert!(company.found().await.iter().all(|kept| kept.found.relation != Relation::Payout));
    assert_eq!(company.operating().await["revenue"], 69_800, "it is counted as its bank says");
    let again = told("b payout", "2026-03-06", 9_700, Kind::Revenue, "income", "Stripe payout 7781");
    company.world.report(company.bank, vec![again], vec![]).await;
    company.world.matched().await;
    assert_eq!(company.operating().await, once());
}

/// As where it was found in rows from before one of its legs changed: its record is followed after the change.
#[tokio::test]
async fn what_the_matcher_itself_gave_up_is_listed_no_longer_and_found_again() {
    let company = Company::new().await;
    company.live().await;
    let mut changes = streams::matches::ByAccount::new();
    streams::matches::given_up(&company.payout().await.found, false, &mut changes);
    let meta = Meta::new(company.world.business, ml_workers::matching::ACTOR);
    streams::matches::record(&company.world.commands, changes, &meta).await.unwrap();
    company.world.matched().await;
    assert!(company.found().await.iter().all(|kept| kept.found.relation != Relation::Payout));
    let near = told("b later", "2026-03-07", -100, Kind::Expense, "expense", "Bank fee");
    company.world.report(company.bank, vec![near], vec![]).await;
    company.world.matched().await;
    assert_eq!(company.operating().await["revenue"], once()["revenue"]);
    assert_eq!(company.payout().await.state, State::Applied);
}

#[tokio::test]
async fn a_match_that_was_cut_off_between_its_legs_is_completed() {
    let company = Company::new().await;
    company.live().await;
    // As if only the first leg had been recorded: the other one's decision is given up behind the matcher's back.
    let payout = company.payout().await;
    let mut changes = streams::matches::ByAccount::new();
    streams::matches::given_up(&payout.found, true, &mut changes);
    let half = changes.remove(&company.bank).unwrap();
    let command = AccountCommand::Recategorise { decisions: half, note: None };
    company.world.commands.account(company.bank, command, &Meta::new(company.world.business, "cut off")).await.unwrap();
    company.world.matched().await;
    assert_eq!(company.operating().await, once());
}

#[tokio::test]
async fn a_file_of_a_feeds_account_counts_once_and_what_is_likely_waits() {
    let company = Company::new().await;
    let world = &company.world;
    let lines = [("02", -1_250), ("03", -7_700), ("05", 31_000), ("09", -899), ("12", -4_410)];
    let line = |source: &str, (day, cents): (&str, i64), text: &str| {
        let (kind, category) = if cents > 0 { (Kind::Revenue, "income") } else { (Kind::Expense, "expense") };
        told(&format!("{source} {day}"), &format!("2026-03-{day}"), cents, kind, category, text)
    };
    world.report(company.bank, lines.map(|one| line("feed", one, "As the feed says")).to_vec(), vec![]).await;
    world.report(world.account, lines.map(|one| line("file", one, "other words")).to_vec(), vec![]).await;
    world.matched().await;
    let expected = BTreeMap::from([("revenue".to_owned(), 31_000), ("expense".to_owned(), -14_259)]);
    assert_eq!(company.operating().await, expected);
    // A line of another account with the same words: for a user to say.
    let other = world.open(SourceKind::Plaid).await;
    let alike = [line("other", ("20", -6_100), "Nimbus hosting")].to_vec();
    world.report(other, alike, vec![]).await;
    world.report(world.account, vec![line("file", ("20", -6_100), "NIMBUS HOSTING")], vec![]).await;
    world.matched().await;
    let waiting = world.commands.matches().list(world.business, (&[State::Proposed], None), None, 10).await.unwrap();
    assert_eq!((waiting.len(), waiting[0].found.relation), (1, Relation::Duplicate), "{waiting:#?}");
    assert_eq!(company.operating().await["expense"], -14_259 - 12_200);
    company.say(&waiting[0], Say::Accept).await;
    assert_eq!(company.operating().await["expense"], -14_259 - 6_100);
}
