//! Rules, choices and learning, as they follow from each other.

use std::time::Duration;

use domain::account::{NotedPart, SplitCommand};
use domain::business::RulesCommand;
use domain::meaning::Part;
use domain::{Kind, RuleId};
use rust_decimal::Decimal;

use crate::world::{World, line};

#[tokio::test]
async fn a_rule_decides_what_comes_and_what_is_there_but_no_choice() {
    let world = World::new().await;
    let [old, chosen, other] = [line(1, "ACME Hosting 77"), line(2, "acme hosting 78"), line(3, "Baker's guild")];
    world.bring(vec![old.clone(), chosen.clone(), other.clone()]).await;
    world.choose(chosen.id, Some("rent")).await;
    let rule = RuleId::new();
    world.rule(rule, "acme*hosting", "software").await;
    world.until(old.id, "software", Some(&rule.to_string())).await;
    let new = line(4, "Acme Cloud Hosting");
    world.bring(vec![new.clone()]).await;
    let took = world.until(new.id, "software", Some("rule")).await;
    assert!(took < Duration::from_secs(10), "{took:?}");
    world.until(chosen.id, "rent", Some("choice")).await;
    world.until(other.id, "expense", None).await;
    // Given up, the rule decides.
    world.choose(chosen.id, None).await;
    world.until(chosen.id, "software", Some("rule")).await;
    // Without the rule, the source.
    world.rules(RulesCommand::Delete { id: rule }).await;
    for id in [old.id, new.id, chosen.id] {
        world.until(id, "expense", None).await;
    }
}

#[tokio::test]
async fn what_stands_as_it_should_is_no_event() {
    let world = World::new().await;
    let rule = RuleId::new();
    world.rule(rule, "acme", "software").await;
    world.bring((0..600).map(|n| line(n, "ACME")).take(500).collect()).await;
    world.until(line(7, "").id, "software", Some("rule")).await;
    world.settled().await;
    let events = world.events().await;
    // The same rule in other words, and the same page again.
    world.rule(rule, "ACME*", "software").await;
    world.bring((0..500).map(|n| line(n, "ACME")).collect()).await;
    world.settled().await;
    assert_eq!(world.events().await, events + 1);
}

#[tokio::test]
async fn many_are_decided_in_pages_and_every_figure_adds_up_at_every_position() {
    let world = World::new().await;
    for page in 0..5 {
        world
            .bring((page * 500..(page + 1) * 500).map(|n| line(n, if n % 2 == 0 { "ACME" } else { "Guild" })).collect())
            .await;
    }
    let (acme, guild) = (RuleId::new(), RuleId::new());
    world.rule(acme, "acme", "software").await;
    world.rule(guild, "guild", "memberships").await;
    world.settled().await;
    let wrong = "select count(*) from read.transaction where valid_to = 9223372036854775807
        and category <> case when id = any($1) then 'software' else 'memberships' end";
    let even: Vec<_> = (0..2500).filter(|n| n % 2 == 0).map(|n| line(n, "").id.as_uuid()).collect();
    assert_eq!(sqlx::query_scalar::<_, i64>(wrong).bind(even).fetch_one(&world.pool).await.unwrap(), 0);
    // No event is larger than a page, and nothing was decided twice.
    let decided: (i64, i64) = sqlx::query_as(
        "select sum(json_array_length(payload::json -> 'transactions'))::bigint,
                max(json_array_length(payload::json -> 'transactions'))::bigint
         from store.events where event_type = 'account.recategorised'",
    )
    .fetch_one(&world.pool)
    .await
    .unwrap();
    assert!(decided.0 == 2500 && decided.1 <= 500, "{decided:?}");
    // At each position: the categories sum to the whole, in amount and count, and recategorising moves nothing else.
    let unequal = "select count(*) from (
        select p.position from generate_series(1, (select max(position) from store.log)) p(position)
        left join lateral (select coalesce(sum(amount_in), 0) i, coalesce(sum(amount_out), 0) o, coalesce(sum(count), 0) n
            from read.metric_delta where position <= p.position) parts on true
        left join lateral (select coalesce(sum(amount) filter (where amount > 0), 0) i,
                coalesce(-sum(amount) filter (where amount < 0), 0) o, count(*) n
            from read.transaction where valid_from <= p.position and valid_to > p.position) whole on true
        where (parts.i, parts.n) <> (whole.i, whole.n) or abs(parts.o) <> abs(whole.o)) wrong";
    assert_eq!(sqlx::query_scalar::<_, i64>(unequal).fetch_one(&world.pool).await.unwrap(), 0);
    let net = "select count(*) from (select position from read.metric_delta where cause = 'recategorised'
        group by position having sum(amount_out) <> 0 or sum(count) <> 0) moved";
    assert_eq!(sqlx::query_scalar::<_, i64>(net).fetch_one(&world.pool).await.unwrap(), 0);
}

#[tokio::test]
async fn choices_teach_what_comes_and_no_other_business() {
    let world = World::new().await;
    let hosting: Vec<_> = (0..6).map(|n| line(n, &format!("Nimbus Cloud invoice {n}"))).collect();
    let coffee: Vec<_> = (10..16).map(|n| line(n, &format!("Green Bean Traders {n}"))).collect();
    let old = line(40, "NIMBUS CLOUD invoice 40");
    world.bring(hosting.iter().chain(&coffee).cloned().chain([old.clone()]).collect()).await;
    for known in &hosting {
        world.choose(known.id, Some("software")).await;
    }
    for known in &coffee {
        world.choose(known.id, Some("purchases")).await;
    }
    world.until(old.id, "software", Some("learned")).await;
    let new = line(50, "Green Bean Traders GmbH 50");
    world.bring(vec![new.clone()]).await;
    let took = world.until(new.id, "purchases", Some("learned")).await;
    assert!(took < Duration::from_secs(10), "{took:?}");
    // A rule goes before what was learned.
    world.rule(RuleId::new(), "green bean", "packaging").await;
    world.until(new.id, "packaging", Some("rule")).await;
    let mut other = world;
    (other.business, other.account) = other.register().await;
    let same = line(60, "Green Bean Traders GmbH 60");
    other.bring(vec![same.clone()]).await;
    other.settled().await;
    other.until(same.id, "expense", None).await;
}

#[tokio::test]
async fn parts_are_nobody_elses_to_change_and_what_they_stood_over_is_decided_anew() {
    let world = World::new().await;
    let receipt = line(1, "ACME store");
    world.bring(vec![receipt.clone()]).await;
    let part = |cents, category: &str| NotedPart {
        part: Part { amount: Decimal::new(cents, 2), kind: Kind::Expense, category: category.parse().unwrap() },
        note: None,
    };
    let parts = vec![part(-1_000, "office_supplies"), part(-1, "entertainment")];
    world.split(world.account, SplitCommand::Into { transaction: receipt.id, parts }).await;
    world.rule(RuleId::new(), "acme", "software").await;
    world.settled().await;
    world.until(receipt.id, "expense", Some("split")).await;
    world.split(world.account, SplitCommand::Undo { transaction: receipt.id }).await;
    world.until(receipt.id, "software", Some("rule")).await;
}
