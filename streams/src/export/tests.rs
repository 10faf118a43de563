use std::io::Read;

use serde_json::{Value, json};

use super::*;

type Files = Vec<(String, Vec<u8>)>;

/// An archive with one table and one text, as bytes.
async fn archive() -> Vec<u8> {
    let mut archive = Archive::begin().unwrap();
    archive.add("README.txt", b"What this is.").await.unwrap();
    let mut table = archive.table("people", &["name", "owes", "roles"]).await.unwrap();
    table.add([("Ada", "-1.50", vec!["OWNER"])]).await.unwrap();
    table.add([("=Bo", "2.00", vec!["VIEWER", "AUDITOR"])]).await.unwrap();
    table.finish(&mut archive).await.unwrap();
    archive.list("nothing", &["name"], std::iter::empty::<(String,)>()).await.unwrap();
    let gathered = archive.finish("test.v1", json!({ "name": "Ada's" })).await.unwrap();
    let (manifest, file) = gathered.unnamed().await.unwrap();
    assert_eq!(manifest.rows(), 2);
    let mut bytes = Vec::new();
    file.into_std().await.read_to_end(&mut bytes).unwrap();
    bytes
}

fn files(archive: &[u8]) -> Files {
    let mut archive = tar::Archive::new(archive);
    let read = |entry: std::io::Result<tar::Entry<'_, &[u8]>>| {
        let (mut entry, mut bytes) = (entry.unwrap(), Vec::new());
        entry.read_to_end(&mut bytes).unwrap();
        (entry.path().unwrap().display().to_string(), bytes)
    };
    archive.entries().unwrap().map(read).collect()
}

fn packed_again(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        archive.append_data(&mut header, path, bytes.as_slice()).unwrap();
    }
    archive.into_inner().unwrap()
}

#[tokio::test]
async fn a_table_is_the_same_in_both_forms() {
    let files = files(&archive().await);
    let text = |path: &str| {
        let (_, bytes) = files.iter().find(|(name, _)| name == path).unwrap();
        String::from_utf8(bytes.clone()).unwrap()
    };
    assert_eq!(text("people.csv"), "name,owes,roles\nAda,-1.50,OWNER\n'=Bo,2.00,\"VIEWER, AUDITOR\"\n");
    let people: Value = serde_json::from_str(&text("people.json")).unwrap();
    assert_eq!(people[0], json!({ "name": "Ada", "owes": "-1.50", "roles": ["OWNER"] }));
    assert_eq!(people[1]["name"], "=Bo");
    assert_eq!(text("people.json").lines().count(), 4, "a row a line");
    assert_eq!(text("nothing.csv"), "name\n");
    assert_eq!(serde_json::from_str::<Value>(&text("nothing.json")).unwrap(), json!([]));
}

#[tokio::test]
async fn a_row_with_another_number_of_cells_is_none() {
    let mut archive = Archive::begin().unwrap();
    assert!(archive.list("people", &["name", "owes"], [("Ada",)]).await.is_err());
}

#[tokio::test]
async fn a_whole_archive_fits_its_manifest_and_a_changed_one_does_not() {
    let whole = archive().await;
    assert!(is_archive(&whole) && !is_archive(b"{}"));
    let manifest = check(whole.as_slice()).unwrap();
    assert_eq!((manifest.format.as_str(), &manifest.of["name"]), ("test.v1", &json!("Ada's")));
    assert_eq!(manifest.files.len(), 5);

    let files = files(&whole);
    let place = files.iter().position(|(path, _)| path == "people.csv").unwrap();
    let misfit = |change: &dyn Fn(&mut Files)| {
        let mut files = files.clone();
        change(&mut files);
        check(packed_again(&files).as_slice()).unwrap_err().to_string()
    };
    assert_eq!(misfit(&|files| files[place].1[20] ^= 1), "people.csv is not what the manifest says");
    assert_eq!(misfit(&|files| drop(files.remove(place))), "people.csv is missing");
    assert_eq!(misfit(&|files| files.push(("more.csv".into(), vec![]))), "more.csv is not in the manifest");
    assert_eq!(misfit(&|files| files.push(files[place].clone())), "people.csv is not in the manifest");
    assert_eq!(misfit(&|files| drop(files.pop())), "it has no manifest");
    assert!(check(&whole[..whole.len() / 2]).is_err());
}
