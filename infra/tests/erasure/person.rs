//! A person who is a member of two businesses is erased: nothing shows who they were, a rebuild neither, and nobody else
//! has lost anything.

use std::sync::Arc;

use async_nats::jetstream;
use chrono::Utc;
use command_api::identity::{Identity, Imported, KeySealer, Parts, Settings, Transport, erase_due};
use domain::UserId;
use domain::access::{People, Role};
use domain::business::{BusinessCommand, TeamCommand, TokenHash};
use domain::security::SecurityEvent;
use domain::{Email, InvitationId};
use infra::compose::projections;
use streams::erasure::person;
use streams::message::stream_name;
use streams::security::Journal;
use streams::{DomainEvent, Meta, replay};

use crate::world::{Shop, World, keys, sell, shop};

const ADA: &str = "ada.lovelace@example.com";
/// Address, name, where from and with what: as they stand in no file of the servers but sealed.
const TRACES: [&str; 4] = [ADA, "Lovelace", "203.0.113.77", "Zyx-browser"];

fn identity(world: &World) -> Identity {
    Identity::try_new(Parts {
        pool: world.pool.clone(),
        settings: Settings { base_url: "http://127.0.0.1:8080".to_owned(), own_words: Vec::new() },
        sealer: Arc::new(KeySealer::from_key(&[7; 32])),
        keys: keys(&world.pool, world.folder.path()),
        journal: Arc::new(world.commands.journal()),
        transport: Transport::folder("Workdock <workdock@localhost>", &world.folder.path().join("mail")).unwrap(),
        places: None,
    })
    .unwrap()
}

async fn account(identity: &Identity, email: &str, name: &str) -> UserId {
    let password_hash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g".to_owned();
    let user = Imported { email: email.parse().unwrap(), name: name.to_owned(), password_hash };
    identity.import_user(&user).await.unwrap().unwrap()
}

fn from(meta: Meta) -> Meta {
    Meta { address: Some("203.0.113.77".into()), agent: Some("Zyx-browser".into()), ..meta }
}

async fn join(world: &World, identity: &Identity, shop: &Shop, user: UserId, at: &str) {
    let (invitation, email): (_, Email) = (InvitationId::new(), at.parse().unwrap());
    let addressee = identity.addressee(&email).await.unwrap();
    let (token, now) = (TokenHash::of(at.as_bytes()), Utc::now());
    let invite = TeamCommand::Invite {
        invitation,
        email: email.clone(),
        addressee,
        role: Role::Manager,
        token: token.clone(),
        now,
    };
    world.commands.business(shop.id, BusinessCommand::Team(invite), &shop.meta).await.unwrap();
    let accept = TeamCommand::Accept { invitation, token, user, email, now };
    let meta = from(Meta::new(shop.id, format!("user:{user}")));
    world.commands.business(shop.id, BusinessCommand::Team(accept), &meta).await.unwrap();
}

/// Tables with a row in which one of the traces stands, the log's own included.
async fn tables_with_traces(world: &World) -> Vec<String> {
    let tables =
        "select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind = 'r' and n.nspname !~ '^(pg_|information_schema|_timescaledb)' order by 1";
    let patterns = TRACES.map(|trace| format!("%{trace}%")).to_vec();
    let mut found = Vec::new();
    for table in sqlx::query_scalar::<_, String>(tables).fetch_all(&world.pool).await.unwrap() {
        let any = format!("select exists (select from {table} t where to_jsonb(t)::text ilike any($1))");
        if sqlx::query_scalar(&any).bind(&patterns).fetch_one(&world.pool).await.unwrap() {
            found.push(table);
        }
    }
    found
}

/// Rows of a history that say where somebody was.
async fn origins(world: &World, user: UserId) -> i64 {
    let query = "select count(*) from read.event
        where (actor = 'user:' || $1::text or subject = $1) and (address is not null or agent is not null)";
    sqlx::query_scalar(query).bind(user.as_uuid()).fetch_one(&world.pool).await.unwrap()
}

