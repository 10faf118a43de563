//! Transactions in parts, from the command to the figure.

use domain::account::{AccountCommand, Decision, NotedPart, SplitCommand};
use domain::meaning::{By, Meaning, Part};
use domain::{Cause, Kind, Transaction};
use query_api::figures::{Metric, Period, Terms};
use query_api::reader::View;
use query_api::views::{AsOf, Scope};
use rust_decimal::Decimal;
use serde_json::json;

use crate::world::{World, eur, line};

pub fn noted(amount: &str, kind: Kind, category: &str, note: Option<&str>) -> NotedPart {
    let part = Part { amount: amount.parse().unwrap(), kind, category: category.parse().unwrap() };
    NotedPart { part, note: note.map(str::to_owned) }
}

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn receipt() -> Transaction {
    line("supermarket", "2026-03-06", "-120", Kind::Expense, "expense")
}

/// 80 of the bakery's, 40 of Ada's.
fn halves() -> SplitCommand {
    let parts = vec![
        noted("-80", Kind::Expense, "office_supplies", Some("paper")),
        noted("-40", Kind::Financing, "owner_drawing", None),
    ];
    SplitCommand::Into { transaction: receipt().id, parts }
}

fn march() -> Period {
    Period::try_new("2026-03-01".parse().unwrap(), "2026-03-31".parse().unwrap()).unwrap()
}

impl World {
    async fn at(&self, position: i64) -> View {
        self.view(Some(AsOf::Position(position))).await
    }

    async fn figure(&self, view: &View, metric: Metric, terms: Terms) -> Decimal {
        self.reader.explain(view, metric, march(), terms, Scope::default()).await.unwrap().figure.value.unwrap()
    }
}

async fn figures(world: &World, position: i64) -> [Decimal; 5] {
    let view = world.at(position).await;
    let mut found = [Decimal::ZERO; 5];
    let metrics = [Metric::Expenses, Metric::MoneyOut, Metric::Balance, Metric::Count, Metric::Net];
    for (slot, metric) in found.iter_mut().zip(metrics) {
        *slot = world.figure(&view, metric, eur().into()).await;
    }
    found
}

