//! What the archive of a business holds beside its log and its transactions: each list with a row that its owner knows.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use chrono::Utc;
use domain::access::{Assurance, Role};
use domain::business::{BusinessCommand, RulesCommand, TeamCommand, TokenHash};
use domain::matching::{Evidence, Match, MatchLeg, Relation};
use domain::meaning::{Meaning, Rule, Sign, When};
use domain::{AddresseeId, BusinessId, InvitationId, Kind, MatchId, RuleId, TransactionId, UserId};
use serde_json::{Value, json};
use streams::matches::{Kept, State};
use streams::testing::{archived, keys, table};
use streams::{Meta, mappings};
use uuid::Uuid;

use crate::export::{download, member};
use crate::world::{World, rent, sale};

/// What opens something, in the database as it is here.
const SECRETS: [&str; 3] = ["c0ffee", "key_hash", "sealed access"];

async fn order(world: &World, command: BusinessCommand) {
    let (business, meta) = (world.business, Meta::new(world.business, "owner"));
    let receipt = world.commands.business(business, command, &meta).await.unwrap();
    world.commands.position_of(&receipt).await.unwrap();
}

async fn execute(world: &World, statement: &str) {
    sqlx::query(statement).execute(&world.pool).await.unwrap();
}

fn token() -> TokenHash {
    TokenHash::of(b"token")
}

/// A member, somebody who was invited, and a key.
async fn staff(world: &World) -> UserId {
    let (invitation, user, now) = (InvitationId::new(), UserId::new(), Utc::now());
    let email: domain::Email = "bo@example.com".parse().unwrap();
    let (role, token) = (Role::Manager, token());
    let invite = TeamCommand::Invite {
        invitation,
        email: email.clone(),
        addressee: AddresseeId::new(),
        role,
        token: token.clone(),
        now,
    };
    order(world, BusinessCommand::Team(invite)).await;
    let accept = TeamCommand::Accept { invitation, token: token.clone(), user, email, now };
    order(world, BusinessCommand::Team(accept)).await;
    let (invitation, role) = (InvitationId::new(), Role::Auditor);
    let invite = TeamCommand::Invite {
        invitation,
        email: "cy@example.com".parse().unwrap(),
        addressee: AddresseeId::new(),
        role,
        token,
        now,
    };
    order(world, BusinessCommand::Team(invite)).await;
    let business = world.business;
    let key =
        "gen_random_uuid(), '{}', 'VIEWER', array['READ', 'IMPORT'], '+Till', 'wdk_TILL1234', '\\xc0ffee', 'owner'";
    let columns = "id, business, role, scopes, name, prefix, key_hash, made_by";
    let key = key.replace("{}", &business.to_string());
    execute(world, &format!("insert into access.api_key ({columns}) values ({key})")).await;
    user
}

/// A connection with what opens it, how files of the account are read, and what one said of it.
async fn sources(world: &World) {
    let World { business, source, account, .. } = world;
    execute(
        world,
        &format!(
            "insert into connectors.connection (source, business, provider, external_id, state, accounts, health, reason,
                 created_at) values ('{source}', '{business}', 'plaid', 'item', 'active', array['{account}'::uuid],
                 'consent_needed', 'ITEM_LOGIN_REQUIRED', '2026-01-02')"
        ),
    )
    .await;
    let credential = format!("values ('{source}', '{business}', 'sealed access')");
    execute(world, &format!("insert into connectors.credential (source, business, sealed) {credential}")).await;
    let sealer = keys(&world.pool).of_business(world.business);
    let sealed = mappings::seal(&sealer, r#"{"columns":{"amount":"=Betrag"}}"#).await.unwrap();
    let account_hash = mappings::account_hash(&sealer, " Current ").await.unwrap();
    let mapping = format!("('{business}', '{account_hash}', 'csv', '', to_jsonb('{sealed}'::text))");
    execute(
        world,
        &format!("insert into sources.mapping (business, account, format, header, mapping) values {mapping}"),
    )
    .await;
    let span = json!([{"from": "2026-01-01", "to": "2026-01-31", "opening": "-1.00",
        "balances": [["2026-01-31", "5.00"]], "is_stated": true}]);
    let statement = format!("('{account}', '', '{business}', '{span}', 3)");
    execute(
        world,
        &format!("insert into sources.statement (account, file, business, spans, refused) values {statement}"),
    )
    .await;
}

