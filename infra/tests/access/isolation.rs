//! The other business's ids, wherever an id can be put: what is theirs is told exactly as what is not there.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::access::{Assurance, Principal, Role};
use uuid::Uuid;

use super::routes::{IDS, ROUTES, Who, request_of};
use super::world::{Shop, World};

fn owner(world: &World) -> Principal {
    world.member(Role::Owner, Assurance::SteppedUp)
}

/// The answer with ids blotted out: two answers that differ in nothing else say the same.
async fn told(world: &World, query: &str, id: Uuid) -> String {
    let answer = world.graphql(Some(&owner(world)), &query.replace("$id", &id.to_string())).await;
    answer.body.to_string().replace(&id.to_string(), "…")
}

#[tokio::test]
async fn ids_of_others_in_questions_about_ours_find_nothing() {
    let world = World::new().await;
    let (account, transaction) = (world.theirs.account.as_uuid(), world.theirs.transaction.as_uuid());
    let period = "period: {from: \"2026-03-01\", to: \"2026-03-31\"}";
    let questions = [
        (account, format!("series({period}, bucket: MONTH, account: \"$id\") {{ points {{ revenue count }} }}")),
        (account, format!("explain(metric: REVENUE, {period}, account: \"$id\") {{ __typename }}")),
        (account, "transactions(account: \"$id\") { nodes { id description } }".to_owned()),
        (transaction, "transactionHistory(id: \"$id\") { __typename }".to_owned()),
        (transaction, "transactions(search: \"$id\") { nodes { id } }".to_owned()),
    ];
    for (theirs, question) in questions {
        let query = format!("{{ business(id: \"{}\") {{ {question} }} }}", world.ours.id);
        let (found, absent) = (told(&world, &query, theirs).await, told(&world, &query, Uuid::now_v7()).await);
        assert_eq!(found, absent, "{question}");
        assert!(!found.contains("Theirs"), "{question}: {found}");
    }
}

#[tokio::test]
async fn what_is_theirs_is_not_changed_through_ours() {
    let world = World::new().await;
    let changes = [
        "renameAccount(business: \"$b\", id: \"$id\", name: \"Mine\") { id }",
        // The name that it has: nothing would change, and nothing may be learnt.
        "renameAccount(business: \"$b\", id: \"$id\", name: \"Theirs current\") { id }",
        "closeAccount(business: \"$b\", id: \"$id\") { id }",
    ];
    for change in changes {
        let mutation = format!("mutation {{ {} }}", change.replace("$b", &world.ours.id.to_string()));
        let found = told(&world, &mutation, world.theirs.account.as_uuid()).await;
        assert_eq!(found, told(&world, &mutation, Uuid::now_v7()).await, "{change}");
        assert!(found.contains("NOT_FOUND"), "{found}");
    }
    let events: i64 = sqlx::query_scalar("select count(*) from store.events where aggregate_id = $1")
        .bind(world.theirs.account.to_string())
        .fetch_one(&world.pool)
        .await
        .unwrap();
    assert_eq!(events, 2, "opened and synced");
}