/// Every event and message with its texts opened by a process that holds no key in memory.
async fn shown(world: &World) -> String {
    let keys = keys(&world.pool, world.folder.path());
    let stream = jetstream::new(world.nats.client()).get_stream(stream_name(world.nats.prefix())).await.unwrap();
    let mut shown = String::new();
    for event in streams::log::read(&world.pool, 0, 1_000).await.unwrap() {
        let message = stream.get_raw_message(event.position.unsigned_abs()).await.unwrap();
        let opened = match event.open(&keys).await.unwrap() {
            // An address does not print itself.
            DomainEvent::Business(opened) => serde_json::to_string(&opened).unwrap(),
            opened => format!("{opened:?}"),
        };
        shown += &format!("{opened} {:?}\n", event.metadata);
        shown += &format!("{} {:?}\n", String::from_utf8_lossy(&message.payload), message.headers);
        shown += &format!("{:?} {:?}\n", keys.address_of(&event).await.unwrap(), keys.agent_of(&event).await.unwrap());
    }
    shown
}

#[tokio::test]
async fn a_member_of_two_businesses_goes_from_both_and_a_rebuild_brings_nothing_back() {
    let world = World::new().await;
    let (running, identity) = (world.run(), identity(&world));
    let (one, two) = (shop(&world, "One").await, shop(&world, "Two").await);
    let (ada, bob) = (account(&identity, ADA, "Lovelace").await, account(&identity, "bob@example.com", "Bob").await);
    for shop in [&one, &two] {
        sell(&world, shop, 1).await;
        join(&world, &identity, shop, ada, ADA).await;
        join(&world, &identity, shop, bob, "bob@example.com").await;
    }
    for user in [ada, bob] {
        let meta = from(Meta::installation(format!("user:{user}")));
        world.commands.journal().record(SecurityEvent::ProfileChanged { user }, &meta).await.unwrap();
    }
    world.caught_up().await;
    assert!(shown(&world).await.contains(ADA), "before");
    let (of_ada, of_bob) = (origins(&world, ada).await, origins(&world, bob).await);
    assert!(of_ada >= 3 && of_bob >= 3, "{of_ada} {of_bob}");

    let leave = "insert into access.leaving (user_id, due_at) values ($1, now())";
    sqlx::query(leave).bind(ada.as_uuid()).execute(&world.pool).await.unwrap();
    assert_eq!(erase_due(&identity, &world.commands, Utc::now()).await.unwrap(), 1);
    while person::certificate(&world.pool, ada).await.unwrap().is_none() {
        world.eraser().look(Utc::now()).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_gone(&world, &[&one, &two], (ada, bob), of_bob).await;
    world.replay_agrees().await;
    assert_eq!(streams::verify(&world.pool, |_| {}).await.unwrap().misfit, None);
    let rows = [world.rows(one.id).await, world.rows(two.id).await];
    running.stop().await;

    for projection in projections() {
        replay::rebuild(&world.pool, projection, &|_| {}).await.unwrap();
    }
    let running = world.run();
    world.caught_up().await;
    assert_eq!([world.rows(one.id).await, world.rows(two.id).await], rows);
    assert_gone(&world, &[&one, &two], (ada, bob), of_bob).await;
    running.stop().await;
}

async fn assert_gone(world: &World, shops: &[&Shop], (ada, bob): (UserId, UserId), of_bob: i64) {
    assert_eq!(tables_with_traces(world).await, Vec::<String>::new());
    assert_eq!((origins(world, ada).await, origins(world, bob).await), (0, of_bob));
    let shown = shown(world).await;
    assert!(!shown.contains(ADA) && shown.contains("(erased person)") && shown.contains("bob@example.com"), "{shown}");
    // Bob was there too, with the same browser.
    assert_eq!(shown.matches("Some(\"203.0.113.77\")").count(), 3, "{shown}");
    for shop in shops {
        let fresh = streams::Commands::new(world.pool.clone(), keys(&world.pool, world.folder.path()));
        let business = fresh.business_now(shop.id).await.unwrap();
        let team = business.team();
        assert_eq!(team.members.iter().map(|(user, _)| user).collect::<Vec<_>>(), {
            let mut members = vec![shop.owner, bob];
            members.sort();
            members
        });
        let emails: Vec<_> = team.invitations.iter().map(|(_, one)| one.email.expose().to_owned()).collect();
        assert_eq!(emails, ["(erased person)", "bob@example.com"]);
    }
}
