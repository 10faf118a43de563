//! Keys are renewed while everything runs.

use anyhow::{Context, Result};
use serde_json::json;

use crate::harness::{Folder, Up};

const TEXTS: &str = "query ($b: UUID!, $position: Position!) { business(id: $b) {
    transactions(minPosition: $position) { nodes { description } } } }";

/// Brings one line, and gives the position at which it is known.
fn bring(folder: &Folder, text: &str, day: u8) -> Result<i64> {
    let file = folder.path().join(format!("{text}.csv"));
    std::fs::write(&file, format!("Date,Description,Amount\n2024-01-{day:02},{text},-{day}.00\n"))?;
    let report = folder.json(&["import", "--business", "Harbour", "--json", file.to_str().context("a path")?])?;
    report[0]["positions"]["last"].as_i64().with_context(|| format!("no position: {report:?}"))
}

async fn texts(up: &Up, business: &str, position: i64) -> Result<Vec<String>> {
    let data = up.graphql(TEXTS, json!({ "b": business, "position": position })).await?;
    let nodes = data["business"]["transactions"]["nodes"].as_array().with_context(|| data.to_string())?;
    let mut texts: Vec<_> = nodes.iter().filter_map(|node| Some(node["description"].as_str()?.to_owned())).collect();
    texts.sort();
    Ok(texts)
}

#[tokio::test]
async fn what_was_sealed_before_is_read_beside_what_is_sealed_after_and_nothing_stops() -> Result<()> {
    let folder = Folder::new();
    let business = folder.business("Harbour", "GBP", "Europe/London")?;
    let up = folder.up(&[]).await?;
    up.ready().await?;
    let mut expected = vec!["Alpha".to_owned()];
    let mut last = bring(&folder, "Alpha", 1)?;
    assert_eq!(texts(&up, &business, last).await?, expected);
    for (text, day) in [("Bravo", 2), ("Charlie", 3)] {
        let rotated = folder.json(&["keys", "rotate", "--data-keys", "--json"])?;
        // The business's own, and the installation's.
        assert_eq!(rotated[0]["newDataKeys"], 2, "{rotated:?}");
        assert_eq!(texts(&up, &business, last).await?, expected, "while the program runs");
        last = bring(&folder, text, day)?;
        expected.push(text.to_owned());
        assert_eq!(texts(&up, &business, last).await?, expected, "sealed by two keys and more");
    }
    assert_eq!(up.stop()?.0, Some(0));
    let up = folder.up(&[]).await?;
    up.ready().await?;
    assert_eq!(texts(&up, &business, last).await?, expected, "by a program that never saw the first key");
    Ok(())
}
