//! Data keys in a database, and what they seal.

use std::sync::Arc;

use domain::BusinessId;
use streams::sealing::{EnvironmentKeys, FileKeys, KeyError, Keys, Rewrapped, SealError};
use streams::testing::{Database, keys};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

#[tokio::test]
async fn a_sealed_field_opens_where_it_was_sealed_and_nowhere_else() {
    let database = Database::create().await;
    let keys = keys(&database.pool());
    let (sealer, owner) = (keys.installation(), Uuid::now_v7());
    let sealed = sealer.seal("access.totp.secret", owner, b"JBSWY3DP").await.unwrap();
    assert!(sealed.starts_with("v1.1.") && !sealed.contains("JBSW"), "{sealed}");
    assert_ne!(sealed, sealer.seal("access.totp.secret", owner, b"JBSWY3DP").await.unwrap());
    assert_eq!(**sealer.open("access.totp.secret", owner, &sealed).await.unwrap(), *b"JBSWY3DP");

    let business = keys.of_business(BusinessId::new());
    business.seal("x", owner, b"a key of its own").await.unwrap();
    let elsewhere = [
        sealer.open("access.totp.secret", Uuid::now_v7(), &sealed).await,
        sealer.open("access.user.name", owner, &sealed).await,
        business.open("access.totp.secret", owner, &sealed).await,
        sealer.open("access.totp.secret", owner, &sealed.replace("v1.1.", "v1.2.")).await,
    ];
    assert!(elsewhere.iter().all(|opened| matches!(opened, Err(SealError::Forged))), "{elsewhere:?}");
    for other in ["", "v1.", "v1.x.AAAA", "v2.1.AAAA", "v1.1.!!!!"] {
        assert!(matches!(sealer.open("x", owner, other).await, Err(SealError::Malformed)), "{other}");
    }
}

#[tokio::test]
async fn keyed_hashes_stay_the_same_for_ever_and_differ_by_field() {
    let database = Database::create().await;
    let first = keys(&database.pool());
    let digest = first.installation().digest("access.user.email", b"ada@example.org").await.unwrap();
    first.rotate_data_key(Uuid::nil()).await.unwrap();
    let again = keys(&database.pool()).installation();
    assert_eq!(again.digest("access.user.email", b"ada@example.org").await.unwrap(), digest);
    assert_ne!(again.digest("access.invitation.email", b"ada@example.org").await.unwrap(), digest);
}

#[tokio::test]
async fn two_who_need_the_first_key_at_once_get_the_same() {
    let database = Database::create().await;
    let business = BusinessId::new();
    let makers = (0..8).map(|_| {
        let sealer = keys(&database.pool()).of_business(business);
        async move { sealer.seal("f", Uuid::nil(), b"text").await.unwrap() }
    });
    let sealed = futures::future::join_all(makers).await;
    let sealer = keys(&database.pool()).of_business(business);
    for sealed in sealed {
        assert_eq!(**sealer.open("f", Uuid::nil(), &sealed).await.unwrap(), *b"text");
    }
}

#[tokio::test]
async fn keys_rotate_and_everything_goes_on_opening() {
    let (database, folder) = (Database::create().await, tempfile::tempdir().unwrap());
    let at = folder.path().join("keys");
    let open = || Keys::new(&database.pool(), Arc::new(FileKeys::open(&at).unwrap()));
    let keys = open();
    let businesses: Vec<_> = (0..3).map(|_| BusinessId::new()).collect();
    let mut sealed = Vec::new();
    for business in &businesses {
        sealed.push(keys.of_business(*business).seal("f", Uuid::nil(), b"old").await.unwrap());
    }
    assert_eq!(keys.rotate().await.unwrap(), Rewrapped { rewrapped: 3, current: 0 });
    assert_eq!(keys.rewrap().await.unwrap(), Rewrapped { rewrapped: 0, current: 3 });
    keys.rotate_data_key(businesses[0].as_uuid()).await.unwrap();
    let new = keys.of_business(businesses[0]).seal("f", Uuid::nil(), b"new").await.unwrap();
    assert!(new.starts_with("v1.2."), "{new}");
    // A process that starts now, and one that has its old key in memory.
    for keys in [open(), keys] {
        assert_eq!(**keys.of_business(businesses[0]).open("f", Uuid::nil(), &new).await.unwrap(), *b"new");
        for (business, sealed) in businesses.iter().zip(&sealed) {
            assert_eq!(**keys.of_business(*business).open("f", Uuid::nil(), sealed).await.unwrap(), *b"old");
        }
    }
}