/// Each route that names something of a business by its id, with those of the other one.
#[tokio::test]
async fn ids_of_others_in_the_paths_of_ours_are_as_those_that_nobody_has() {
    let world = World::new().await;
    let (ours, theirs) = (world.ours.id, world.theirs);
    let place =
        format!("/api/v1/businesses/{}/accounts/{}/transactions/{}", theirs.id, theirs.account, theirs.transaction);
    let attached =
        Request::post(format!("{place}/attachments?name=receipt.txt")).body(Body::from("a receipt")).unwrap();
    let rule = Uuid::now_v7();
    let ask = async |request| {
        let answer = world.send(Some(&world.stranger()), request).await;
        assert!(answer.status.is_success(), "{answer:?}");
        answer.body["id"].as_str().and_then(|id| id.parse::<Uuid>().ok())
    };
    let attachment = ask(attached).await.expect("an attachment");
    let put = request_of("PUT", &format!("/api/v1/businesses/{{business_id}}/rules/{rule}"), "", theirs.id);
    ask(put).await;
    let key = ask(request_of("POST", "/api/v1/businesses/{business}/keys", "", theirs.id)).await.expect("a key");
    let known = |id: &str| match id {
        "{account_id}" => theirs.account.as_uuid(),
        "{source_id}" => theirs.source.as_uuid(),
        "{transaction_id}" => theirs.transaction.as_uuid(),
        "{attachment_id}" => attachment,
        "{rule_id}" => rule,
        "{key}" => key,
        _ => Uuid::now_v7(),
    };
    let events = async || -> Vec<(String, i64)> {
        let all = "select aggregate_id, sequence from store.events where business = $1 order by 1, 2";
        sqlx::query_as(all).bind(theirs.id.to_string()).fetch_all(&world.pool).await.unwrap()
    };
    let before = events().await;
    let mut asked = 0;
    // What is put under an id is there for whoever deletes it later.
    let (first, later): (Vec<_>, Vec<_>) = ROUTES.iter().partition(|(method, ..)| *method == "DELETE");
    for (method, path, query, who) in first.into_iter().chain(later) {
        if !matches!(who, Who::Roles(_)) || !IDS.iter().any(|id| path.contains(id)) {
            continue;
        }
        let told = async |id_of: &dyn Fn(&str) -> Uuid| {
            let ids: Vec<_> = IDS.iter().map(|id| (*id, id_of(id).to_string())).collect();
            let path = path.replace("{hash}", &id_of("{hash}").simple().to_string().repeat(2));
            let path = ids.iter().fold(path, |path, (name, id)| path.replace(name, id));
            let answer = world.send(Some(&owner(&world)), request_of(method, &path, query, ours)).await;
            let body = ids.iter().fold(answer.body.to_string(), |body, (_, id)| body.replace(id, "…"));
            (answer.status, answer.code().map(str::to_owned), body)
        };
        let (found, absent) = (told(&known).await, told(&|_| Uuid::now_v7()).await);
        // What is made under an id of its own has another position each time.
        let same = if found.0.is_success() { found.0 == absent.0 } else { found == absent };
        assert!(same, "{method} {path}: {found:?} {absent:?}");
        assert!(!found.2.contains("Theirs"), "{method} {path}: {found:?}");
        asked += 1;
    }
    assert!(asked > 15, "{asked} routes name something by its id");
    assert_eq!(events().await, before, "nothing of theirs was changed");
}

/// The same of each field and mutation: whatever of theirs is named, it is as if it were not there.
#[tokio::test]
async fn ids_of_others_in_fields_of_ours_are_as_those_that_nobody_has() {
    let world = World::new().await;
    let (ours, theirs, nobodys) = (world.ours.id, world.theirs, Uuid::now_v7());
    let mut ids =
        vec![theirs.id.as_uuid(), theirs.account.as_uuid(), theirs.transaction.as_uuid(), theirs.source.as_uuid()];
    let rule = "mutation { setRule(business: \"$b\", rule: {when: {text: \"rent\"}, category: \"rent\", kind: EXPENSE}) { id } }";
    let made = world.graphql(Some(&world.stranger()), &rule.replace("$b", &theirs.id.to_string())).await;
    ids.push(made.body["data"]["setRule"]["id"].as_str().unwrap_or_else(|| panic!("{made:?}")).parse().unwrap());
    let ask = async |text: &str, id: Uuid, legs: [Uuid; 2]| {
        let named = [("account: \"$x\"", legs[0]), ("transaction: \"$x\"", legs[1])];
        let text = named.iter().fold(text.replace("$b", &ours.to_string()), |text, (name, id)| {
            text.replace(name, &name.replace("$x", &id.to_string()))
        });
        let answer = world.graphql(Some(&owner(&world)), &text.replace("$x", &id.to_string())).await;
        assert!(!answer.is_turned_away(), "{answer:?}");
        [id, legs[0], legs[1]].iter().fold(answer.body.to_string(), |body, id| body.replace(&id.to_string(), "…"))
    };
    let events = "select count(*) from store.events where business = $1";
    let events = async || -> i64 {
        sqlx::query_scalar(events).bind(theirs.id.to_string()).fetch_one(&world.pool).await.unwrap()
    };
    let (before, mut asked) = (events().await, 0);
    for (name, text) in super::fields::by_id() {
        let absent = ask(text, nobodys, [nobodys; 2]).await;
        for id in &ids {
            let found = ask(text, *id, [theirs.account.as_uuid(), theirs.transaction.as_uuid()]).await;
            assert_eq!(found, absent, "{name} with {id}");
            assert!(!found.contains("Theirs"), "{name}: {found}");
            asked += 1;
        }
    }
    assert!(asked > 90, "{asked} questions");
    assert_eq!(events().await, before, "nothing of theirs was changed");
}

