//! The log as an auditor takes it along, and checks it on a machine with nothing else.

use std::process::Command;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::access::{Assurance, Role};
use serde_json::Value;

use super::months::sell;
use super::world::{Answer, World};

async fn log(world: &World, query: &str) -> Answer {
    let request = Request::get(format!("/api/v1/businesses/{}/audit/log{query}", world.ours.id));
    world.send(Some(&world.member(Role::Auditor, Assurance::OneFactor)), request.body(Body::empty()).unwrap()).await
}

/// What the program says of the log of our business.
pub async fn verified(world: &World) -> (Option<i32>, Value) {
    let taken = log(world, "").await;
    assert_eq!(taken.status, StatusCode::OK, "{taken:?}");
    verify(world, &taken.bytes, &[])
}

fn verify(world: &World, log: &[u8], more: &[&str]) -> (Option<i32>, Value) {
    let file = world.folder.path().join("ours.audit");
    std::fs::write(&file, log).unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_workdock"));
    let key = world.notary.verifier().to_string();
    program.args(["audit", "verify", "--json", "--key", &key, "--business", &world.ours.id.to_string()]);
    let output = program.args(more).arg(&file).env_clear().current_dir(world.folder.path()).output().unwrap();
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap())
}

#[tokio::test]
async fn the_log_that_an_auditor_takes_proves_itself_and_goes_on_from_the_checkpoint_that_they_kept() {
    let world = World::new().await;
    let first = log(&world, "").await;
    let named = format!("attachment; filename=\"workdock-log-{}.jsonl\"", world.ours.id);
    assert_eq!(first.headers[header::CONTENT_DISPOSITION], named.as_str());
    assert_eq!(first.headers[header::CACHE_CONTROL], "private, no-store");
    let (exit, told) = verify(&world, &first.bytes, &[]);
    assert_eq!((exit, &told["unaltered"]), (Some(0), &Value::Bool(true)), "{told}");
    let kept = world.notary.at(told["size"].as_u64().unwrap()).await.unwrap();
    std::fs::write(world.folder.path().join("kept"), &kept.note).unwrap();

    // That it left is an event of the business, and stands in the next one.
    let size = kept.checkpoint.size;
    sell(&world, 4).await;
    let second = log(&world, &format!("?from={size}")).await;
    assert!(String::from_utf8_lossy(&second.bytes).contains("security.exported"));
    let (exit, told) = verify(&world, &second.bytes, &["--checkpoint", "kept"]);
    assert_eq!((exit, &told["unaltered"]), (Some(0), &Value::Bool(true)), "{told}");
    assert_eq!(told["checkpoints_compared"], 1);
    let altered = String::from_utf8_lossy(&second.bytes).replacen("security.exported", "security.exportee", 1);
    let (exit, told) = verify(&world, altered.as_bytes(), &[]);
    assert_eq!((exit, &told["unaltered"]), (Some(1), &Value::Bool(false)), "{told}");

    let early = log(&world, &format!("?from={}", size + 1_000)).await;
    assert_eq!(early.code(), Some("INVALID"), "{early:?}");
    assert_eq!(log(&world, "?from=yesterday").await.code(), Some("INVALID"));
}
