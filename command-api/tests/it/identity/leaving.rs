//! The end of an account, and everything about a person as an archive.

use chrono::{TimeDelta, Utc};
use command_api::identity::erase_due;
use domain::access::Role;
use domain::business::{BusinessCommand, TeamCommand};
use domain::{BusinessId, FiscalMonth, KeyId, TimeZone, UserId};
use serde_json::{Value, json};
use sqlx::Row;
use streams::{Commands, Meta};

use super::app::{App, PASSWORD};

const ADA: &str = "ada@example.com";

pub async fn id_of(browser: &mut super::app::Browser<'_>) -> UserId {
    browser.get("profile").await.json()["id"].as_str().unwrap().parse().unwrap()
}

pub async fn shop(commands: &Commands, owner: UserId) -> BusinessId {
    let id = BusinessId::new();
    let register = BusinessCommand::Register {
        id,
        name: "Shop".into(),
        base_currency: "EUR".parse().unwrap(),
        time_zone: TimeZone::UTC,
        fiscal_year_first_month: FiscalMonth::JANUARY,
        founder: Some(owner),
    };
    commands.business(id, register, &Meta::new(id, "owner")).await.unwrap();
    id
}

async fn rows_about(app: &App, user: UserId) -> Vec<String> {
    let tables = "select format('%I.%I', table_schema, table_name), column_name from information_schema.columns
        where table_schema = 'access' and column_name = 'user_id' and table_name <> 'membership'";
    let mut found = Vec::new();
    for table in sqlx::query(tables).fetch_all(&app.database.pool()).await.unwrap() {
        let (table, column): (String, String) = (table.get(0), table.get(1));
        let any = format!("select exists (select from {table} where {column} = $1)");
        if sqlx::query_scalar(&any).bind(user.as_uuid()).fetch_one(&app.database.pool()).await.unwrap() {
            found.push(table);
        }
    }
    found
}

#[tokio::test]
async fn an_account_ends_after_thirty_days_and_leaves_an_id() {
    let app = App::start().await;
    let commands = streams::testing::commands(app.database.pool());
    let mut ada = app.signed_in(ADA).await;
    let mut bob = app.signed_in("bob@example.com").await;
    let (user, other) = (id_of(&mut ada).await, id_of(&mut bob).await);
    let shop = shop(&commands, user).await;

    let wrong = ada.post("erasure", json!({ "confirmation": "bob@example.com" })).await;
    assert_eq!(wrong.status, 422, "{wrong:?}");
    let alone = ada.post("erasure", json!({ "confirmation": ADA })).await;
    assert_eq!(alone.status, 422, "{alone:?}");
    let refused = json!({ "event": "security.command_refused", "aggregate": "user", "id": user,
                          "command": "RequestErasure", "code": "REFUSED" });
    assert_eq!(app.told("command_refused").await, [refused.clone(), refused]);
    assert_eq!(ada.get("erasure").await.json()["sole_owner_of"], json!([shop]));
    // Somebody else becomes an owner.
    let pool = app.database.pool();
    let join = "insert into store.events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata)
        select 'business', $1, 1 + max(sequence), 'business.member_joined', '1',
               json_build_object('event', 'business.member_joined', 'user', $2, 'role', 'OWNER'),
               json_build_object('business', $1, 'actor', 'owner')
        from store.events where aggregate_id = $1";
    sqlx::query(join).bind(shop.to_string()).bind(other.to_string()).execute(&pool).await.unwrap();

    let asked = ada.post("erasure", json!({ "confirmation": " Ada@Example.com " })).await;
    assert_eq!(asked.status, 202, "{asked:?}");
    assert!(asked.json()["due_at"].is_string());
    assert_eq!(app.mail().await.iter().filter(|mail| mail.text.contains("goes for good")).count(), 1);
    assert_eq!(ada.delete("erasure").await.status, 204);
    let later = Utc::now() + TimeDelta::days(31);
    assert_eq!(erase_due(&app.identity, &commands, later).await.unwrap(), 0);

    assert_eq!(ada.post("erasure", json!({ "confirmation": ADA })).await.status, 202);
    assert_eq!(erase_due(&app.identity, &commands, Utc::now()).await.unwrap(), 0, "the grace is not over");
    assert_eq!(ada.sign_in(ADA, PASSWORD).await.status, 200, "so that it can be taken back");
    assert!(!rows_about(&app, user).await.is_empty());
    assert_eq!(erase_due(&app.identity, &commands, later).await.unwrap(), 1);

    assert_eq!(rows_about(&app, user).await, Vec::<String>::new());
    assert_eq!(ada.who().await, "401");
    assert_eq!(ada.sign_in(ADA, PASSWORD).await.status, 401);
    let team = commands.business_now(shop).await.unwrap();
    assert_eq!(team.team().members.iter().collect::<Vec<_>>(), [(other, Role::Owner)]);
    let told = app.mail().await;
    assert_eq!(told.iter().filter(|mail| mail.text.contains("last letter")).count(), 0, "it brings the certificate");
    let journal = app.journal().await;
    for event in ["erasure_requested", "erasure_withdrawn", "account_erased"] {
        assert!(journal.iter().any(|noted| noted == event), "{event}: {journal:?}");
    }
    assert_eq!(bob.who().await.split(' ').next(), Some(format!("user:{other}").as_str()));
}

