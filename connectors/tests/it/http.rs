//! Uploads through the router.

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use connectors::http::{Imports, router};
use domain::access::Principal;
use serde_json::Value;
use tower::ServiceExt;

use crate::servers::World;

const CSV: &str = "Date;Text;Amount\n2024-01-31;a;1.50\n2024-02-30;b;2.00\n2024-02-01;Miete;-900.00\n";

fn form(parts: &[(&str, &str)]) -> String {
    let mut body = String::new();
    for (name, content) in parts {
        let file = if *name == "file" { "; filename=\"C:\\\\bank\\\\jan.csv\"" } else { "" };
        body.push_str(&format!("--cut\r\ncontent-disposition: form-data; name=\"{name}\"{file}\r\n\r\n{content}\r\n"));
    }
    body.push_str("--cut--\r\n");
    body
}

async fn post(world: &World, path: &str, parts: &[(&str, &str)], signed_in: bool, most: u64) -> (StatusCode, Value) {
    let imports = Imports { commands: world.commands.clone(), pool: world.pool.clone(), most_bytes: most };
    let mut request = Request::post(format!("/api/v1/businesses/{}/imports{path}", world.business))
        .header("content-type", "multipart/form-data; boundary=cut")
        .body(Body::from(form(parts)))
        .unwrap();
    if signed_in {
        request.extensions_mut().insert(Principal::local_owner());
    }
    let response = router(imports).oneshot(request).await.unwrap();
    let status = response.status();
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    assert_eq!(kind, if status.is_success() { "application/json" } else { "application/problem+json" });
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_preview_writes_nothing_and_its_mapping_imports() {
    let world = World::new().await;
    let before = world.events().await;
    let (status, preview) = post(&world, "/preview", &[("file", CSV)], true, 1 << 20).await;
    assert_eq!(status, StatusCode::OK, "{preview}");
    assert_eq!(preview["columns"], serde_json::json!(["Date", "Text", "Amount"]));
    assert_eq!(preview["mapping"]["date"]["format"], "%Y-%m-%d");
    assert_eq!(preview["sample"][1]["amount"], "-900.00");
    assert_eq!(preview["sample"][1]["kind"], "expense");
    assert_eq!(preview["report"]["file"], "jan.csv");
    assert_eq!(preview["report"]["added"], 2);
    assert_eq!(preview["report"]["refused"][0]["line"], 3);
    assert_eq!(world.events().await, before);

    let mapping = preview["mapping"].to_string();
    let (status, report) = post(&world, "", &[("mapping", &mapping), ("file", CSV)], true, 1 << 20).await;
    assert_eq!(status, StatusCode::OK, "{report}");
    assert_eq!((&report["added"], &report["sums"]["EUR"]["net"]), (&2.into(), &"-898.50".into()));
    assert!(report["positions"]["first"].is_i64());
    let (_, again) = post(&world, "", &[("file", CSV)], true, 1 << 20).await;
    assert_eq!((&again["added"], &again["known"], &again["positions"]), (&0.into(), &2.into(), &Value::Null));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_file_names_its_lines() {
    let world = World::new().await;
    let (status, problem) = post(&world, "", &[("strict", "true"), ("file", CSV)], true, 1 << 20).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let report = &problem["report"];
    assert_eq!((&report["rows"], &report["added"], &report["refused_count"]), (&3.into(), &0.into(), &1.into()));
    assert_eq!(report["refused"][0]["line"], 3, "{problem}");
    assert!(report["refused"][0]["reason"].as_str().unwrap().contains("2024-02-30"), "{problem}");
    assert_eq!(report["sums"]["EUR"]["net"], "-898.50", "{problem}");
    let (_, unclear) = post(&world, "", &[("file", "When,What\n1,2\n")], true, 1 << 20).await;
    assert_eq!(unclear["report"], Value::Null, "no row was read: {unclear}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_say_what_to_do() {
    let world = World::new().await;
    for (path, parts, signed_in, most, status, says) in [
        ("", &[("file", CSV)][..], false, 1 << 20, 401, "Sign in"),
        ("", &[("file", CSV)], true, 10, 413, "larger than 10 bytes"),
        ("", &[("mapping", "[date]\nformatt = \"x\""), ("file", CSV)], true, 1 << 20, 400, "date.formatt"),
        ("", &[("account", "Bank")], true, 1 << 20, 400, "no field `file`"),
        ("", &[("strict", "true"), ("file", CSV)], true, 1 << 20, 422, "1 of 3 rows are refused"),
        ("/preview", &[("file", "When,What\n1,2\n")], true, 1 << 20, 422, "say date.column"),
        ("/preview", &[("file", "")], true, 1 << 20, 400, "the file is empty"),
    ] {
        let (actual, problem) = post(&world, path, parts, signed_in, most).await;
        assert_eq!(actual.as_u16(), status, "{says}: {problem}");
        assert!(problem["detail"].as_str().unwrap().contains(says), "{says}: {problem}");
    }
}
