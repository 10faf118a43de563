//! What is left of a person: an id. Everywhere, and provably.

use std::sync::Arc;

use base64::Engine;
use chrono::{TimeDelta, Utc};
use command_api::identity::{erase_due, say_farewell};
use domain::access::{People, Role};
use domain::business::{BusinessCommand, TeamCommand, TokenHash};
use domain::{BusinessId, Email, InvitationId, UserId};
use serde_json::json;
use sqlx::PgPool;
use streams::erasure::{Eraser, Parts, person};
use streams::proof::{Certificate, Notary, Signer, Statement};
use streams::retention::Archives;
use streams::testing::Nats;
use streams::{Commands, Meta, sequencer};
use tokio_util::sync::CancellationToken;

use super::app::{App, PASSWORD};
use super::leaving::{id_of, shop};

const ADA: &str = "ada.lovelace@example.com";
const BEFORE: &str = "ada.byron@example.com";
const ANCIENT: &str = "Ada.Byron@Example.com";
const BOB: &str = "bob@example.com";

/// The job that ends erasures, as whoever runs the installation has it.
struct Office {
    notary: Notary,
    eraser: Eraser,
    _nats: Nats,
    _folder: tempfile::TempDir,
    _stop: tokio_util::sync::DropGuard,
}

async fn office(pool: PgPool) -> Office {
    let (nats, folder, stop) = (Nats::connect().await, tempfile::tempdir().unwrap(), CancellationToken::new());
    let config = sequencer::Config::new(pool.clone(), nats.client(), nats.prefix());
    let until = stop.clone();
    tokio::spawn(async move { sequencer::run(config, until).await });
    let key = folder.path().join("checkpoint.key");
    let notary = Notary::new(pool.clone(), Signer::generate("example.com/log").unwrap(), &key, Vec::new());
    let parts = Parts {
        pool: pool.clone(),
        commands: streams::testing::commands(pool),
        nats: nats.client(),
        prefix: nats.prefix().to_owned(),
        notary: notary.clone(),
        archives: Archives::new(folder.path().join("archives")),
    };
    Office { notary, eraser: Eraser::new(parts), _nats: nats, _folder: folder, _stop: stop.drop_guard() }
}

impl Office {
    async fn certificate(&self, pool: &PgPool, user: UserId) -> String {
        loop {
            self.eraser.look(Utc::now()).await.unwrap();
            if let Some(certificate) = person::certificate(pool, user).await.unwrap() {
                return certificate;
            }
            tokio::task::yield_now().await;
        }
    }
}

async fn invite(app: &App, commands: &Commands, shop: BusinessId, to: &str) -> InvitationId {
    let (invitation, email): (_, Email) = (InvitationId::new(), to.parse().unwrap());
    let addressee = app.identity.addressee(&email).await.unwrap();
    let (token, now) = (TokenHash::of(to.as_bytes()), Utc::now());
    let invite = TeamCommand::Invite { invitation, email, addressee, role: Role::Manager, token, now };
    commands.business(shop, BusinessCommand::Team(invite), &Meta::new(shop, "owner")).await.unwrap();
    invitation
}

async fn join(app: &App, commands: &Commands, shop: BusinessId, user: UserId, at: &str) {
    let invitation = invite(app, commands, shop, at).await;
    let (token, email, now) = (TokenHash::of(at.as_bytes()), at.parse().unwrap(), Utc::now());
    let accept = TeamCommand::Accept { invitation, token, user, email, now };
    let meta = Meta { address: Some("192.0.2.77".into()), ..Meta::new(shop, format!("user:{user}")) };
    commands.business(shop, BusinessCommand::Team(accept), &meta).await.unwrap();
}

/// As it was written before people had keys, and before there were any.
async fn invited_long_ago(pool: &PgPool, shop: BusinessId) {
    let event = "
insert into store.events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata)
select 'business', $1, 1 + max(sequence), 'business.member_invited', '1',
       json_build_object('event', 'business.member_invited', 'invitation', $2, 'email', $3::text, 'role', 'VIEWER',
                         'token', repeat('ab', 32), 'expires_at', '2020-01-01T00:00:00Z'),
       json_build_object('business', $1, 'actor', 'owner')
