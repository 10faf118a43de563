//! Every HTTP route with its method.
//!
//! size: the one list of all routes, and who asks them.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::access::{Assurance, Origin, Principal, Role};

use infra::compose::recording::Recording;

use super::world::{Answer, World, assert_same, sources};

#[derive(Debug, Clone, Copy)]
pub enum Who {
    /// Anybody on the network: it holds nothing of anybody, or is how one signs in.
    Open,
    /// Whoever is signed in, for what is their own.
    SignedIn,
    /// Members of the business with one of these roles.
    Roles(&'static [Role]),
    /// Whoever runs the installation.
    LocalOwner,
    /// Owners and auditors of any business, and whoever runs the installation.
    AnyAuditor,
    /// Each field says it itself: see `fields.rs`.
    Fields,
}

use Role::{Auditor, Manager, Owner, Viewer};
use Who::{AnyAuditor, Fields, LocalOwner, Open, Roles, SignedIn};

const READERS: &[Role] = &[Owner, Manager, Viewer, Auditor];
const AUDITORS: &[Role] = &[Owner, Auditor];
const OWNERS: &[Role] = &[Owner];
const EDITORS: &[Role] = &[Owner, Manager];

const TRANSACTION_PARTS: &str =
    "/api/v1/businesses/{business_id}/accounts/{account_id}/transactions/{transaction_id}/parts";

/// Method, path, and the query of a request that would be answered.
pub const ROUTES: &[(&str, &str, &str, Who)] = &[
    ("GET", "/health/live", "", Open),
    ("GET", "/health/ready", "", Open),
    ("GET", "/metrics", "", LocalOwner),
    ("POST", "/api/v1/session", "", Open),
    ("DELETE", "/api/v1/session", "", SignedIn),
    // What they do is asked by command-api/tests/it/identity, which has their accounts.
    ("GET", "/.well-known/jwks.json", "", Open),
    ("POST", "/api/v1/identity/register", "", Open),
    ("POST", "/api/v1/identity/verify-email", "", Open),
    ("POST", "/api/v1/identity/sign-in", "", Open),
    ("POST", "/api/v1/identity/sign-in/second-factor", "", Open),
    ("POST", "/api/v1/identity/sign-in/passkey/start", "", Open),
    ("POST", "/api/v1/identity/sign-in/passkey/finish", "", Open),
    ("POST", "/api/v1/identity/refresh", "", Open),
    ("POST", "/api/v1/identity/sign-out", "", Open),
    ("POST", "/api/v1/identity/forgot-password", "", Open),
    ("POST", "/api/v1/identity/reset-password", "", Open),
    ("POST", "/api/v1/identity/unlock", "", Open),
    ("POST", "/api/v1/identity/email/confirm", "", Open),
    ("GET", "/api/v1/identity/profile", "", SignedIn),
    ("PATCH", "/api/v1/identity/profile", "", SignedIn),
    ("POST", "/api/v1/identity/password", "", SignedIn),
    ("POST", "/api/v1/identity/email", "", SignedIn),
    ("POST", "/api/v1/identity/confirm", "", SignedIn),
    ("POST", "/api/v1/identity/confirm/passkey/start", "", SignedIn),
    ("POST", "/api/v1/identity/confirm/passkey/finish", "", SignedIn),
    ("GET", "/api/v1/identity/factors", "", SignedIn),
    ("POST", "/api/v1/identity/factors/passkeys/start", "", SignedIn),
    ("POST", "/api/v1/identity/factors/passkeys/finish", "", SignedIn),
    ("DELETE", "/api/v1/identity/factors/passkeys/{id}", "", SignedIn),
    ("POST", "/api/v1/identity/factors/totp/start", "", SignedIn),
    ("POST", "/api/v1/identity/factors/totp/confirm", "", SignedIn),
    ("DELETE", "/api/v1/identity/factors/totp", "", SignedIn),
    ("POST", "/api/v1/identity/factors/recovery-codes", "", SignedIn),
    ("GET", "/api/v1/identity/export", "", SignedIn),
    ("GET", "/api/v1/identity/erasure", "", SignedIn),
    ("POST", "/api/v1/identity/erasure", "", SignedIn),
    ("DELETE", "/api/v1/identity/erasure", "", SignedIn),
    ("GET", "/api/v1/identity/sessions", "", SignedIn),
    ("GET", "/api/v1/identity/sign-ins", "", SignedIn),
    ("DELETE", "/api/v1/identity/sessions/{id}", "", SignedIn),
    ("GET", "/api/v1/businesses/{business}/keys", "", Roles(AUDITORS)),
    ("POST", "/api/v1/businesses/{business}/keys", "", Roles(OWNERS)),
    ("DELETE", "/api/v1/businesses/{business}/keys/{key}", "", Roles(OWNERS)),
    ("POST", "/graphql", "", Fields),
    ("GET", "/graphql", "", Fields),
    ("GET", "/graphql/ws", "", Fields),
    // `GET /api/v1/openapi.json`
    ("GET", "openapi::PATH", "", SignedIn),
    ("POST", "/api/v1/businesses", "", SignedIn),
    ("PATCH", "/api/v1/businesses/{business_id}", "", Roles(EDITORS)),
    ("PATCH", "/api/v1/businesses/{business_id}/accounts/{account_id}", "", Roles(EDITORS)),
    ("POST", "/api/v1/businesses/{business_id}/transactions/recategorise", "", Roles(EDITORS)),
    (
        "POST",
        "/api/v1/businesses/{business_id}/accounts/{account_id}/transactions/{transaction_id}/attachments",
        "name=receipt.txt",
        Roles(EDITORS),
    ),
    (
        "DELETE",
        "/api/v1/businesses/{business_id}/accounts/{account_id}/transactions/{transaction_id}/attachments/{attachment_id}",
        "",
        Roles(EDITORS),
    ),
    (
        "PUT",
        "/api/v1/businesses/{business_id}/accounts/{account_id}/transactions/{transaction_id}/memo",
        "",
        Roles(EDITORS),
    ),
    ("PUT", TRANSACTION_PARTS, "", Roles(EDITORS)),
    ("DELETE", TRANSACTION_PARTS, "", Roles(EDITORS)),
    ("GET", "/api/v1/businesses/{business_id}/transactions/{transaction_id}/beside", "", Roles(READERS)),
    ("GET", "/api/v1/businesses/{business_id}/attachments/{attachment_id}", "", Roles(READERS)),
    ("GET", "/api/v1/businesses/{business_id}/payloads/{hash}", "", Roles(READERS)),
    ("GET", "/api/v1/businesses/{business_id}/recurring", "", Roles(READERS)),
    ("PUT", "/api/v1/businesses/{business_id}/recurring/{series_id}", "", Roles(EDITORS)),
    ("GET", "/api/v1/businesses/{business_id}/matches", "", Roles(READERS)),
    ("GET", "/api/v1/businesses/{business_id}/documents", "", Roles(READERS)),
    ("POST", "/api/v1/businesses/{business_id}/matches/{match_id}/decision", "", Roles(EDITORS)),
    ("PUT", "/api/v1/businesses/{business_id}/rules", "", Roles(EDITORS)),
    ("PUT", "/api/v1/businesses/{business_id}/rules/{rule_id}", "", Roles(EDITORS)),
    ("DELETE", "/api/v1/businesses/{business_id}/rules/{rule_id}", "", Roles(EDITORS)),
    ("GET", "/api/v1/businesses/{business_id}/categories", "", Roles(READERS)),
    ("GET", "/api/v1/businesses/{business_id}/rates", "", Roles(READERS)),
    ("POST", "/api/v1/businesses/{business_id}/rates", "", Roles(EDITORS)),
    ("GET", "/api/v1/businesses/{business_id}/rules", "", Roles(READERS)),
    ("POST", "/api/v1/businesses/{business_id}/rules/preview", "", Roles(READERS)),
    ("GET", "/api/v1/businesses/{business_id}/audit", "", Roles(AUDITORS)),
    ("GET", "/api/v1/businesses/{business_id}/audit/log", "", Roles(AUDITORS)),
    ("GET", "/api/v1/businesses/{business_id}/audit/archives", "", Roles(AUDITORS)),
    ("GET", "/api/v1/businesses/{business_id}/audit/archives/{position}", "", Roles(AUDITORS)),
    ("PUT", "/api/v1/businesses/{business_id}/audit/retention", "", Roles(OWNERS)),
    ("GET", "/api/v1/businesses/{business_id}/export", "", Roles(OWNERS)),
    ("POST", "/api/v1/businesses/{business_id}/months/{month}/close", "", Roles(OWNERS)),
    ("POST", "/api/v1/businesses/{business_id}/months/{month}/reopen", "", Roles(OWNERS)),
    ("GET", "/api/v1/businesses/{business_id}/reports/{month}", "", Roles(READERS)),
    // Whoever holds a report checks it by its code: see `months.rs`.
    ("GET", "/api/v1/reports/{code}", "", Open),
    ("GET", "/api/v1/reports/style.css", "", Open),
    ("GET", "/api/v1/erasures", "", SignedIn),
    ("GET", "/api/v1/erasures/{business_id}/certificate", "", SignedIn),
    ("GET", "/api/v1/audit", "", LocalOwner),
    ("GET", "/api/v1/audit/archives", "", LocalOwner),
    ("GET", "/api/v1/audit/archives/{position}", "", LocalOwner),
    ("GET", "/api/v1/audit/checkpoint", "", AnyAuditor),
    ("POST", "/api/v1/audit/checkpoint", "", AnyAuditor),
    ("GET", "/api/v1/audit/proof", "position=1", AnyAuditor),
    ("GET", "/api/v1/businesses", "", SignedIn),
    ("GET", "/api/v1/metrics/{business_id}/summary", "from=2026-03-01&to=2026-03-31", Roles(READERS)),
    ("GET", "/api/v1/metrics/{business_id}/{metric}", "from=2026-03-01&to=2026-03-31", Roles(READERS)),
    ("GET", "/api/v1/businesses/{business_id}/transactions", "", Roles(READERS)),
    ("GET", "/api/v1/businesses/{business_id}/explain", "metric=revenue&from=2026-03-01&to=2026-03-31", Roles(READERS)),
    (
        "GET",
        "/api/v1/businesses/{business_id}/changes",
        "metric=revenue&from=2026-03-01&to=2026-03-31&known_from=1",
        Roles(READERS),
    ),
    ("GET", "/api/v1/businesses/{business_id}/connections", "", Roles(READERS)),
    ("GET", "/api/v1/businesses/{business_id}/connections/{source_id}/log", "", Roles(READERS)),
    ("GET", "/api/v1/businesses/{business_id}/connections/{source_id}/completeness", "", Roles(READERS)),
    ("GET", "/api/v1/businesses/{business_id}/completeness", "", Roles(READERS)),
    ("GET", "/api/v1/businesses/{business_id}/accounts/{account_id}/completeness", "", Roles(READERS)),
    ("GET", "/api/v1/businesses/{business_id}/connections/providers", "", Roles(EDITORS)),
    ("POST", "/api/v1/businesses/{business_id}/connections", "", Roles(EDITORS)),
    ("POST", "/api/v1/businesses/{business_id}/connections/key", "", Roles(EDITORS)),
    ("GET", "/api/v1/businesses/{business_id}/connections/{source_id}/accounts", "", Roles(EDITORS)),
    ("PUT", "/api/v1/businesses/{business_id}/connections/{source_id}/accounts", "", Roles(EDITORS)),
    ("POST", "/api/v1/businesses/{business_id}/connections/{source_id}/sync", "", Roles(EDITORS)),
    ("DELETE", "/api/v1/businesses/{business_id}/connections/{source_id}", "data=keep", Roles(EDITORS)),
    // Ends what this very session began in a business that it may change.
    ("POST", "/api/v1/connections/finish", "", SignedIn),
    // Signed by the provider: asked by connectors/tests/it/providers.
    ("POST", "/api/v1/webhooks/{provider}", "", Open),
    ("POST", "/api/v1/businesses/{business_id}/rates/imports", "", Roles(EDITORS)),
    ("POST", "/api/v1/businesses/{business_id}/imports", "", Roles(EDITORS)),
    ("POST", "/api/v1/businesses/{business_id}/imports/preview", "", Roles(EDITORS)),
];

/// Routes whose rights count only with a second factor that was shown just now.
const STEPPED_UP: &[(&str, &str)] = &[
    ("GET", "/api/v1/businesses/{business_id}/export"),
    ("PUT", "/api/v1/businesses/{business_id}/audit/retention"),
    ("POST", "/api/v1/businesses/{business}/keys"),
    ("DELETE", "/api/v1/businesses/{business}/keys/{key}"),
];

/// Served by parts of the program that `World` does not compose.
fn is_asked_elsewhere(path: &str) -> bool {
    ["/metrics", "openapi::PATH"].contains(&path)
}

/// `.route("path", get(…).post(…))` wherever it stands.
fn served() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (_, text) in sources() {
        for piece in text.split(".route(").skip(1) {
            let piece = piece.split_once(';').map_or(piece, |(piece, _)| piece);
            let piece = ["Router::new()", ".with_state", ".layer(", ".nest("]
                .iter()
                .fold(piece, |piece, end| piece.split(end).next().unwrap());
            let (path, handlers) = piece.split_once(',').unwrap();
            for (call, method) in
                [("get(", "GET"), ("post(", "POST"), ("put(", "PUT"), ("patch(", "PATCH"), ("delete(", "DELETE")]
            {
                let called =
                    |at: usize| !handlers[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_');
                if handlers.match_indices(call).any(|(at, _)| called(at)) {
                    found.insert(format!("{method} {}", path.trim().trim_matches('"')));
                }
            }
        }
    }
    found
}

#[test]
fn every_route_says_who_may_use_it() {
    let listed = ROUTES.iter().map(|(method, path, _, _)| format!("{method} {path}")).collect();
    assert_same("routes", &served(), &listed);
}

#[test]
fn every_route_of_rest_is_described_and_nothing_else() {
    let described = serde_json::to_value(infra::http::described()).unwrap();
    let paths = described["paths"].as_object().unwrap().iter();
    let methods = |(path, methods): (&String, &serde_json::Value)| -> Vec<String> {
        methods.as_object().unwrap().keys().map(|method| format!("{} {path}", method.to_uppercase())).collect()
    };
    let described: BTreeSet<_> = paths.flat_map(methods).collect();
    let is_rest = |route: &String| route.contains(" /api/v1/") || route.contains(" /.well-known/");
    let mut served: BTreeSet<_> =
        ROUTES.iter().map(|(method, path, ..)| format!("{method} {path}")).filter(is_rest).collect();
    assert!(served.remove("GET /api/v1/reports/style.css"), "what a report looks like is for no program");
    let differing: Vec<_> = served.symmetric_difference(&described).collect();
    assert!(differing.is_empty(), "either served or described: {differing:#?}");
}

/// Places in paths for ids of what a business has.
pub const IDS: &[&str] = &[
    "{account_id}",
    "{rule_id}",
    "{source_id}",
    "{transaction_id}",
    "{attachment_id}",
    "{hash}",
    "{series_id}",
    "{match_id}",
    "{key}",
    "{id}",
];

pub fn request(method: &str, path: &str, query: &str, business: impl std::fmt::Display) -> Request<Body> {
    let nothing = uuid::Uuid::now_v7().to_string();
    let path = path.replace("{hash}", &"0".repeat(64));
    let path = IDS.iter().fold(path, |path, id| path.replace(id, &nothing));
    request_of(method, &path, query, business)
}

/// The same with the ids in the path already.
pub fn request_of(method: &str, path: &str, query: &str, business: impl std::fmt::Display) -> Request<Body> {
    let business = business.to_string();
    let filled = [
        ("{business_id}", business.as_str()),
        ("{business}", &business),
        ("{metric}", "revenue"),
        ("{month}", "2026-03"),
        ("{position}", "1"),
    ];
    let path = filled.into_iter().fold(path.to_owned(), |path, (name, value)| path.replace(name, value));
    let is_json = matches!(method, "PATCH" | "PUT" | "DELETE");
    let is_json = is_json
        || path.ends_with("/decision")
        || path.ends_with("/recategorise")
        || path.contains("/months/")
        || path.contains("/identity/")
        || path.ends_with("/keys")
        || path.ends_with("/rates");
    let rate = r#"{"day": "2026-03-02", "base": "EUR", "quote": "USD", "rate": "1.08"}"#;
    let body = match path.rsplit('/').next() {
        Some("reopen") => r#"{"reason": "A late invoice"}"#,
        Some("rates") => rate,
        Some("retention") => r#"{"months": 24}"#,
        Some("keys") => r#"{"name": "Till", "role": "VIEWER"}"#,
        Some("memo") => r#"{"memo": "Mine"}"#,
        Some("parts") => {
            r#"{"parts": [{"amount": "40", "category": "sales"}, {"amount": "60", "category": "services"}]}"#
        }
        _ if path.contains("/rules/") => r#"{"when": {"sign": "in"}, "category": "sales", "kind": "revenue"}"#,
        _ if method == "PATCH" && path.contains("/accounts/") => r#"{"name": "Mine"}"#,
        _ => "{}",
    };
    let uri = if query.is_empty() { path } else { format!("{path}?{query}") };
    let request = Request::builder().method(method).uri(&uri);
    if method == "GET" {
        return request.body(Body::empty()).unwrap();
    }
    if is_json {
        return request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body)).unwrap();
    }
    if path_is_of_files(&uri) {
        return request.body(Body::from("a receipt")).unwrap();
    }
    // A form with nothing in it: refused for what is missing, after the rights were looked at.
    let form = "--x\r\ncontent-disposition: form-data; name=\"strict\"\r\n\r\ntrue\r\n--x--\r\n";
    request.header(header::CONTENT_TYPE, "multipart/form-data; boundary=x").body(Body::from(form)).unwrap()
}

