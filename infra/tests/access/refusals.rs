//! What was refused before any aggregate was asked stands in the history like what an aggregate refused.

use domain::access::{Assurance, Role};
use serde_json::Value;

use super::months::sell;
use super::world::World;

#[tokio::test]
async fn a_decision_about_a_match_that_is_not_there_is_recorded() {
    let world = World::new().await;
    let manager = world.member(Role::Manager, Assurance::OneFactor);
    let (business, unknown) = (world.ours.id, uuid::Uuid::now_v7());
    let decide = format!(
        "mutation {{ decideMatch(business: \"{business}\", id: \"{unknown}\", decision: ACCEPT) {{ position }} }}"
    );
    assert_eq!(world.graphql(Some(&manager), &decide).await.code(), Some("NOT_FOUND"));
    let later = sell(&world, 4).await;
    let history = format!(
        "{{ business(id: \"{business}\") {{ audit(filter: {{kind: \"security.command_refused\"}}, minPosition: {later}) {{
            edges {{ node {{ summary subject actor {{ name }} }} }} }} }} }}"
    );
    let told = world.graphql(Some(&world.member(Role::Auditor, Assurance::OneFactor)), &history).await;
    let told = &told.body["data"]["business"]["audit"]["edges"];
    assert_eq!(told.as_array().map(Vec::len), Some(1), "{told}");
    let node = &told[0]["node"];
    assert!(node["summary"].as_str().unwrap().starts_with("Accept of match refused"), "{told}");
    assert_eq!(node["subject"], Value::from(unknown.to_string()));
    assert_eq!(node["actor"]["name"], Value::from(manager.subject.to_string()));
}
