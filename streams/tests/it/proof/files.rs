//! One business's log as a file: whole, and tampered with in every way that we could think of.

use chrono::{DateTime, Utc};
use domain::BusinessId;
use serde_json::{Value, json};
use streams::chain::Link;
use streams::proof::{Expected, Fault};

use super::world::{File, World};

/// Two businesses whose events alternate, and one that has the middle of the log alone.
struct Given {
    world: World,
    business: BusinessId,
    other: BusinessId,
    file: File,
}

async fn given() -> Given {
    let world = World::new().await;
    let (business, other) = (BusinessId::new(), BusinessId::new());
    world.append(&[business, other], 301).await;
    world.append(&[business], 250).await;
    world.append(&[other], 20).await;
    world.append(&[other, business], 44).await;
    let file = world.file(&world.notary, business, &[]).await;
    Given { world, business, other, file }
}

fn hash_again(line: &mut Value, previous: Option<&Value>) {
    if let Some(previous) = previous {
        line["previous"] = previous.clone();
    }
    let text = |name: &str| line[name].as_str().unwrap();
    let number = |name: &str| line[name].as_i64().unwrap();
    let link = Link {
        position: number("position"),
        business: text("business").parse().unwrap(),
        business_sequence: number("businessSequence"),
        aggregate_type: text("aggregateType"),
        aggregate_id: text("aggregateId"),
        sequence: number("sequence"),
        event_type: text("eventType"),
        event_version: text("eventVersion"),
        recorded_at: text("recordedAt").parse::<DateTime<Utc>>().unwrap(),
        metadata: text("metadata"),
        payload: text("payload"),
    };
    let previous: [u8; 32] = hex::decode(text("previous")).unwrap().try_into().unwrap();
    let hash = hex::encode(link.hash(&previous));
    line["hash"] = json!(hash);
}

const REASON: &str = r#"{"event":"security.support_access","reason":"never mind"}"#;

#[tokio::test]
async fn a_whole_file_proves_itself() {
    let Given { world, business, file, .. } = given().await;
    let key = Some(world.notary.verifier().clone());
    let expected = Expected { business: Some(business), key, checkpoints: Vec::new() };
    let proven = file.examine(&expected).unwrap();
    assert_eq!((proven.business, proven.events, proven.checkpoint.size), (business, 423, 615));
    // Against checkpoints of before, of now, and one that the file says nothing about.
    let note = async |size| world.notary.at(size).await.unwrap().note;
    let file = world.file(&world.notary, business, &[100, 512]).await;
    let held = |checkpoints| Expected { checkpoints, ..expected.clone() };
    let checkpoints = vec![note(100).await, note(512).await, note(615).await];
    assert_eq!(file.examine(&held(checkpoints)).unwrap().compared, 3);
    let refused = file.examine(&held(vec![note(101).await])).unwrap_err();
    assert!(refused.to_string().contains("over 101 events"), "{refused}");
    // Proofs cost little where a business has most of the log.
    let paths: usize = file.lines[1..].iter().map(|line| line["path"].as_str().unwrap().len()).sum();
    assert!(paths / file.lines.len() < 150, "{paths} characters of paths");
}

#[tokio::test]
async fn whatever_is_done_to_a_file_is_named_by_position() {
    let Given { world, business, other, file } = given().await;
    let key = world.notary.verifier().clone();
    let fault = |change: &dyn Fn(&mut Vec<Value>)| {
        let mut changed = file.clone();
        change(&mut changed.lines);
        changed.fault(&key)
    };
    for line in [1, 2, 150, 151, 200, 400, 401, 423] {
        let position = file.position(line);
        let check = |what: &str, (found, reason): (i64, String), words: &str| {
            assert_eq!(found, position, "{what} at line {line}: {reason}");
            assert!(reason.contains(words), "{what} at line {line}: {reason}");
        };
        check("changed", fault(&|lines| lines[line]["payload"] = json!(REASON)), "does not give its hash");
        check("backdated", fault(&|lines| lines[line]["recordedAt"] = json!("2020-01-01T00:00:00Z")), "its hash");
        check("another actor", fault(&|lines| lines[line]["metadata"] = json!("{}")), "does not give its hash");
        let rewritten = fault(&|lines| {
            lines[line]["payload"] = json!(REASON);
            for next in line..lines.len() {
                let before = lines[next - 1].clone();
                let follows =
                    next > line && before["position"].as_i64() == Some(lines[next]["position"].as_i64().unwrap() - 1);
                hash_again(&mut lines[next], follows.then_some(&before["hash"]));
            }
        });
        check("rewritten with valid hashes", rewritten, "not in the log");
        check("of another business", fault(&|lines| lines[line]["business"] = json!(other)), "event of business");
        let path = |lines: &mut Vec<Value>| lines[line]["path"] = json!("BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=");
        check("another path", fault(&path), "not in the log");
        let doubled = fault(&|lines| lines.insert(line, lines[line].clone()));
        check("inserted", doubled, &format!("is number {line} of"));
        if line < 423 {
            let (next, sequence) = (file.position(line + 1), format!("number {line} of"));
            let (found, reason) = fault(&|lines| drop(lines.remove(line)));
            assert!(found == next && reason.contains(&sequence), "removed: {found} {reason}");
            let (found, reason) = fault(&|lines| lines.swap(line, line + 1));
            assert!(found == next && reason.contains(&sequence), "reordered: {found} {reason}");
        }
        if line > 1 {
            let (last, ends) = (file.position(line - 1), "the file ends after it");
            let (found, reason) = fault(&|lines| lines.truncate(line));
            assert!(found == last && reason.contains(ends), "truncated: {found} {reason}");
            let (found, reason) = fault(&|lines| {
                lines.truncate(line);
                lines[0]["events"] = json!(line - 1);
            });
            assert!(found == last && reason.contains(ends), "truncated with its head: {found} {reason}");
        }
    }
    assert_eq!(business.to_string(), file.lines[0]["business"].as_str().unwrap());
}