#[tokio::test]
async fn a_cursor_of_theirs_is_none_of_ours() {
    let world = World::new().await;
    let page = |business, after: &str| {
        format!(
            "{{ business(id: \"{business}\") {{ transactions(first: 1{after}) {{ pageInfo {{ endCursor }} }}
            batches(first: 1{after}) {{ pageInfo {{ endCursor }} }}
            audit(first: 1{after}) {{ pageInfo {{ endCursor }} }} }} }}"
        )
    };
    let theirs = world.graphql(Some(&world.stranger()), &page(world.theirs.id, "")).await;
    for kind in ["transactions", "batches", "audit"] {
        let cursor = theirs.body["data"]["business"][kind]["pageInfo"]["endCursor"].as_str();
        let cursor = cursor.unwrap_or_else(|| panic!("{kind}: {theirs:?}"));
        let asked = format!(
            "{{ business(id: \"{}\") {{ {kind}(after: \"{cursor}\") {{ pageInfo {{ endCursor }} }} }} }}",
            world.ours.id
        );
        let answer = world.graphql(Some(&owner(&world)), &asked).await;
        assert_eq!(answer.code(), Some("INVALID"), "{kind}: {answer:?}");
    }
}

#[tokio::test]
async fn a_tag_of_theirs_does_not_answer_for_ours() {
    let world = World::new().await;
    let path = |business| format!("/api/v1/metrics/{business}/revenue?from=2026-03-01&to=2026-03-31");
    let get = |uri: String, tag: Option<&str>| {
        let request = tag.iter().fold(Request::get(uri), |request, tag| request.header(header::IF_NONE_MATCH, *tag));
        request.body(Body::empty()).unwrap()
    };
    let theirs = world.send(Some(&world.stranger()), get(path(world.theirs.id), None)).await;
    let tag = theirs.headers[header::ETAG].to_str().unwrap();
    let ours = world.send(Some(&owner(&world)), get(path(world.ours.id), Some(tag))).await;
    assert_eq!(ours.status, StatusCode::OK);
    // Not even whoever holds the right tag, or asks for any, is told that nothing changed.
    for tag in [tag, "*"] {
        let answer = world.send(Some(&owner(&world)), get(path(world.theirs.id), Some(tag))).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{tag}");
        assert!(!answer.headers.contains_key(header::ETAG));
    }
    let again = world.send(Some(&world.stranger()), get(path(world.theirs.id), Some(tag))).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn the_header_is_no_way_around() {
    let world = World::new().await;
    for business in [world.theirs.id, domain::BusinessId::new()] {
        let request = Request::post("/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .header("X-Workdock-Business", business.to_string())
            .body(Body::from(r#"{"query":"{ business { name } }"}"#))
            .unwrap();
        let answer = world.send(Some(&owner(&world)), request).await;
        assert_eq!((answer.code(), answer.text()), (Some("NOT_FOUND"), "There is no such business."));
    }
}

#[tokio::test]
async fn whoever_may_see_one_business_sees_one() {
    let world = World::new().await;
    for query in ["{ found: businesses { id name } }", "{ viewer { found: businesses { id name } } }"] {
        let answer = world.graphql(Some(&owner(&world)), query).await;
        let text = answer.body.to_string();
        assert!(text.contains("Ours") && !text.contains("Theirs"), "{text}");
    }
    let nobody = Principal::user(domain::UserId::new(), Assurance::SteppedUp, std::collections::BTreeMap::new());
    let answer = world.graphql(Some(&nobody), "{ businesses { id } }").await;
    assert_eq!(answer.body["data"]["businesses"], serde_json::json!([]));
}

/// A member without a second factor, where the business asks for one, is shown nothing of it.
#[tokio::test]
async fn a_policy_shuts_out_whoever_has_one_factor() {
    let world = World::new().await;
    let membership = domain::access::Membership { role: Role::Owner, needs_second_factor: true };
    let memberships = std::collections::BTreeMap::from([(world.ours.id, membership)]);
    let one = Principal::user(domain::UserId::new(), Assurance::OneFactor, memberships);
    let answer = world.graphql(Some(&one), &format!("{{ business(id: \"{}\") {{ name }} }}", world.ours.id)).await;
    assert_eq!(answer.code(), Some("SECOND_FACTOR"), "{answer:?}");
    let answer = world.graphql(Some(&one), "{ businesses { name } }").await;
    assert!(!answer.body.to_string().contains("Ours"), "{answer:?}");
}

/// Files, by every way to them.
#[tokio::test]
async fn a_file_of_theirs_is_not_ours() {
    let world = World::new().await;
    let put = |shop: Shop, body: &'static str| {
        let Shop { id, account, transaction, .. } = shop;
        let path =
            format!("/api/v1/businesses/{id}/accounts/{account}/transactions/{transaction}/attachments?name=a.txt");
        Request::post(path).body(Body::from(body)).unwrap()
    };
    let attached = world.send(Some(&world.stranger()), put(world.theirs, "a receipt")).await;
    assert_eq!(attached.status, StatusCode::OK, "{attached:?}");
    let file = attached.body["id"].as_str().unwrap().to_owned();
    let get = |business| {
        Request::get(format!("/api/v1/businesses/{business}/attachments/{file}")).body(Body::empty()).unwrap()
    };
    let theirs = world.send(Some(&world.stranger()), get(world.theirs.id)).await;
    assert_eq!((theirs.status, theirs.headers[header::CONTENT_TYPE].to_str().unwrap()), (StatusCode::OK, "text/plain"));
    for business in [world.theirs.id, world.ours.id] {
        let answer = world.send(Some(&owner(&world)), get(business)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{answer:?}");
    }
    // The same bytes of ours are another file; beside theirs nothing of ours can be put.
    let ours = world.send(Some(&owner(&world)), put(world.ours, "a receipt")).await;
    assert_eq!(ours.status, StatusCode::OK, "{ours:?}");
    assert!(ours.body["id"] != attached.body["id"] && ours.body["sha256"] == attached.body["sha256"]);
    let hashes: i64 =
        sqlx::query_scalar("select count(distinct hash) from files.file").fetch_one(&world.pool).await.unwrap();
    assert_eq!(hashes, 2);
    let crossed = Shop { id: world.ours.id, ..world.theirs };
    let nowhere = Shop { account: domain::AccountId::new(), ..crossed };
    let (found, absent) = (
        world.send(Some(&owner(&world)), put(crossed, "x")).await,
        world.send(Some(&owner(&world)), put(nowhere, "x")).await,
    );
    assert_eq!((found.status, &found.body), (absent.status, &absent.body));
    assert_eq!(found.status, StatusCode::NOT_FOUND);
    let beside = format!(
        "{{ business(id: \"{}\") {{ beside(transaction: \"$id\") {{ attachments {{ name }} memo {{ text }} }} }} }}",
        world.ours.id
    );
    let (found, absent) =
        (told(&world, &beside, world.theirs.transaction.as_uuid()).await, told(&world, &beside, Uuid::now_v7()).await);
    assert_eq!(found, absent);
}