fn path_is_of_files(uri: &str) -> bool {
    uri.contains("/attachments?")
}

/// The list and the guard say the same: behind the guard stands something that answers whoever reaches it.
#[tokio::test]
async fn without_a_session_what_is_open_is_reached_and_nothing_else() {
    let world = World::new().await;
    let router = world.guarded(axum::Router::new().fallback(async || "reached"));
    for (method, path, query, who) in ROUTES {
        // Served beside the guard, for whoever watches the machine.
        if path.starts_with("/health/") {
            continue;
        }
        let path = if *path == "openapi::PATH" { "/api/v1/openapi.json" } else { path };
        let asked = request(method, path, query, world.ours.id);
        let status = tower::ServiceExt::oneshot(router.clone(), asked).await.unwrap().status();
        let expected = if matches!(who, Open) { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
        assert_eq!(status, expected, "{method} {path}");
    }
}

#[tokio::test]
async fn each_role_is_let_in_and_turned_away_as_the_list_says() {
    let world = World::new().await;
    for (method, path, query, who) in ROUTES {
        let Roles(allowed) = who else { continue };
        if is_asked_elsewhere(path) {
            continue;
        }
        let ask = async |principal: Option<Principal>, business: domain::BusinessId| -> Answer {
            world.send(principal.as_ref(), request(method, path, query, business)).await
        };
        let needed = if STEPPED_UP.contains(&(*method, *path)) { Assurance::SteppedUp } else { Assurance::OneFactor };
        if needed == Assurance::SteppedUp {
            let stale = ask(Some(world.member(Owner, Assurance::TwoFactors)), world.ours.id).await;
            assert_eq!(stale.code(), Some("SECOND_FACTOR"), "{method} {path}: {stale:?}");
        }
        for role in Role::ALL {
            let answer = ask(Some(world.member(role, needed)), world.ours.id).await;
            assert_eq!(!answer.is_turned_away(), allowed.contains(&role), "{method} {path} as {role}: {answer:?}");
        }
        let unsigned = ask(None, world.ours.id).await;
        assert_eq!(unsigned.status, StatusCode::UNAUTHORIZED, "{method} {path}");
        let key = ask(Some(world.idle_key()), world.ours.id).await;
        assert_eq!(key.code(), Some("FORBIDDEN"), "{method} {path}: {key:?}");
        let stranger = ask(Some(world.stranger()), world.ours.id).await;
        assert_eq!(stranger.status, StatusCode::NOT_FOUND, "{method} {path}: {stranger:?}");
        let absent = ask(Some(world.stranger()), super::world::nobody()).await;
        assert_eq!((stranger.status, &stranger.body), (absent.status, &absent.body), "{method} {path}");
    }
}

#[tokio::test]
async fn what_is_for_anybody_signed_in_is_for_nobody_else_and_shows_only_theirs() {
    let world = World::new().await;
    for (method, path, query, who) in ROUTES {
        if !matches!(who, SignedIn | Fields) || is_asked_elsewhere(path) {
            continue;
        }
        let answer = world.send(None, request(method, path, query, world.ours.id)).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path}: {answer:?}");
        let answer = world.send(Some(&world.stranger()), request(method, path, query, world.ours.id)).await;
        assert!(!answer.body.to_string().contains(&world.ours.id.to_string()), "{method} {path}: {answer:?}");
    }
}