from store.events where aggregate_id = $1";
    let query = sqlx::query(event).bind(shop.to_string()).bind(InvitationId::new().to_string()).bind(ANCIENT);
    query.execute(pool).await.unwrap();
}

async fn change_address(app: &App, browser: &mut super::app::Browser<'_>, to: &str) {
    let asked = browser.post("email", json!({ "email": to, "password": PASSWORD })).await;
    assert_eq!(asked.status, 202, "{asked:?}");
    let token = app.link("confirm-email").await;
    assert_eq!(browser.post("email/confirm", json!({ "token": token })).await.status, 204);
}

/// Addresses that a business shows of invitations, as a process shows them that holds no key in memory.
async fn shown(pool: &PgPool, shop: BusinessId) -> Vec<String> {
    let business = streams::testing::commands(pool.clone()).business_now(shop).await.unwrap();
    let mut shown: Vec<_> = business.team().invitations.iter().map(|(_, one)| one.email.expose().to_owned()).collect();
    shown.sort();
    shown
}

/// Tables but the log, in whose rows one of these texts stands.
async fn tables_with(pool: &PgPool, texts: &[&str]) -> Vec<String> {
    let tables =
        "select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind = 'r' and n.nspname !~ '^(pg_|information_schema)' and n.nspname <> 'store'";
    let mut found = Vec::new();
    for table in sqlx::query_scalar::<_, String>(tables).fetch_all(pool).await.unwrap() {
        let any = format!("select exists (select from {table} t where to_jsonb(t)::text ilike any($1))");
        let patterns: Vec<_> = texts.iter().map(|text| format!("%{text}%")).collect();
        if sqlx::query_scalar(&any).bind(patterns).fetch_one(pool).await.unwrap() {
            found.push(table);
        }
    }
    found
}

/// The file that came with a letter.
fn attached(letter: &str) -> String {
    let (_, part) = letter.split_once("certificate.json\"").unwrap();
    let (_, body) = part.split_once("\n\n").unwrap();
    let lines: String = body.lines().take_while(|line| !line.starts_with("--") && !line.is_empty()).collect();
    String::from_utf8(base64::engine::general_purpose::STANDARD.decode(lines).unwrap()).unwrap()
}