#[tokio::test]
async fn the_last_owner_stays_until_there_is_another() {
    let app = App::start().await;
    let commands = streams::testing::commands(app.database.pool());
    let mut ada = app.signed_in(ADA).await;
    let user = id_of(&mut ada).await;
    assert_eq!(ada.post("erasure", json!({ "confirmation": ADA })).await.status, 202);
    let shop = shop(&commands, user).await;
    let later = Utc::now() + TimeDelta::days(31);
    assert_eq!(erase_due(&app.identity, &commands, later).await.unwrap(), 0);
    let leave = BusinessCommand::Team(TeamCommand::Leave { user });
    assert!(commands.business(shop, leave, &Meta::new(shop, "owner")).await.is_err());
    assert!(!rows_about(&app, user).await.is_empty());
}

#[tokio::test]
async fn a_person_gets_everything_about_them_and_no_secret() {
    let app = App::start().await;
    streams::projection::prepare(&app.database.pool(), &[]).await.unwrap();
    // The view of the audit history is a projection's, which does not run here.
    app.execute(
        "create view read.event as select 1::bigint as position, gen_random_uuid() as business, now() as at, 'x' as kind,
         (select 'user:' || id from access.user_account limit 1) as actor, null::text as on_behalf_of,
         gen_random_uuid() as subject, 'Signed in' as summary, null::text as before, '{\"role\": \"OWNER\"}' as after,
         null::text as request",
    )
    .await;
    let mut ada = app.signed_in(ADA).await;
    let (user, till) = (id_of(&mut ada).await, KeyId::new());
    app.execute(&format!(
        "insert into access.api_key (id, business, role, scopes, name, prefix, key_hash, made_by)
         values ('{till}', gen_random_uuid(), 'VIEWER', array['READ'], '=Till', 'wdk_TILL1234', '\\xc0ffee', 'user:{user}')"
    ))
    .await;
    let archive = ada.get("export").await;
    assert_eq!(archive.status, 200, "{archive:?}");
    let (manifest, files) = streams::testing::archived(archive.text.as_bytes());
    assert_eq!((manifest.format.as_str(), &manifest.of["user"]), ("workdock.person.v3", &json!(user)));
    assert_eq!(manifest.files.len(), 17, "a text, and eight lists in two forms");

    let (profile, table) = streams::testing::table(&files, "profile");
    assert_eq!(profile, [json!({ "id": user, "name": "Ada", "email": ADA })]);
    assert_eq!(table, format!("id,name,email\n{user},Ada,{ADA}\n"));
    let (sessions, table) = streams::testing::table(&files, "sessions");
    assert_eq!((sessions.len(), &sessions[0]["address"]), (1, &json!("127.0.0.1")));
    assert!(table.starts_with("id,begun_at,used_at,"), "{table}");
    let (factors, _) = streams::testing::table(&files, "factors");
    assert_eq!(factors[0]["factor"], "password");
    let (keys, table) = streams::testing::table(&files, "keys");
    assert_eq!((&keys[0]["name"], &keys[0]["scopes"]), (&json!("=Till"), &json!(["READ"])));
    assert!(table.contains("READ,'=Till,wdk_TILL1234,"), "{table}");
    let (audit, table) = streams::testing::table(&files, "audit");
    assert_eq!((&audit[0]["summary"], &audit[0]["after"]), (&json!("Signed in"), &json!({ "role": "OWNER" })));
    assert!(table.contains("Signed in,,\"{\"\"role\"\":\"\"OWNER\"\"}\""), "{table}");
    assert_eq!(streams::testing::table(&files, "memberships").0, Vec::<Value>::new());

    let cookies = ["workdock_session", "workdock_refresh"].map(|name| ada.cookie(name));
    let secrets = ["$argon2", PASSWORD, "c0ffee", "_hash", "_sealed"].into_iter().map(str::to_owned).chain(cookies);
    for secret in secrets.filter(|secret| !secret.is_empty()) {
        assert!(!archive.text.contains(&secret), "{secret}");
    }
}
