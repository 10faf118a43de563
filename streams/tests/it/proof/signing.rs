//! Checkpoints of a log that grows, and of one that somebody meddled with.

use domain::BusinessId;
use streams::proof::{Checkpoint, Notary, NotaryError, Signer, newest};
use streams::verify;
use tokio_util::sync::CancellationToken;

use super::world::World;
use crate::running::until;

#[tokio::test]
async fn each_checkpoint_goes_on_from_the_one_before() {
    let world = World::new().await;
    let notary = &world.notary;
    assert!(matches!(notary.now().await, Err(NotaryError::Empty)));
    let business = BusinessId::new();
    world.append(&[business], 300).await;
    let first = notary.now().await.unwrap();
    assert_eq!(notary.now().await.unwrap(), first);
    assert_eq!(Checkpoint::open(&first.note, notary.verifier()).unwrap(), first.checkpoint);
    assert_eq!(first.checkpoint.size, 300);
    world.append(&[business], 300).await;
    let second = notary.now().await.unwrap();
    // An older size is signed too; what was signed last stays the largest.
    assert_eq!(notary.at(450).await.unwrap().checkpoint.size, 450);
    assert_eq!(newest(&world.pool, 0).await.unwrap().unwrap(), second);
    assert!(newest(&world.pool, 601).await.unwrap().is_none());
    let verdict = verify(&world.pool, |_| {}).await.unwrap();
    assert_eq!((verdict.fitting, verdict.misfit), (600, None));
}

#[tokio::test]
async fn a_witness_has_what_was_signed() {
    let world = World::new().await;
    world.append(&[BusinessId::new()], 3).await;
    let stop = CancellationToken::new();
    let running = tokio::spawn(world.notary.clone().run(stop.clone()));
    let witness = world.folder.path().join("witness");
    let read = || std::fs::read_to_string(&witness).unwrap_or_default();
    until(async || !read().is_empty()).await;
    stop.cancel();
    running.await.unwrap();
    let note = read();
    let kept = Checkpoint::open(note.strip_suffix('\n').unwrap(), world.notary.verifier()).unwrap();
    assert_eq!(kept.size, 3);
}

/// A tail that was written anew has valid hashes and a valid chain; what was signed before tells.
#[tokio::test]
async fn a_log_that_was_rewritten_is_neither_signed_nor_found_whole() {
    let world = World::new().await;
    let (kept, others) = (BusinessId::new(), BusinessId::new());
    world.append(&[kept, others], 40).await;
    world.notary.now().await.unwrap();

    world
        .behind_the_triggers("delete from store.log where position > 30; delete from store.events where id > 30")
        .await;
    assert!(matches!(world.notary.now().await, Err(NotaryError::Shorter { head: 30, size: 40, .. })));
    let cut_off = verify(&world.pool, |_| {}).await.unwrap();
    let misfit = cut_off.misfit.expect("what was signed is gone");
    assert_eq!((cut_off.fitting, misfit.position), (30, 31));
    assert!(misfit.reason.contains("signed over 40 events"), "{}", misfit.reason);
    // The notary's key in a process that forgot: the database's own checkpoints tell.
    world.append(&[kept, others], 20).await;
    assert!(matches!(world.notary.now().await, Err(NotaryError::Rewritten { size: 40, .. })));
    let misfit = verify(&world.pool, |_| {}).await.unwrap().misfit.unwrap();
    assert_eq!(misfit.position, 40);
    assert!(misfit.reason.contains("signed"), "{}", misfit.reason);

    // Once settled by a person, it goes on.
    std::fs::remove_file(world.key.with_extension("signed")).unwrap();
    let signer = Signer::open(&world.key, || unreachable!()).unwrap();
    let notary = Notary::new(world.pool.clone(), signer, &world.key, Vec::new());
    assert_eq!(notary.now().await.unwrap().checkpoint.size, 50);
}
