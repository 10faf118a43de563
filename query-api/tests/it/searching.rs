//! Searches from memory find what searches in the store find, and rules are previewed as they would decide.

use domain::meaning::{Meaning, Rule, When};
use domain::{Kind, RuleId, Transaction};
use query_api::figures::Period;
use query_api::reader::Page;
use query_api::views::{AsOf, Filter, Order, Scope};

use crate::world::{World, rent, sale};

fn asking(words: &str) -> Filter {
    Filter {
        period: Period::try_new("2024-01-01".parse().unwrap(), "2024-12-31".parse().unwrap()).unwrap(),
        currency: None,
        scope: Scope::default(),
        kinds: None,
        sign: None,
        search: Some(words.to_owned()),
        cause: None,
        changed: None,
        payout: None,
    }
}

async fn found(world: &World, words: &str, as_of: Option<AsOf>) -> Vec<String> {
    let view = world.view(as_of).await;
    let page = Page::try_new(500, None).unwrap();
    let page = world.reader.transactions(&view, &asking(words), Order::Day, page).await.unwrap();
    page.rows.into_iter().map(|row| row.description.unwrap()).collect()
}

fn saying(line: Transaction, text: &str) -> Transaction {
    Transaction { description: Some(text.to_owned()), ..line }
}

#[tokio::test]
async fn searches_from_memory_find_what_the_store_finds() {
    let world = World::new().await;
    let day = |n: usize| format!("2024-{:02}-{:02}", 1 + n % 12, 1 + n % 28);
    let text = |n: usize| format!("{} Café No {n}", ["Nimbus", "GREEN bean", "Söhne & Co"][n % 3]);
    let lines = (0..400).map(|n| saying(sale(&format!("s{n}"), &day(n), "1.50"), &text(n)));
    let first = world.bring(lines.collect(), vec![]).await;
    let all = ["nimbus", "een BEA", "söhne", "no 39", "café no 1", "nothing like it", "o"];
    let mut before = Vec::new();
    for words in all {
        before.push(found(&world, words, None).await);
    }
    world.reader.open_for_search(&world.view(None).await).await.unwrap();
    for (words, before) in all.iter().zip(&before) {
        assert_eq!(found(&world, words, None).await, *before, "{words}");
    }
    assert!(before[0].len() > 100 && before[5].is_empty());
    // What comes later, is corrected or is taken back is known too, and what was known before stays findable then.
    let corrected = saying(sale("s0", &day(0), "1.50"), "Nimbus renamed");
    let new = saying(sale("new", "2024-06-06", "2"), "Brand new kettle");
    let gone = sale("s3", &day(3), "1.50").id;
    world.bring(vec![corrected, new], vec![gone]).await;
    assert_eq!(found(&world, "kettle", None).await, ["Brand new kettle"]);
    assert_eq!(found(&world, "renamed", None).await.len(), 1);
    assert_eq!(found(&world, "nimbus", None).await.len(), before[0].len() - 1);
    assert_eq!(found(&world, "nimbus", Some(AsOf::Position(first))).await, before[0]);
    assert!(found(&world, "kettle", Some(AsOf::Position(first))).await.is_empty());
}

#[tokio::test]
async fn a_preview_says_what_a_rule_would_change_and_changes_nothing() {
    let world = World::new().await;
    let lines = vec![
        saying(rent("r1", "2024-03-03", "-100"), "ACME hosting"),
        saying(rent("r2", "2024-04-03", "-50"), "Acme Hosting"),
        saying(rent("r3", "2024-04-04", "-20"), "Somebody"),
    ];
    world.bring(lines, vec![]).await;
    let when = When { text: vec!["acme*host".to_owned()], ..When::default() };
    let then = Meaning { kind: Kind::Expense, category: "software".parse().unwrap() };
    let view = world.view(None).await;
    let preview = world.reader.preview_rules(&view, vec![Rule { id: RuleId::new(), when, then }]).await.unwrap();
    assert!(preview.complete);
    assert_eq!((preview.looked_at, preview.changed, preview.transactions.len()), (3, 2, 2));
    let shown: Vec<_> = preview.transactions.iter().map(|one| one.now.category.as_str()).collect();
    assert_eq!(shown, ["software", "software"]);
    // Each month by what left one category and what came into the other: together nothing.
    assert_eq!(preview.figures.len(), 4);
    assert!(preview.figures.iter().map(|figure| figure.amount).sum::<rust_decimal::Decimal>().is_zero());
    assert!(world.reader.preview_rules(&view, vec![]).await.unwrap().transactions.is_empty());
}
