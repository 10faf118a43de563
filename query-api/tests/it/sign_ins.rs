//! Who signed in: in the history of each business that they belonged to then, and in their own.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::http::Request;
use chrono::Utc;
use domain::access::{Assurance, Membership, Place, Places, Principal, Role};
use domain::business::{BusinessCommand, TeamCommand, TokenHash};
use domain::security::{Factor, SecurityEvent, SignInFailure};
use domain::{AddresseeId, BusinessId, Email, InvitationId, UserId};
use serde_json::{Value, json};
use streams::Meta;
use streams::security::Journal;

use crate::world::{World, answer_of};

const FROM: &str = "203.0.113.7";
const AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0";

/// Recorded as identity does it, and shown.
async fn note(world: &World, user: UserId, event: SecurityEvent) {
    let before = world.head().await;
    let meta =
        Meta { address: Some(FROM.into()), agent: Some(AGENT.into()), ..Meta::installation(format!("user:{user}")) };
    world.commands.journal().record(event, &meta).await.unwrap();
    while world.head().await == before {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    shown(world).await;
}

async fn shown(world: &World) {
    let patience = std::time::Duration::from_secs(20);
    streams::projection::wait_for(&world.pool, "audit", world.head().await, patience).await.unwrap();
}

async fn sign_in(world: &World, user: UserId) {
    let factors = vec![Factor::Password, Factor::Totp];
    note(world, user, SecurityEvent::SignedIn { user: Some(user), session: uuid::Uuid::now_v7(), factors }).await;
}

async fn fail(world: &World, user: UserId) {
    let (factor, reason) = (Factor::Password, SignInFailure::WrongPassword);
    note(world, user, SecurityEvent::SignInFailed { user: Some(user), factor, reason }).await;
}

async fn order(world: &World, command: TeamCommand) {
    let command = BusinessCommand::Team(command);
    let receipt = world.commands.business(world.business, command, &Meta::new(world.business, "owner")).await.unwrap();
    world.commands.position_of(&receipt).await.unwrap();
    shown(world).await;
}

async fn join(world: &World, user: UserId, role: Role) {
    let (invitation, token, now) = (InvitationId::new(), TokenHash::of(b"token"), Utc::now());
    let email: Email = format!("{user}@example.com").parse().unwrap();
    order(
        world,
        TeamCommand::Invite {
            invitation,
            email: email.clone(),
            addressee: AddresseeId::new(),
            role,
            token: token.clone(),
            now,
        },
    )
    .await;
    order(world, TeamCommand::Accept { invitation, token, user, email, now }).await;
}

/// Knows where one address is.
struct Atlas;

impl Places for Atlas {
    fn place_of(&self, address: IpAddr) -> Option<Place> {
        let berlin = Place::in_world(Some("Berlin".into()), Some("DE".into()));
        berlin.filter(|_| address.to_string() == FROM)
    }
}

async fn ask(world: &World, principal: Principal, path: &str) -> Value {
    let own = query_api::rest::sign_ins::router(world.reader.clone(), Arc::new(Atlas));
    let app = world.app_without_session().merge(own).layer(Extension(principal));
    answer_of(app, Request::get(path).body(Body::empty()).unwrap()).await.2
}

/// Kinds of what concerns sign-ins, the newest first.
async fn history(world: &World, business: BusinessId, query: &str) -> Vec<Value> {
    let membership = Membership { role: Role::Auditor, needs_second_factor: false };
    let auditor = Principal::user(UserId::new(), Assurance::TwoFactors, BTreeMap::from([(business, membership)]));
    let path = format!("/api/v1/businesses/{business}/audit?kind=security&first=3{query}");
    let answer = ask(world, auditor, &path).await;
    answer["entries"].as_array().unwrap_or_else(|| panic!("{answer}")).clone()
}

fn kinds(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|entry| entry["kind"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_business_sees_the_sign_ins_of_its_members_while_they_are_members() {
    let world = World::new().await;
    let other = world.register("Ben's Garage").await;
    let (ada, eve) = (UserId::new(), UserId::new());
    sign_in(&world, ada).await;
    join(&world, ada, Role::Owner).await;
    assert_eq!(history(&world, world.business, "").await, Vec::<Value>::new());
    for _ in 0..2 {
        fail(&world, ada).await;
    }
    sign_in(&world, ada).await;
    sign_in(&world, eve).await;
    let seen = history(&world, world.business, "").await;
    assert_eq!(kinds(&seen), ["security.signed_in", "security.sign_in_failed", "security.sign_in_failed"]);
    assert_eq!((&seen[0]["address"], &seen[0]["agent"]), (&json!(FROM), &json!(AGENT)));
    assert_eq!(seen[0]["subject"], json!(ada));
    // Filters and pages reach them as they do all others.
    let text = history(&world, world.business, "&text=failed%20wrong").await;
    assert_eq!(kinds(&text), ["security.sign_in_failed"; 2]);
    assert_eq!(history(&world, other, "").await, Vec::<Value>::new());

    join(&world, eve, Role::Owner).await;
    order(&world, TeamCommand::Remove { user: ada }).await;
    sign_in(&world, ada).await;
    sign_in(&world, eve).await;
    let seen = history(&world, world.business, "").await;
    let who: Vec<_> = seen.iter().map(|entry| entry["subject"].clone()).collect();
    assert_eq!(who, [json!(eve), json!(ada), json!(ada)], "only one of each is of when they were members");
}

#[tokio::test]
async fn one_sees_ones_own_sign_ins_and_those_of_nobody_else() {
    let world = World::new().await;
    let (ada, eve) = (UserId::new(), UserId::new());
    fail(&world, ada).await;
    sign_in(&world, ada).await;
    sign_in(&world, eve).await;
    note(&world, ada, SecurityEvent::ProfileChanged { user: ada }).await;
    let own = async |user| {
        let principal = Principal::user(user, Assurance::OneFactor, BTreeMap::new());
        let mut answer = ask(&world, principal, "/api/v1/identity/sign-ins").await["signIns"].take();
        answer.as_array_mut().unwrap().iter_mut().for_each(|one| drop(one["at"].take()));
        answer
    };
    let place = json!({ "kind": "WORLD", "city": "Berlin", "country": "DE" });
    let from = |result: &str, factors: &[&str], reason: Option<&str>| json!({ "at": null, "result": result, "factors": factors, "reason": reason, "address": FROM, "place": place, "agent": AGENT });
    let signed_in = from("SIGNED_IN", &["password", "totp"], None);
    assert_eq!(own(ada).await, json!([signed_in, from("FAILED", &["password"], Some("wrong_password"))]));
    assert_eq!(own(eve).await, json!([signed_in]));
    assert_eq!(own(UserId::new()).await, json!([]));
}