#[tokio::test]
async fn figures_follow_the_parts_and_the_transaction_stays_one() {
    let world = World::new().await;
    let whole = world.bring(vec![receipt()], vec![]).await;
    let split = world.split(world.account, halves()).await;
    let all = |expenses: &str| [dec(expenses), dec("120"), dec("-120"), dec("1"), dec("-120")];
    assert_eq!(figures(&world, whole).await, all("120"), "as it was known before");
    assert_eq!(figures(&world, split).await, all("80"));

    let view = world.at(split).await;
    let explained = world.reader.explain(&view, Metric::MoneyOut, march(), eur(), Scope::default()).await.unwrap();
    let parts: Vec<_> = explained.parts.iter().map(|part| (part.key.as_str(), part.value, part.count)).collect();
    assert_eq!(
        parts,
        [("expense/office_supplies", dec("80"), 1), ("financing/owner_drawing", dec("40"), 0)],
        "{explained:#?}"
    );
    let (from, to) = (world.at(whole).await, &view);
    let changes = world.reader.changes(&from, to, Metric::Expenses, march(), eur()).await.unwrap();
    let causes: Vec<_> = changes.causes.iter().filter(|cause| !cause.value.is_zero()).collect();
    assert!(
        matches!(causes.as_slice(), [one] if one.cause == Cause::Recategorised && one.value == dec("-40")),
        "{changes:#?}"
    );

    let undone = world.split(world.account, SplitCommand::Undo { transaction: receipt().id }).await;
    assert_eq!(figures(&world, undone).await, all("120"));
    assert_eq!(figures(&world, split).await, all("80"), "as it was known meanwhile");
    assert!(projectors::metrics::reconcile(&world.pool).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_source_that_says_another_amount_ends_a_split_and_another_text_does_not() {
    let world = World::new().await;
    world.bring(vec![receipt()], vec![]).await;
    world.split(world.account, halves()).await;
    let texted = Transaction { description: Some("Supermarket 12".into()), ..receipt() };
    let kept = world.bring(vec![texted], vec![]).await;
    assert_eq!(figures(&world, kept).await[0], dec("80"));
    let rows = world.reader.revisions(&world.at(kept).await, receipt().id).await.unwrap();
    let notes: Vec<_> = rows.last().unwrap().transaction.parts().map(|(_, note)| note.map(str::to_owned)).collect();
    assert_eq!(notes, [Some("paper".to_owned()), None], "they stand where it was split");
    let amended = world.bring(vec![Transaction { amount: dec("-118"), ..receipt() }], vec![]).await;
    assert_eq!(figures(&world, amended).await, [dec("118"), dec("118"), dec("-118"), dec("1"), dec("-118")]);
    world.split(world.account, halves_of("-78")).await;
    let gone = world.bring(vec![], vec![receipt().id]).await;
    assert_eq!(figures(&world, gone).await, [Decimal::ZERO; 5]);
    assert!(projectors::metrics::reconcile(&world.pool).await.unwrap().is_empty());
}

fn halves_of(first: &str) -> SplitCommand {
    let parts = vec![noted(first, Kind::Expense, "travel", None), noted("-40", Kind::Financing, "owner_drawing", None)];
    SplitCommand::Into { transaction: receipt().id, parts }
}

#[tokio::test]
async fn a_choice_ends_a_split() {
    let world = World::new().await;
    world.bring(vec![receipt()], vec![]).await;
    world.split(world.account, halves()).await;
    let to = Meaning { kind: Kind::Tax, category: "taxes".parse().unwrap() };
    let decisions = vec![Decision { id: receipt().id, by: By::Choice, to: Some(to) }];
    let position = world.told_to(world.account, AccountCommand::Recategorise { decisions, note: None }).await;
    assert_eq!(figures(&world, position).await[0], dec("120"));
    let view = world.at(position).await;
    let explained = world.reader.explain(&view, Metric::Expenses, march(), eur(), Scope::default()).await.unwrap();
    assert_eq!(explained.parts.iter().map(|part| part.key.as_str()).collect::<Vec<_>>(), ["tax/taxes"]);
}

#[tokio::test]
async fn each_part_is_told_in_the_base_currency() {
    let world = World::new().await;
    let quoted = domain::rates::Quoted {
        day: "2026-03-06".parse().unwrap(),
        base: eur(),
        quote: "USD".parse().unwrap(),
        rate: dec("1.25"),
    };
    world.rate(domain::rates::RateSource::Ecb, &[quoted]).await;
    world.bring(vec![Transaction { currency: "USD".parse().unwrap(), ..receipt() }], vec![]).await;
    let position = world.split(world.account, halves()).await;
    let view = world.at(position).await;
    let terms = Terms::all_in(eur());
    let explained = world.reader.explain(&view, Metric::MoneyOut, march(), terms, Scope::default()).await.unwrap();
    let parts: Vec<_> = explained.parts.iter().map(|part| (part.key.as_str(), part.value)).collect();
    assert_eq!(parts, [("expense/office_supplies", dec("64")), ("financing/owner_drawing", dec("32"))]);
    assert_eq!(explained.figure.value, Ok(dec("96")));
}

#[tokio::test]
async fn parts_are_listed_where_their_category_is_asked_for() {
    let world = World::new().await;
    world.bring(vec![receipt(), line("other", "2026-03-07", "-5", Kind::Expense, "expense")], vec![]).await;
    world.split(world.account, halves()).await;
    let query = "query($b: UUID!, $c: String, $k: [Kind!]) { business(id: $b) { transactions(category: $c, kinds: $k) {
        nodes { amount category parts { amount kind category note } decision { basis reason } event { type } } } } }";
    let ask = async |category: Option<&str>, kinds: Option<&[&str]>| {
        let data = world.data(query, json!({ "b": world.business, "c": category, "k": kinds })).await;
        data["business"]["transactions"]["nodes"].as_array().unwrap().clone()
    };
    let found = ask(Some("owner_drawing"), Some(&["FINANCING"])).await;
    let parts = json!([
        { "amount": "-80.00", "kind": "EXPENSE", "category": "office_supplies", "note": "paper" },
        { "amount": "-40.00", "kind": "FINANCING", "category": "owner_drawing", "note": null },
    ]);
    assert_eq!((found.len(), &found[0]["parts"], &found[0]["amount"]), (1, &parts, &json!("-120.00")));
    assert_eq!(found[0]["event"]["type"], "account.split.v1");
    assert_eq!(found[0]["decision"]["reason"], "Somebody of this business split it in 2.");
    assert_eq!(ask(Some("expense"), None).await.len(), 1, "the whole's own category counts no more");
    assert_eq!(ask(None, Some(&["TAX"])).await.len(), 0);
    assert_eq!(ask(None, None).await.len(), 2);
    let (_, _, body) =
        world.get(&format!("/api/v1/businesses/{}/transactions?category=owner_drawing", world.business)).await;
    assert_eq!(body["transactions"][0]["parts"][0]["note"], "paper");
}
