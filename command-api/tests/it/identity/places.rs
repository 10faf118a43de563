//! Where sessions are: by the file that the operator gives, and what an address says by itself.

use command_api::identity::{PlaceFile, PlaceFileError};
use serde_json::{Value, json};

use super::app::{App, PASSWORD};
use super::mmdb;

/// Whatever different makers of such files write of a network.
fn atlas() -> PlaceFile {
    let nested = |city: Value| json!({ "city": city, "country": { "iso_code": "DE", "names": { "en": "Germany" } } });
    let file = mmdb::file(&[
        ("192.0.2.0", 24, nested(json!({ "names": { "de": "München", "en": "Munich" } }))),
        ("198.51.100.0", 25, json!({ "country_code": "fr" })),
        ("198.51.100.128", 25, json!({ "city": "Lyon", "country_code": "FR" })),
        ("203.0.113.0", 24, json!({ "city": "", "country_code": "", "autonomous_system_number": 64_496 })),
        ("2001:db8::", 32, nested(json!({}))),
    ]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("places.mmdb");
    std::fs::write(&path, file).unwrap();
    PlaceFile::open(&path).unwrap()
}

/// The place of a session from there.
async fn place(app: &App, address: &str) -> Value {
    let mut browser = app.browser();
    browser.address = address.parse().unwrap();
    assert_eq!(browser.sign_in("ada@example.com", PASSWORD).await.status, 200);
    let sessions = browser.get("sessions").await.json();
    let own = sessions.as_array().unwrap().iter().find(|session| session["current"] == true).unwrap();
    assert_eq!(own["address"], address);
    own["place"].clone()
}

fn world(city: Option<&str>, country: Option<&str>) -> Value {
    json!({ "kind": "WORLD", "city": city, "country": country })
}

#[tokio::test]
async fn a_session_tells_where_it_is_by_files_of_every_maker() {
    let app = App::start_with(atlas()).await;
    app.user("ada@example.com").await;
    for (address, expected) in [
        ("192.0.2.7", world(Some("Munich"), Some("DE"))),
        ("198.51.100.7", world(None, Some("FR"))),
        ("198.51.100.200", world(Some("Lyon"), Some("FR"))),
        ("2001:db8::7", world(None, Some("DE"))),
        // Records that name no place, and addresses without one.
        ("203.0.113.7", Value::Null),
        ("8.8.8.8", Value::Null),
        ("127.0.0.1", json!({ "kind": "THIS_MACHINE", "city": null, "country": null })),
        ("10.1.2.3", json!({ "kind": "LOCAL_NETWORK", "city": null, "country": null })),
    ] {
        assert_eq!(place(&app, address).await, expected, "{address}");
    }
}

#[tokio::test]
async fn without_a_file_only_what_is_near_has_a_place() {
    let app = App::start().await;
    app.user("ada@example.com").await;
    assert_eq!(place(&app, "192.0.2.7").await, Value::Null);
    assert_eq!(place(&app, "192.168.1.7").await["kind"], "LOCAL_NETWORK");
}

#[test]
fn a_file_that_breaks_off_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("places.mmdb");
    let whole = mmdb::file(&[("192.0.2.0", 24, json!({ "country_code": "FR" }))]);
    std::fs::write(&path, &whole[..whole.len() - 20]).unwrap();
    assert!(matches!(PlaceFile::open(&path), Err(PlaceFileError::Format { .. })));
}
