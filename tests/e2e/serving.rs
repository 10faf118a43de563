//! `workdock up` as its owner meets it: nothing without a session, everything with one, a clean end.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;

use crate::harness::Folder;

const NAMES: &str = "{ businesses { name baseCurrency } }";
const KNOWN: &str =
    "query ($id: UUID!, $position: Position!) { business(id: $id) { known(minPosition: $position) { position } } }";
const RENAME: &str = "mutation ($id: UUID!, $name: String!) { renameBusiness(id: $id, name: $name) { position } }";

#[tokio::test]
async fn nothing_is_served_without_a_session_but_health_and_the_sign_in_page() -> Result<()> {
    let folder = Folder::new();
    let up = folder.up(&[]).await?;
    let stranger = reqwest::Client::new();
    for (path, status) in [
        ("/health/live", 200),
        ("/health/ready", 200),
        ("/sign-in", 200),
        ("/graphql", 401),
        ("/metrics", 401),
        ("/api/v1/openapi.json", 401),
        ("/api/v1/businesses", 401),
    ] {
        let answer = stranger.get(format!("{}{path}", up.url)).send().await?;
        assert_eq!(answer.status(), status, "{path}");
    }
    assert_eq!(up.get("/metrics").await?.status(), 200, "the local owner runs the installation");
    Ok(())
}

#[tokio::test]
async fn what_was_written_is_there_after_a_kill_and_after_a_clean_end() -> Result<()> {
    let folder = Folder::new();
    let id = folder.business("Shop", "GBP", "Europe/London")?;
    let up = folder.up(&[]).await?;
    let renamed = up.graphql(RENAME, json!({ "id": id, "name": "Corner shop" })).await?;
    let position = renamed["renameBusiness"]["position"].clone();
    assert_ne!(up.pid(), std::process::id());
    up.kill();

    let up = folder.up(&[]).await?;
    up.ready().await?;
    // The kill may have come before the projections: the answer waits for them.
    up.graphql(KNOWN, json!({ "id": id, "position": position })).await?;
    let named = up.graphql(NAMES, json!({})).await?;
    assert_eq!(named["businesses"], json!([{ "name": "Corner shop", "baseCurrency": "GBP" }]));
    let (code, took) = up.stop()?;
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(10), "stopping took {took:?}");
    Ok(())
}