#[tokio::test]
async fn what_concerns_the_whole_log_is_for_its_keeper_and_its_auditors() {
    let world = World::new().await;
    for (method, path, query, who) in ROUTES {
        let allowed: &[Role] = match who {
            LocalOwner => &[],
            AnyAuditor => AUDITORS,
            _ => continue,
        };
        if is_asked_elsewhere(path) {
            continue;
        }
        let ask = async |principal: Option<Principal>| {
            world.send(principal.as_ref(), request(method, path, query, world.ours.id)).await
        };
        let keeper = ask(Some(Principal::local_owner())).await;
        assert!(!keeper.is_turned_away(), "{path}: {keeper:?}");
        for role in Role::ALL {
            let answer = ask(Some(world.member(role, Assurance::OneFactor))).await;
            assert_eq!(!answer.is_turned_away(), allowed.contains(&role), "{path} as {role}: {answer:?}");
        }
        let key = ask(Some(world.idle_key())).await;
        assert!(key.is_turned_away(), "{path}: {key:?}");
        assert_eq!(ask(None).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
}

#[tokio::test]
async fn every_refusal_of_a_right_is_recorded_with_where_it_came_from() {
    let world = World::new().await;
    let origin = Origin { request: "the-request".into(), address: "192.0.2.7".parse().ok(), ..Origin::default() };
    let recording = Recording::new(world.commands.journal(), world.pool.clone());
    let viewer = recording.of(world.member(Viewer, Assurance::OneFactor), &origin);
    let rename = format!("mutation {{ renameBusiness(id: \"{}\", name: \"Mine\") {{ id }} }}", world.ours.id);
    assert_eq!(world.graphql(Some(&viewer), &rename).await.code(), Some("FORBIDDEN"));
    let audit = request("GET", "/api/v1/businesses/{business_id}/audit", "", world.ours.id);
    assert_eq!(world.send(Some(&viewer), audit).await.code(), Some("FORBIDDEN"));
    let theirs = request("GET", "/api/v1/businesses/{business_id}/transactions", "", world.theirs.id);
    assert_eq!(world.send(Some(&viewer), theirs).await.code(), Some("NOT_FOUND"));
    world.graphql(Some(&viewer), "{ businesses { id } viewer { name } }").await;

    let select =
        "select payload ->> 'action', metadata ->> 'business', metadata ->> 'actor', metadata ->> 'correlation',
        metadata ->> 'address' is not null from store.events where event_type = 'security.access_refused' order by 1";
    let mut rows: Vec<(String, String, String, String, bool)> = Vec::new();
    for _ in 0..100 {
        rows = sqlx::query_as(select).fetch_all(&world.pool).await.unwrap();
        if rows.len() >= 3 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let (ours, nobody) = (world.ours.id.to_string(), uuid::Uuid::nil().to_string());
    let actor = viewer.subject.to_string();
    let row = |action: &str, business: &str| {
        (action.to_owned(), business.to_owned(), actor.clone(), "the-request".to_owned(), true)
    };
    assert_eq!(rows, [row("MANAGE", &ours), row("READ", &nobody), row("READ_AUDIT", &ours)]);
}

/// Once an hour, however often they look; whoever runs the installation is named as support where the business has
/// members of its own.
#[tokio::test]
async fn who_is_shown_what_is_sealed_is_recorded_once_in_a_while() {
    let world = World::new().await;
    let recording = Recording::new(world.commands.journal(), world.pool.clone());
    let viewer = recording.of(world.member(Viewer, Assurance::OneFactor), &Origin::default());
    let support = recording.of(Principal::local_owner(), &Origin::default());
    sqlx::query("insert into access.member (business, user_id, role, since) values ($1, $2, 'OWNER', now())")
        .bind(world.ours.id.as_uuid())
        .bind(uuid::Uuid::now_v7())
        .execute(&world.pool)
        .await
        .unwrap();
    let page = || request("GET", "/api/v1/businesses/{business_id}/transactions", "", world.ours.id);
    let figures =
        request("GET", "/api/v1/metrics/{business_id}/summary?from=2026-01-01&to=2026-12-31", "", world.ours.id);
    assert_eq!(world.send(Some(&viewer), figures).await.status, StatusCode::OK);
    for _ in 0..3 {
        assert_eq!(world.send(Some(&viewer), page()).await.status, StatusCode::OK);
    }
    assert_eq!(world.send(Some(&support), page()).await.status, StatusCode::OK);
    let select = "select event_type, metadata ->> 'actor' from store.events
        where event_type in ('security.sealed_field_viewed', 'security.support_access') order by 1, 2";
    let mut rows: Vec<(String, String)> = Vec::new();
    for _ in 0..200 {
        rows = sqlx::query_as(select).fetch_all(&world.pool).await.unwrap();
        if rows.len() == 3 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let viewed = "security.sealed_field_viewed".to_owned();
    let mut expected = vec![(viewed.clone(), viewer.subject.to_string()), (viewed, "owner".to_owned())];
    expected.sort();
    expected.push(("security.support_access".to_owned(), "owner".to_owned()));
    assert_eq!(rows, expected);
}