#[tokio::test]
async fn a_swapped_business_a_swapped_head_and_a_swapped_key_are_found() {
    let Given { world, business, other, file } = given().await;
    let key = world.notary.verifier().clone();
    // Another business's whole file, called by this one's name.
    let theirs = world.file(&world.notary, other, &[]).await;
    let expected = Expected { business: Some(business), key: Some(key.clone()), checkpoints: Vec::new() };
    assert!(matches!(theirs.examine(&expected), Err(Fault::File(reason)) if reason.contains("not of")));
    let mut renamed = theirs.clone();
    renamed.lines[0]["business"] = json!(business);
    assert_eq!(renamed.fault(&key).0, theirs.position(1));
    for line in &mut renamed.lines[1..] {
        line["business"] = json!(business);
    }
    assert_eq!(renamed.fault(&key).0, theirs.position(1));

    // The head of an earlier file over the events of a later one, and the reverse.
    world.append(&[business], 5).await;
    let later = world.file(&world.notary, business, &[]).await;
    let swap = |head: &File, body: &File| {
        let mut swapped = body.clone();
        swapped.lines[0] = head.lines[0].clone();
        swapped.fault(&key)
    };
    assert!(swap(&file, &later).1.contains("over 615 events only") || swap(&file, &later).1.contains("not in the log"));
    assert!(swap(&later, &file).0 > 0);

    // All of it made anew with another key of the same name.
    let forged = world.file(&world.impostor(), business, &[]).await;
    let (at, reason) = forged.fault(&key);
    assert!(at == 0 && reason.contains("not signed by"), "{at} {reason}");
}

/// Nothing in a file tells that more was there; a checkpoint that was kept does.
#[tokio::test]
async fn a_checkpoint_that_was_kept_finds_a_log_that_was_cut_off() {
    let Given { world, business, .. } = given().await;
    let (earlier, kept) = (world.notary.at(300).await.unwrap(), world.notary.now().await.unwrap());
    world
        .behind_the_triggers("delete from store.log where position > 600; delete from store.events where id > 600")
        .await;
    std::fs::remove_file(world.key.with_extension("signed")).unwrap();
    let file = world.file(&world.notary, business, &[300]).await;
    let last = file.lines.last().unwrap()["position"].as_i64().unwrap();
    let key = Some(world.notary.verifier().clone());
    // Whatever order they are given in.
    let held = Expected { key, checkpoints: vec![kept.note, earlier.note], ..Expected::default() };
    let fault = file.examine(&held).unwrap_err();
    assert!(matches!(&fault, Fault::Event { position, .. } if *position == last), "{fault}");
    assert!(fault.to_string().contains("over 615 events"), "{fault}");
}

/// A database that was rewritten gives files that are whole in themselves; a checkpoint that was kept tells.
#[tokio::test]
async fn a_checkpoint_that_was_kept_finds_a_rewritten_log() {
    let Given { world, business, other, .. } = given().await;
    let kept = world.notary.now().await.unwrap();
    world
        .behind_the_triggers("delete from store.log where position > 600; delete from store.events where id > 600")
        .await;
    world.append(&[business, other], 40).await;
    std::fs::remove_file(world.key.with_extension("signed")).unwrap();
    let file = world.file(&world.notary, business, &[kept.checkpoint.size]).await;
    let key = Some(world.notary.verifier().clone());
    assert!(file.examine(&Expected { key: key.clone(), ..Expected::default() }).is_ok());
    let held = Expected { key, checkpoints: vec![kept.note], ..Expected::default() };
    let fault = file.examine(&held).unwrap_err();
    assert!(matches!(&fault, Fault::Event { position: 615, .. }), "{fault}");
}
