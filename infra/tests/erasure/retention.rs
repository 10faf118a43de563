//! What is past its time leaves a history: into a file that proves itself, once, and never under a legal hold.

use std::io::{BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use chrono::{DateTime, Months, Utc};
use domain::business::{BusinessCommand, MonthCommand, RecordsCommand, Salt, Seal};
use domain::security::{Factor, SecurityEvent, SignInFailure};
use domain::{BusinessId, Month};
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use infra::compose::projections;
use sha2::{Digest, Sha256};
use streams::erasure::{Step, certificate};
use streams::proof::{Certificate, Expected, Fault, Proven, Signer, Statement, examine};
use streams::security::Journal;
use streams::{Meta, replay};

use crate::world::{Shop, World, ask_for_erasure, sell, shop};

fn in_months(months: u32) -> DateTime<Utc> {
    Utc::now().checked_add_months(Months::new(months)).unwrap()
}

async fn order(world: &World, shop: &Shop, command: RecordsCommand) {
    world.commands.business(shop.id, command.into(), &shop.meta).await.unwrap();
}

async fn hold(world: &World, shop: &Shop) {
    order(world, shop, RecordsCommand::Hold { reason: "Case 7".into(), by: "user:1".into(), now: Utc::now() }).await;
}

async fn close_march(world: &World, shop: &Shop) {
    let seal = Seal { figures: Vec::new(), position: 1, salt: Salt::from_bytes([7; 16]), checkpoint: None };
    let (month, today): (Month, _) = ("2026-03".parse().unwrap(), Utc::now().date_naive());
    let close = BusinessCommand::Month(MonthCommand::Close { month, seal, today });
    world.commands.business(shop.id, close, &shop.meta).await.unwrap();
}

/// What concerns no business.
async fn fail_to_sign_in(world: &World) {
    let failed =
        SecurityEvent::SignInFailed { user: None, factor: Factor::Password, reason: SignInFailure::WrongPassword };
    world.commands.journal().record(failed, &Meta::installation("stranger")).await.unwrap();
}

fn installation() -> BusinessId {
    BusinessId::from_uuid(uuid::Uuid::nil())
}

/// Kinds of the entries that are left, in their order.
async fn entries(world: &World, business: BusinessId) -> Vec<String> {
    let kinds = "select kind from read.event where business = $1 order by position";
    sqlx::query_scalar(kinds).bind(business.as_uuid()).fetch_all(&world.pool).await.unwrap()
}

/// Name, hash and first and last position of what is listed.
async fn listed(world: &World, business: BusinessId) -> Vec<(String, String, i64, i64)> {
    let all =
        "select file, sha256, first_position, last_position from read.archive where business = $1 order by position";
    sqlx::query_as(all).bind(business.as_uuid()).fetch_all(&world.pool).await.unwrap()
}

fn files(world: &World, business: BusinessId) -> Vec<PathBuf> {
    let folder = world.folder.path().join("archives").join(business.to_string());
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn checked(world: &World, compressed: &[u8]) -> Result<Proven, Fault> {
    let expected = Expected { key: Some(world.notary.verifier().clone()), ..Expected::default() };
    examine(BufReader::new(MultiGzDecoder::new(compressed)), &expected, |_| Ok(()))
}

fn unpacked(compressed: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    MultiGzDecoder::new(compressed).read_to_end(&mut content).unwrap();
    content
}

fn packed(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn what_is_past_its_time_stands_in_a_file_with_its_proof_and_leaves_the_history() {
    let world = World::new().await;
    let running = world.run();
    let (old, held, kept) = (shop(&world, "Old").await, shop(&world, "Held").await, shop(&world, "Kept").await);
    for number in 0..12 {
        for shop in [&old, &held, &kept] {
            sell(&world, shop, number).await;
        }
    }
    close_march(&world, &old).await;
    hold(&world, &held).await;
    order(&world, &kept, RecordsCommand::Retain { months: 120 }).await;
    fail_to_sign_in(&world).await;
    world.caught_up().await;
    let figures = world.rows(old.id).await.into_iter().filter(|row| row.starts_with("read.metric")).collect::<Vec<_>>();
    let (before_held, before_kept) = (world.rows(held.id).await, world.rows(kept.id).await);

    // Nothing is old enough yet: months go whole. Then two years and a month are over.
    assert_eq!(world.keeper().look(in_months(24)).await.unwrap(), 0);
    assert_eq!(world.keeper().look(in_months(25)).await.unwrap(), 1);
    world.caught_up().await;
    // Reports of closed months stand on theirs.
    assert_eq!(entries(&world, old.id).await, ["business.month_closed", "business.history_archived"]);
    // Where the sign-ins of the held one's members stand.
    assert_eq!(entries(&world, installation()).await, ["security.sign_in_failed"]);
    assert_eq!(world.rows(held.id).await, before_held);
    assert_eq!(world.rows(kept.id).await, before_kept);
    let now = world.rows(old.id).await.into_iter().filter(|row| row.starts_with("read.metric")).collect::<Vec<_>>();
    assert_eq!(now, figures);

    // The file is its owner's alone, is what the history says, and proves itself; no text is readable in it.
    let [(file, sha256, first, last)] = listed(&world, old.id).await.try_into().unwrap();
    let path = world.archives().path(old.id, first, last);
    assert_eq!(path.file_name().unwrap().to_str(), Some(file.as_str()));
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    let compressed = std::fs::read(&path).unwrap();
    assert_eq!(hex::encode(Sha256::digest(&compressed)), sha256);
    let proven = checked(&world, &compressed).unwrap();
    let manifest = proven.archive.unwrap();
    assert_eq!((proven.business, proven.checkpoint.size), (old.id, last.unsigned_abs()));
    assert_eq!((manifest.first_sequence, manifest.first_position, manifest.last_position), (1, first, last));
    assert_eq!((manifest.months, manifest.previous), (24, None));
    assert_eq!(proven.events, manifest.last_sequence);
    let content = unpacked(&compressed);
    assert!(memchr::memmem::find(&content, b"account.synced").is_some());
    for text in ["Zanzibar", "Zebedee", "Old current"] {
        assert!(memchr::memmem::find(&content, text.as_bytes()).is_none(), "{text}");
    }

    // It is done once, and a rebuild brings nothing back.
    assert_eq!(world.keeper().look(in_months(24)).await.unwrap(), 0);
    world.replay_agrees().await;
    let left = world.rows(old.id).await;
    running.stop().await;
    for projection in projections() {
        replay::rebuild(&world.pool, projection, &|_| {}).await.unwrap();
    }
    let running = world.run();
    world.caught_up().await;
    assert_eq!(world.rows(old.id).await, left);
    assert_eq!(streams::verify(&world.pool, |_| {}).await.unwrap().misfit, None);

    // What came later follows the first archive, and names it; a hold that is lifted holds no longer.
    sell(&world, &old, 20).await;
    order(&world, &held, RecordsCommand::LiftHold { reason: "Settled".into() }).await;
    world.caught_up().await;
    assert!(world.keeper().look(in_months(25)).await.unwrap() >= 2);
    world.caught_up().await;
    let next = listed(&world, old.id).await.pop().unwrap();
    let second = checked(&world, &std::fs::read(world.archives().path(old.id, next.2, next.3)).unwrap()).unwrap();
    let second = second.archive.unwrap();
    assert_eq!((second.first_sequence, second.previous), (manifest.last_sequence + 1, Some(sha256)));
    assert_eq!(entries(&world, held.id).await, ["business.history_archived"]);

    // With the business its archives go, and nobody else's.
    ask_for_erasure(&world, &old, "Old").await;
    while world.step_of(old.id).await != Step::Certified {
        world.eraser().look(Utc::now()).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!((files(&world, old.id).len(), files(&world, held.id).len()), (0, 1));
    let certificate = Certificate::read(&certificate(&world.pool, old.id).await.unwrap().unwrap()).unwrap();
    let Statement::Business(statement) = &certificate.statement else { panic!("{certificate:?}") };
    assert_eq!(statement.archives, 2);
    assert!(certificate.statement.to_string().contains("2 files with archived parts of its history"));
    certificate.verify(Some(world.notary.verifier())).unwrap();
    world.replay_agrees().await;
    running.stop().await;
}

/// Sign-ins stand in the installation's history, and are as much a business's as its own.
#[tokio::test]
async fn the_installations_history_is_kept_as_long_as_that_of_any_business() {
    let world = World::new().await;
    let running = world.run();
    let (held, kept) = (shop(&world, "Held").await, shop(&world, "Kept").await);
    hold(&world, &held).await;
    order(&world, &kept, RecordsCommand::Retain { months: 36 }).await;
    fail_to_sign_in(&world).await;
    world.caught_up().await;
    world.keeper().look(in_months(37)).await.unwrap();
    world.caught_up().await;
    assert_eq!(entries(&world, installation()).await, ["security.sign_in_failed"], "a business is under a hold");
    order(&world, &held, RecordsCommand::LiftHold { reason: "Case 7 is over".into() }).await;
    world.keeper().look(in_months(36)).await.unwrap();
    world.caught_up().await;
    assert_eq!(entries(&world, installation()).await, ["security.sign_in_failed"], "a business keeps it for 36 months");
    world.keeper().look(in_months(37)).await.unwrap();
    world.caught_up().await;
    assert_eq!(entries(&world, installation()).await, ["security.history_archived"]);
    running.stop().await;
}

/// A process that dies between the file and the event: here the store refuses the event.
#[tokio::test]
async fn a_crash_between_the_file_and_the_event_loses_and_repeats_nothing() {
    let world = World::new().await;
    let running = world.run();
    let shop = shop(&world, "Shop").await;
    sell(&world, &shop, 1).await;
    world.caught_up().await;
    let all = entries(&world, shop.id).await;
    let die = "create function public.die() returns trigger language plpgsql as $$ begin raise 'no power'; end $$;
        create trigger die before insert on store.events for each row
        when (new.event_type = 'business.history_archived') execute function public.die()";
    sqlx::raw_sql(die).execute(&world.pool).await.unwrap();
    world.keeper().look(in_months(25)).await.unwrap_err();
    let [left] = files(&world, shop.id).try_into().unwrap();
    let content = std::fs::read(&left).unwrap();
    assert_eq!(entries(&world, shop.id).await, all);

    // More has come meanwhile: the part is a longer one, and the file that nothing names is gone.
    sqlx::raw_sql("drop trigger die on store.events").execute(&world.pool).await.unwrap();
    sell(&world, &shop, 2).await;
    world.caught_up().await;
    assert_eq!(world.keeper().look(in_months(25)).await.unwrap(), 1);
    world.caught_up().await;
    let [whole] = files(&world, shop.id).try_into().unwrap();
    assert!(whole != left && checked(&world, &content).is_ok());
    assert_eq!(checked(&world, &std::fs::read(&whole).unwrap()).unwrap().events, all.len() as i64 + 1);
    assert_eq!(entries(&world, shop.id).await, ["business.history_archived"]);

    // Two processes at once write one archive.
    sell(&world, &shop, 3).await;
    world.caught_up().await;
    let (one, other) = (world.keeper(), world.keeper());
    let (one, other) = tokio::join!(one.look(in_months(50)), other.look(in_months(50)));
    world.caught_up().await;
    let listed = listed(&world, shop.id).await;
    assert_eq!((one.unwrap() + other.unwrap(), files(&world, shop.id).len()), (listed.len() - 1, listed.len()));
    assert!(listed.len() >= 2 && listed.windows(2).all(|pair| pair[0].3 < pair[1].2), "{listed:?}");
    running.stop().await;
}

#[tokio::test]
async fn whatever_is_changed_in_an_archive_is_found() {
    let world = World::new().await;
    let running = world.run();
    let shop = shop(&world, "Shop").await;
    for number in 0..3 {
        sell(&world, &shop, number).await;
    }
    world.caught_up().await;
    world.keeper().look(in_months(25)).await.unwrap();
    world.caught_up().await;
    let [path] = files(&world, shop.id).try_into().unwrap();
    let file = std::fs::read(&path).unwrap();
    assert!(checked(&world, &file).is_ok());

    // In the file as it lies there: its hash tells each, and the check each but the seven bytes of its head that say when,
    // how and where it was packed.
    for at in (0..file.len()).step_by(3).filter(|at| !(3..10).contains(at)) {
        let mut changed = file.clone();
        changed[at] ^= 1;
        assert!(checked(&world, &changed).is_err(), "byte {at}");
    }
    for end in [file.len() / 2, file.len() - 1] {
        assert!(checked(&world, &file[..end]).is_err());
    }
    assert!(checked(&world, &[file.as_slice(), b"more"].concat()).is_err());
    // In what it says, packed anew.
    let content = unpacked(&file);
    for at in (0..content.len()).step_by(5) {
        let mut changed = content.clone();
        changed[at] = if changed[at] == b'7' { b'8' } else { b'7' };
        assert!(checked(&world, &packed(&changed)).is_err(), "byte {at}");
    }
    let lines: Vec<&[u8]> = content.split_inclusive(|byte| *byte == b'\n').collect();
    for gone in 1..lines.len() {
        let without: Vec<u8> =
            lines.iter().enumerate().filter(|(at, _)| *at != gone).flat_map(|(_, line)| line.to_vec()).collect();
        assert!(checked(&world, &packed(&without)).is_err(), "line {gone}");
    }
    // As an auditor does it, on a machine with nothing else.
    let verify = |bytes: &[u8]| {
        let beside = tempfile::tempdir().unwrap();
        let copy = beside.path().join("copy.audit.gz");
        std::fs::write(&copy, bytes).unwrap();
        let mut program = Command::new(env!("CARGO_BIN_EXE_workdock"));
        program.args(["audit", "verify", "--key", &world.notary.verifier().to_string()]).arg(&copy).env_clear();
        let output = program.current_dir(beside.path()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, said) = verify(&file);
    assert!(code == Some(0) && said.starts_with(&format!("business {}: its events 1 to ", shop.id)), "{said}");
    assert!(said.contains(&hex::encode(Sha256::digest(&file))), "{said}");
    let (code, said) = verify(&packed(&content[..content.len() - 40]));
    assert!(code == Some(1) && said.starts_with("ALTERED: "), "{said}");
    let impostor = Signer::generate("example.com/log").unwrap();
    let expected = Expected { key: Some(impostor.verifier().clone()), ..Expected::default() };
    assert!(examine(BufReader::new(content.as_slice()), &expected, |_| Ok(())).is_err());
    running.stop().await;
}