/// A rule, a match and payments that come again.
async fn meaning(world: &World) {
    let then = Meaning { kind: Kind::Expense, category: "rent".parse().unwrap() };
    let when = When { text: vec!["=landlord".into(), "rent*".into()], sign: Some(Sign::Out), ..When::default() };
    let rule = Rule { id: RuleId::new(), when, then: then.clone() };
    order(world, BusinessCommand::Rules(RulesCommand::Set { rule, before: None })).await;
    let leg = |name: &str, to| MatchLeg { account: world.account, id: TransactionId::derive([name.as_bytes()]), to };
    let found = Match {
        id: MatchId::from_uuid(Uuid::from_u128(7)),
        relation: Relation::BookEntry,
        percent: 95,
        evidence: vec![Evidence::SameAmount],
        legs: vec![leg("a", Some(then)), leg("b", None)],
        parts: None,
    };
    let (day, amount, currency) = ("2026-03-03".parse().unwrap(), "12.5".parse().unwrap(), "EUR".parse().unwrap());
    let kept = Kept { found, state: State::Proposed, day, amount, currency };
    world.commands.matches().put(world.business, &kept).await.unwrap();
    let (business, account) = (world.business, world.account);
    let newest = TransactionId::derive([b"b".as_slice()]);
    // The last of them is years ago: it is over, and listed nonetheless.
    let series = format!(
        "('{business}', gen_random_uuid(), '{account}', 'EUR', 'expense', 'rent', 'monthly', 'day:3', 0, -900, -950, -890,
          12, '2020-03-03', 99, array['{newest}'::uuid])"
    );
    let columns =
        "business, id, account, currency, kind, category, period, anchor, phase, typical, low, high, count, last,
        certainty, members";
    execute(world, &format!("insert into recurring.series ({columns}) values {series}")).await;
}

async fn everything(world: &World) -> BTreeMap<String, Vec<u8>> {
    let owner = member(world.business, Role::Owner, Assurance::SteppedUp);
    let head = world.head().await;
    streams::projection::wait_for(&world.pool, "metrics", head, std::time::Duration::from_secs(20)).await.unwrap();
    let (status, archive) = download(world, owner, world.business).await;
    assert_eq!(status, StatusCode::OK, "{}", String::from_utf8_lossy(&archive));
    archived(&archive).1
}

/// The only row of a list, without what differs from run to run; and its line as CSV.
fn only(files: &BTreeMap<String, Vec<u8>>, name: &str) -> (Value, String) {
    let (mut rows, csv) = table(files, name);
    assert_eq!(rows.len(), 1, "{name}: {rows:?}");
    (rows.remove(0), csv)
}

fn part(row: &Value, columns: &[&str]) -> Value {
    columns.iter().map(|column| row[*column].clone()).collect()
}

#[tokio::test]
async fn people_and_keys_are_listed_without_what_opens_anything() {
    let world = World::new().await;
    let user = staff(&world).await;
    let files = everything(&world).await;
    let (row, csv) = only(&files, "members");
    assert_eq!(part(&row, &["user", "name", "email", "role"]), json!([user, "=Bo Baker", "bo@example.com", "MANAGER"]));
    assert!(csv.contains(&format!("{user},'=Bo Baker,bo@example.com,MANAGER,")), "{csv}");
    let (rows, csv) = table(&files, "invitations");
    let told: Vec<_> = rows.iter().map(|row| part(row, &["email", "role", "state"])).collect();
    let accepted = json!(["bo@example.com", "MANAGER", "accepted"]);
    assert_eq!(told, [accepted, json!(["cy@example.com", "AUDITOR", "open"])]);
    assert!(csv.contains(",cy@example.com,AUDITOR,open,"), "{csv}");
    let (row, csv) = only(&files, "keys");
    let columns = ["name", "prefix", "role", "scopes", "made_by", "used_at"];
    assert_eq!(part(&row, &columns), json!(["+Till", "wdk_TILL1234", "VIEWER", ["READ", "IMPORT"], "owner", null]));
    assert!(csv.contains(",'+Till,wdk_TILL1234,VIEWER,\"READ, IMPORT\",owner,"), "{csv}");
}