#[tokio::test]
async fn nothing_shows_who_was_erased_and_the_last_letter_proves_it() {
    let app = App::start().await;
    let pool = app.database.pool();
    let (office, commands) = (office(pool.clone()).await, streams::testing::commands(pool.clone()));
    let mut ada = app.signed_in(BEFORE).await;
    let mut bob = app.signed_in(BOB).await;
    let (user, other) = (id_of(&mut ada).await, id_of(&mut bob).await);
    let (one, two) = (shop(&commands, other).await, shop(&commands, other).await);
    join(&app, &commands, one, user, BEFORE).await;
    invited_long_ago(&pool, two).await;
    invite(&app, &commands, two, "cy@example.com").await;
    change_address(&app, &mut ada, ADA).await;
    join(&app, &commands, two, user, ADA).await;
    invite(&app, &commands, one, ADA).await;
    assert_eq!(shown(&pool, one).await, [BEFORE, ADA]);
    app.mail().await;

    assert_eq!(ada.post("erasure", json!({ "confirmation": ADA })).await.status, 202);
    let later = Utc::now() + TimeDelta::days(31);
    assert_eq!(erase_due(&app.identity, &commands, later).await.unwrap(), 1);
    assert_eq!(ada.delete("erasure").await.status, 401);
    let json = office.certificate(&pool, user).await;
    assert_eq!(shown(&pool, one).await, ["(erased person)", "(erased person)"]);
    assert_eq!(shown(&pool, two).await, ["(erased person)", "(erased person)", "cy@example.com"]);
    app.mail().await;
    assert_eq!(say_farewell(&app.identity).await.unwrap(), 1);
    assert_eq!(say_farewell(&app.identity).await.unwrap(), 0, "once");
    let letters = app.mail().await;
    assert!(letters.len() == 1 && letters[0].text.contains("last letter"), "{letters:?}");
    assert_eq!(tables_with(&pool, &[ADA, BEFORE, "192.0.2.77"]).await, Vec::<String>::new());
    let letter_to: Option<Vec<u8>> =
        sqlx::query_scalar("select letter_to from erasure.person").fetch_one(&pool).await.unwrap();
    assert_eq!(letter_to, None, "nothing knows where it went");

    let (text, sent) = (&letters[0].text, attached(&letters[0].text));
    let certificate = Certificate::read(&sent).unwrap();
    assert_eq!(certificate, Certificate::read(&json).unwrap());
    let certified = certificate.verify(Some(office.notary.verifier())).unwrap();
    let Statement::Person(statement) = &certificate.statement else { panic!("{sent}") };
    assert_eq!((statement.person, statement.keys.len()), (user, 3), "of the account and of two addresses");
    assert!(certified.after.size >= statement.position.unsigned_abs());
    assert_eq!(statement.rows["access.former_address"], 1);
    assert!(!sent.contains(ADA) && text.contains(&certificate.statement.to_string()), "{text}");
    let forged = sent.replacen("access.session\": 1", "access.session\": 9", 1);
    assert!(forged != sent && Certificate::read(&forged).unwrap().verify(None).is_err());

    // Others are where they were; who comes again is somebody new.
    assert_eq!(bob.get("profile").await.json()["email"], BOB);
    let team = streams::testing::commands(pool.clone()).business_now(two).await.unwrap();
    assert_eq!(team.team().members.iter().collect::<Vec<_>>(), [(other, Role::Owner)]);
    invite(&app, &commands, one, ADA).await;
    assert_eq!(shown(&pool, one).await, ["(erased person)", "(erased person)", ADA]);
    assert!(streams::verify(&pool, |_| ()).await.unwrap().misfit.is_none());
}

#[tokio::test]
async fn an_archive_has_the_addresses_of_before_and_invitations_without_those_of_others() {
    let app = App::start().await;
    let pool = app.database.pool();
    let (office, commands) = (office(pool.clone()).await, streams::testing::commands(pool.clone()));
    streams::projection::prepare(&pool, &[]).await.unwrap();
    app.execute(
        "create view read.event as select 1::bigint as position, gen_random_uuid() as business, now() as at, 'x' as kind,
         'x' as actor, null::text as on_behalf_of, gen_random_uuid() as subject, 'x' as summary, null::text as before,
         null::text as after, null::text as request where false",
    )
    .await;
    let mut ada = app.signed_in(BEFORE).await;
    let user = id_of(&mut ada).await;
    let shop = shop(&commands, UserId::new()).await;
    join(&app, &commands, shop, user, BEFORE).await;
    change_address(&app, &mut ada, ADA).await;
    invited_long_ago(&pool, shop).await;
    invite(&app, &commands, shop, BOB).await;
    let (invitation, email): (_, Email) = (InvitationId::new(), "cy@example.com".parse().unwrap());
    let (addressee, token) = (app.identity.addressee(&email).await.unwrap(), TokenHash::of(b"cy"));
    let invite = TeamCommand::Invite { invitation, email, addressee, role: Role::Viewer, token, now: Utc::now() };
    let by_ada = Meta::new(shop, format!("user:{user}"));
    let receipt = commands.business(shop, BusinessCommand::Team(invite), &by_ada).await.unwrap();
    commands.position_of(&receipt).await.unwrap();
    drop(office);

    let archive = ada.get("export").await;
    assert_eq!(archive.status, 200, "{archive:?}");
    let (_, files) = streams::testing::archived(archive.text.as_bytes());
    let (addresses, _) = streams::testing::table(&files, "addresses");
    assert_eq!((addresses.len(), &addresses[0]["email"]), (1, &json!(BEFORE)));
    let (invitations, _) = streams::testing::table(&files, "invitations");
    let shown: Vec<_> = invitations.iter().map(|row| (row["direction"].clone(), row["email"].clone())).collect();
    let expected =
        [(json!("to you"), json!(BEFORE)), (json!("to you"), json!(ANCIENT)), (json!("by you"), json!(null))];
    assert_eq!(shown, expected);
    assert!(invitations.iter().all(|row| row["business"] == json!(shop)));
    assert!(!archive.text.contains("cy@example.com") && !archive.text.contains(BOB));
}

