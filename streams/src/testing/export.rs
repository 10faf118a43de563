use std::collections::BTreeMap;
use std::io::Read;

use serde_json::Value;

use crate::export::{Checked, check};

/// The files of an archive that fits its manifest, with that.
pub fn archived(archive: &[u8]) -> (Checked, BTreeMap<String, Vec<u8>>) {
    let manifest = check(archive).unwrap();
    let mut archive = tar::Archive::new(archive);
    let files = archive.entries().unwrap().map(|entry| {
        let (mut entry, mut bytes) = (entry.unwrap(), Vec::new());
        entry.read_to_end(&mut bytes).unwrap();
        (entry.path().unwrap().display().to_string(), bytes)
    });
    (manifest, files.collect())
}

/// The rows of a table, which stand in both of its forms, with its text as CSV.
pub fn table(files: &BTreeMap<String, Vec<u8>>, name: &str) -> (Vec<Value>, String) {
    let rows: Vec<Value> = serde_json::from_slice(&files[&format!("{name}.json")]).unwrap();
    let csv = files[&format!("{name}.csv")].clone();
    assert_eq!(csv::Reader::from_reader(csv.as_slice()).records().map(Result::unwrap).count(), rows.len(), "{name}");
    (rows, String::from_utf8(csv).unwrap())
}
