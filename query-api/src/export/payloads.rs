//! What providers answered: a table of what each event was read from, and the answers as they came.

use std::collections::BTreeSet;

use domain::account::PayloadMedia;
use streams::export::Archive;

use super::{ExportError, Source, beside};
use crate::reader::Payload;

const PAYLOADS: &[&str] = &["position", "number", "account", "media", "bytes", "sha256", "file"];

pub(super) async fn write(source: &Source<'_>, archive: &mut Archive) -> Result<(), ExportError> {
    let payloads = source.reader.all_payloads(source.view.business.id).await?;
    archive.list("payloads", PAYLOADS, payloads.iter().map(record)).await?;
    let mut written = BTreeSet::new();
    for payload in &payloads {
        if written.insert(payload.row.file) {
            beside::copy(source, payload.row.file, path_of(payload), archive).await?;
        }
    }
    Ok(())
}

fn record(payload: &Payload) -> impl serde::Serialize + '_ {
    let Payload { row, sha256 } = payload;
    (row.position, row.number, row.account, &row.media, row.bytes, sha256, path_of(payload))
}

fn path_of(payload: &Payload) -> String {
    format!("payload-{}.{}", payload.row.file, PayloadMedia::ending(&payload.row.media))
}