#[tokio::test]
async fn where_transactions_come_from_is_listed_with_how_it_is_read() {
    let world = World::new().await;
    sources(&world).await;
    let files = everything(&world).await;
    let (row, csv) = only(&files, "connections");
    let columns = ["name", "provider", "state", "health", "reason", "accounts"];
    let known = json!(["Statements", "plaid", "active", "consent_needed", "ITEM_LOGIN_REQUIRED", [world.account]]);
    assert_eq!(part(&row, &columns), known);
    assert!(row["connected_at"].as_str().unwrap().starts_with("2026-01-02"), "{row}");
    assert!(csv.contains(",Statements,plaid,active,consent_needed,ITEM_LOGIN_REQUIRED,"), "{csv}");
    let (row, csv) = only(&files, "mappings");
    let mapping = json!({"columns": {"amount": "=Betrag"}});
    assert_eq!(part(&row, &["account", "format", "mapping"]), json!(["Current", "csv", mapping]));
    assert!(csv.contains("Current,csv,") && csv.contains(r#""{""columns"":{""amount"":""=Betrag""}}""#), "{csv}");
    let (row, csv) = only(&files, "statements");
    assert_eq!(part(&row, &["from", "to", "closing", "refused_lines"]), json!(["2026-01-01", "2026-01-31", "5.00", 3]));
    assert!(csv.contains(",2026-01-01,2026-01-31,-1.00,5.00,true,3"), "{csv}");
}

#[tokio::test]
async fn what_transactions_mean_is_listed_with_what_was_found_of_them() {
    let world = World::new().await;
    world.bring(vec![sale("a", "2026-03-02", "12.50"), rent("b", "2026-03-03", "-950")], vec![]).await;
    meaning(&world).await;
    let files = everything(&world).await;
    let (row, csv) = only(&files, "rules");
    let columns = ["number", "text", "sign", "kind", "category"];
    assert_eq!(part(&row, &columns), json!([1, ["=landlord", "rent*"], "out", "expense", "rent"]));
    assert!(csv.contains(",\"'=landlord, rent*\",,out,"), "{csv}");
    let (row, csv) = only(&files, "matches");
    let columns = ["relation", "state", "percent", "day", "amount", "currency"];
    assert_eq!(part(&row, &columns), json!(["book_entry", "proposed", 95, "2026-03-03", "12.50", "EUR"]));
    assert!(csv.contains(",book_entry,proposed,95,2026-03-03,12.50,EUR,"), "{csv}");
    let (rows, _) = table(&files, "match_legs");
    let told: Vec<_> = rows.iter().map(|row| part(row, &["transaction", "kind", "category"])).collect();
    let id = |name: &str| TransactionId::derive([name.as_bytes()]);
    assert_eq!(told, [json!([id("a"), "expense", "rent"]), json!([id("b"), null, null])]);
    assert_eq!(rows[0]["match"], row["id"]);
    let (row, csv) = only(&files, "recurring");
    let columns = ["payee", "period", "typical", "last", "ruled_out", "transactions"];
    let known = json!(["Line b", "monthly", "-900.00", "2020-03-03", false, [id("b")]]);
    assert_eq!(part(&row, &columns), known);
    assert!(csv.contains("Line b,expense,rent,monthly,-900.00,"), "{csv}");
}

#[tokio::test]
async fn nothing_that_opens_something_is_in_any_file() {
    let world = World::new().await;
    staff(&world).await;
    sources(&world).await;
    let token = json!(token()).as_str().unwrap().to_owned();
    let secrets: Vec<_> = SECRETS.into_iter().map(str::to_owned).chain([token]).collect();
    let logged = "select payload::text from store.events where event_type = 'business.member_invited' limit 1";
    let logged: String = sqlx::query_scalar(logged).fetch_one(&world.pool).await.unwrap();
    assert!(logged.contains(secrets.last().unwrap()), "the log itself has the hash: {logged}");
    let files = everything(&world).await;
    let events = String::from_utf8_lossy(&files["events.jsonl"]);
    assert!(events.contains("business.member_invited") && events.contains("cy@example.com"), "{events}");
    for (name, bytes) in &files {
        let text = String::from_utf8_lossy(bytes);
        let found = secrets.iter().find(|secret| text.contains(secret.as_str()));
        assert_eq!(found, None, "{name}");
    }
}

/// Invited before people had keys: the log still opens the address, the archive does not.
#[tokio::test]
async fn who_was_erased_is_in_no_archive_of_a_business_that_invited_them() {
    let world = World::new().await;
    staff(&world).await;
    let event = "
insert into store.events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata)
select 'business', $1, 1 + max(sequence), 'business.member_invited', '1',
       json_build_object('event', 'business.member_invited', 'invitation', $2, 'email', 'di@example.com', 'role', 'VIEWER',
                         'token', repeat('ab', 32), 'expires_at', '2020-01-01T00:00:00Z'),
       json_build_object('business', $1, 'actor', 'owner')
from store.events where aggregate_type = 'business' and aggregate_id = $1";
    let (business, invitation) = (world.business.to_string(), InvitationId::new().to_string());
    sqlx::query(event).bind(business).bind(invitation).execute(&world.pool).await.unwrap();
    let emails = ["DI@example.com", "cy@example.com"].map(|email| email.parse().unwrap()).to_vec();
    order(&world, BusinessCommand::Team(TeamCommand::EraseInvitee { emails })).await;
    let files = everything(&world).await;
    for (name, bytes) in &files {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains("di@example.com") && !text.contains("cy@example.com"), "{name}");
    }
    let (rows, _) = table(&files, "invitations");
    let shown: Vec<_> = rows.iter().map(|row| row["email"].as_str().unwrap()).collect();
    assert_eq!(shown, ["bo@example.com", "(erased person)", "(erased person)"]);
    let events = String::from_utf8_lossy(&files["events.jsonl"]);
    assert_eq!(events.matches("(erased person)").count(), 2, "{events}");
}

#[tokio::test]
async fn what_another_business_has_is_in_no_list() {
    let mut world = World::new().await;
    world.bring(vec![sale("a", "2026-03-02", "12.50"), rent("b", "2026-03-03", "-950")], vec![]).await;
    staff(&world).await;
    sources(&world).await;
    meaning(&world).await;
    let (other, ours): (BusinessId, BusinessId) = (world.register("Bo's Butchery").await, world.business);
    world.business = other;
    let files = everything(&world).await;
    for (name, bytes) in files.iter().filter(|(name, _)| name.ends_with(".json") && *name != "manifest.json") {
        assert_eq!(String::from_utf8_lossy(bytes), "[\n]\n", "{name}");
    }
    assert!(!String::from_utf8_lossy(&files["events.jsonl"]).contains(&ours.to_string()));
}
