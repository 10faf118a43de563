//! What is kept beside transactions: tables, and the files as they were sent.

use domain::attachment::{FileHash, MediaType};
use futures::TryStreamExt;
use streams::export::Archive;
use streams::files;

use super::{ExportError, Source};
use crate::Failure;
use crate::reader::Attachment;

const ATTACHMENTS: &[&str] =
    &["id", "account", "transaction", "name", "media", "bytes", "sha256", "file", "attached_at", "position"];
const MEMOS: &[&str] = &["transaction", "memo", "at", "position"];

pub(super) async fn write(source: &Source<'_>, archive: &mut Archive) -> Result<(), ExportError> {
    let (attachments, memos) = source.reader.all_beside(source.view.business.id).await?;
    archive.list("attachments", ATTACHMENTS, attachments.iter().map(record)).await?;
    let rows = memos.iter().map(|memo| (memo.transaction, &memo.text, memo.at, memo.position));
    archive.list("memos", MEMOS, rows).await?;
    for attachment in &attachments {
        copy(source, attachment.row.file, path_of(attachment), archive).await?;
    }
    Ok(())
}

fn record(attachment: &Attachment) -> impl serde::Serialize + '_ {
    let Attachment { row, name, sha256 } = attachment;
    let file = path_of(attachment);
    (row.id, row.account, row.transaction, name, &row.media, row.bytes, sha256, file, row.at, row.position)
}

/// By its id: names may be the same.
fn path_of(attachment: &Attachment) -> String {
    let ending = attachment.row.media.parse().map_or("bin", MediaType::ending);
    format!("attachment-{}.{ending}", attachment.row.id)
}

/// A file of the business, under a path of the archive.
pub(super) async fn copy(
    source: &Source<'_>,
    file: FileHash,
    path: String,
    archive: &mut Archive,
) -> Result<(), ExportError> {
    let (reader, business) = (source.reader, source.view.business.id);
    let opened = files::open(reader.pool(), reader.keys(), business, file).await;
    let opened = opened.map_err(|error| Failure::from(error.problem()))?;
    // Taken away meanwhile; the table says that it stood there.
    let mut out = archive.file(path).await?;
    if let Some(mut opened) = opened {
        while let Some(piece) = opened.pieces.try_next().await.map_err(|error| Failure::from(error.problem()))? {
            out.write(&piece).await?;
        }
    }
    Ok(out.finish(archive).await?)
}