#[tokio::test]
async fn where_sessions_are_used_and_what_people_call_things_lies_sealed() {
    let app = App::start().await;
    let pool = app.database.pool();
    let mut ada = app.signed_in(ADA).await;
    let user = id_of(&mut ada).await;
    let (mut phone, business) = (ada.clone(), BusinessId::new());
    phone.address = "192.0.2.77".parse().unwrap();
    phone.headers.push(("user-agent", "Zyx-phone".into()));
    assert_eq!(phone.sign_in(ADA, PASSWORD).await.status, 200);
    // As they stood there before.
    app.execute(&format!(
        "insert into access.api_key (id, business, role, scopes, name, prefix, key_hash, made_by)
         values (gen_random_uuid(), '{business}', 'VIEWER', array['READ'], 'Zyx-till', 'wdk_TILL1234', 'x', 'owner');"
    ))
    .await;
    app.execute(&format!(
        "insert into access.passkey (id, user_id, credential_id, static_state, dynamic_state, name)
         values (gen_random_uuid(), '{user}', 'x', 'x', 'x', 'Zyx-laptop')"
    ))
    .await;
    let hidden = ["Zyx-", "192.0.2.77"];
    assert_eq!(tables_with(&pool, &hidden).await.len(), 2);
    app.identity.keep_sealed().await.unwrap();
    assert_eq!(tables_with(&pool, &hidden).await, Vec::<String>::new());
    assert_eq!(ada.get("factors").await.json()["passkeys"][0]["name"], "Zyx-laptop");
    let sessions = phone.get("sessions").await.json();
    let current = sessions.as_array().unwrap().iter().find(|one| one["current"] == true).unwrap();
    assert_eq!((&current["agent"], &current["address"]), (&json!("Zyx-phone"), &json!("192.0.2.77")));
    assert_eq!(phone.post("refresh", json!({})).await.status, 204);
    assert_eq!(tables_with(&pool, &hidden).await, Vec::<String>::new());
}

/// A process that ended between the event and the rows: the next look goes on, and the log says it once.
#[tokio::test]
async fn what_was_begun_cannot_be_taken_back_and_goes_on_where_it_was() {
    let app = App::start().await;
    let pool = app.database.pool();
    let commands = streams::testing::commands(pool.clone());
    let mut ada = app.signed_in(ADA).await;
    let user = id_of(&mut ada).await;
    assert_eq!(ada.post("erasure", json!({ "confirmation": ADA })).await.status, 202);
    app.execute("update access.leaving set begun_at = now()").await;
    let log: Arc<dyn streams::security::Journal> = Arc::new(commands.journal());
    log.record(domain::security::SecurityEvent::AccountErased { user }, &Meta::installation("system:erasure"))
        .await
        .unwrap();
    assert_eq!(ada.delete("erasure").await.status, 422, "too late");
    let later = Utc::now() + TimeDelta::days(31);
    assert_eq!(erase_due(&app.identity, &commands, later).await.unwrap(), 1);
    assert_eq!(ada.who().await, "401");
    let ended = app.journal().await.into_iter().filter(|kind| kind == "account_erased" || kind == "erasure_withdrawn");
    assert_eq!(ended.collect::<Vec<_>>(), ["account_erased"]);
}
