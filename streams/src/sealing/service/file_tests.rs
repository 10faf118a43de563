use std::os::unix::fs::PermissionsExt;

use uuid::Uuid;

use super::*;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[tokio::test]
async fn it_is_made_on_the_first_start_and_readable_by_its_owner_alone() {
    let folder = folder();
    let at = folder.path().join("keys");
    let keys = FileKeys::open(&at).unwrap();
    assert!(keys.is_new());
    assert!(!FileKeys::open(&at).unwrap().is_new());
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!((mode(&at), mode(&at.join("master-1.key"))), (0o700, 0o600));

    fs::set_permissions(at.join("master-1.key"), fs::Permissions::from_mode(0o640)).unwrap();
    let error = keys.wrap(Scope::INSTALLATION, &Key::generate()).await.unwrap_err();
    assert!(error.to_string().contains("chmod go="), "{error}");
}

#[tokio::test]
async fn old_keys_unwrap_after_a_rotation_and_scopes_are_apart() {
    let folder = folder();
    let keys = FileKeys::open(&folder.path().join("keys")).unwrap();
    let (mine, theirs) = (Scope(Uuid::now_v7()), Scope(Uuid::now_v7()));
    let key = Key::generate();
    let old = keys.wrap(mine, &key).await.unwrap();
    keys.rotate(&[mine]).await.unwrap();
    let new = keys.wrap(mine, &key).await.unwrap();
    assert_ne!(old.master, new.master);
    assert_eq!(keys.newest(mine).await.unwrap(), new.master);
    for wrapped in [&old, &new] {
        assert_eq!(keys.unwrap(mine, wrapped).await.unwrap().expose(), key.expose());
    }
    keys.wrap(theirs, &Key::generate()).await.unwrap();
    assert!(matches!(keys.unwrap(theirs, &new).await, Err(KeyError::Altered(_))));
}

#[tokio::test]
async fn what_was_destroyed_opens_nowhere_and_comes_back_never() {
    let folder = folder();
    let keys = FileKeys::open(&folder.path().join("keys")).unwrap();
    let (gone, stays) = (Scope(Uuid::now_v7()), Scope(Uuid::now_v7()));
    let lost = keys.wrap(gone, &Key::generate()).await.unwrap();
    let kept = keys.wrap(stays, &Key::generate()).await.unwrap();
    for _ in 0..2 {
        assert_eq!(keys.destroy(gone).await.unwrap(), Destroyed::Everywhere);
    }
    assert!(matches!(keys.unwrap(gone, &lost).await, Err(KeyError::Destroyed)));
    assert!(matches!(keys.wrap(gone, &Key::generate()).await, Err(KeyError::Destroyed)));
    assert!(keys.unwrap(stays, &kept).await.is_ok());
}

#[tokio::test]
async fn a_lost_folder_is_named() {
    let folder = folder();
    let keys = FileKeys::open(&folder.path().join("keys")).unwrap();
    let wrapped = keys.wrap(Scope::INSTALLATION, &Key::generate()).await.unwrap();
    let elsewhere = FileKeys::open(&folder.path().join("other")).unwrap();
    let error = elsewhere.unwrap(Scope::INSTALLATION, &wrapped).await.unwrap_err().to_string();
    assert!(error.contains("restore it in") && error.contains("other"), "{error}");
}