#[tokio::test]
async fn a_rotation_that_was_cut_off_goes_on_where_it_was() {
    let database = Database::create().await;
    let (old, new) = ("11".repeat(32), "22".repeat(32));
    let service = |text: &str| Arc::new(EnvironmentKeys::try_new(text).unwrap());
    let first = Keys::new(&database.pool(), service(&old));
    for _ in 0..3 {
        first.of_business(BusinessId::new()).seal("f", Uuid::nil(), b"x").await.unwrap();
    }
    assert!(matches!(first.rotate().await, Err(SealError::Key(KeyError::Refused(_)))));
    let both = Keys::new(&database.pool(), service(&format!("{new},{old}")));
    both.of_business(BusinessId::new()).seal("f", Uuid::nil(), b"by the new one").await.unwrap();
    assert_eq!(both.rewrap().await.unwrap(), Rewrapped { rewrapped: 3, current: 1 });
    // The old one is needed no more.
    let alone = Keys::new(&database.pool(), service(&new));
    assert_eq!(alone.rewrap().await.unwrap(), Rewrapped { rewrapped: 0, current: 4 });
}

#[tokio::test]
async fn a_destroyed_key_opens_nothing_and_nothing_new_is_sealed() {
    let (database, folder) = (Database::create().await, tempfile::tempdir().unwrap());
    let at = folder.path().join("keys");
    let open = || Keys::new(&database.pool(), Arc::new(FileKeys::open(&at).unwrap()));
    let (gone, stays) = (BusinessId::new(), BusinessId::new());
    let keys = open();
    let lost = keys.of_business(gone).seal("f", Uuid::nil(), b"text").await.unwrap();
    let kept = keys.of_business(stays).seal("f", Uuid::nil(), b"text").await.unwrap();
    keys.destroy(gone.as_uuid()).await.unwrap();
    for keys in [keys, open()] {
        assert!(matches!(keys.of_business(gone).open("f", Uuid::nil(), &lost).await, Err(SealError::Erased(_))));
        assert!(matches!(keys.of_business(gone).seal("f", Uuid::nil(), b"new").await, Err(SealError::Erased(_))));
        assert_eq!(**keys.of_business(stays).open("f", Uuid::nil(), &kept).await.unwrap(), *b"text");
    }
}

#[tokio::test]
async fn a_key_that_another_process_destroys_is_in_no_memory() {
    let database = Database::create().await;
    let (here, elsewhere) = (keys(&database.pool()), keys(&database.pool()));
    let gone = BusinessId::new();
    let sealed = here.of_business(gone).seal("f", Uuid::nil(), b"text").await.unwrap();
    let (told, mut forgotten) = tokio::sync::watch::channel(0);
    here.on_destroyed(move || told.send_modify(|times| *times += 1));
    let stop = CancellationToken::new();
    let hears = tokio::spawn(streams::sealing::hear(database.pool(), here.clone(), stop.clone()));
    forgotten.wait_for(|times| *times == 1).await.unwrap();
    assert_eq!(**here.of_business(gone).open("f", Uuid::nil(), &sealed).await.unwrap(), *b"text");
    elsewhere.destroy(gone.as_uuid()).await.unwrap();
    forgotten.wait_for(|times| *times == 2).await.unwrap();
    assert!(matches!(here.of_business(gone).open("f", Uuid::nil(), &sealed).await, Err(SealError::Erased(_))));
    stop.cancel();
    hears.await.unwrap();
}

#[tokio::test]
async fn keys_do_not_print() {
    let database = Database::create().await;
    let keys = keys(&database.pool());
    assert!(!format!("{keys:?} {:?}", keys.installation()).contains("7e57"));
    let refused = EnvironmentKeys::try_new("hunter2").unwrap_err();
    assert!(!format!("{refused} {refused:?}").contains("hunter2"));
}
