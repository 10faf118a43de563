//! What is kept beside transactions: tables, and the files as they were sent.

use std::path::Path;

use domain::attachment::MediaType;
use futures::TryStreamExt;
use streams::files;

use super::ExportError;
use super::file::{Out, Part};
use super::tables::{list, text};
use crate::Failure;
use crate::reader::{Attachment, Reader, View};

pub(super) async fn write(reader: &Reader, view: &View, folder: &Path) -> Result<Vec<Part>, ExportError> {
    let (attachments, memos) = reader.all_beside(view.business.id).await?;
    let rows = attachments.iter().map(|attachment| {
        [
            attachment.row.id.to_string(),
            attachment.row.account.to_string(),
            attachment.row.transaction.to_string(),
            text(Some(&attachment.name)),
            attachment.row.media.clone(),
            attachment.row.bytes.to_string(),
            attachment.sha256.clone().unwrap_or_default(),
            path_of(attachment),
            attachment.row.at.to_rfc3339(),
            attachment.row.position.to_string(),
        ]
    });
    let heading =
        ["id", "account", "transaction", "name", "media", "bytes", "sha256", "file", "attached_at", "position"];
    let mut parts = vec![list(folder, "attachments.csv", heading, rows).await?];
    let rows = memos.iter().map(|memo| {
        [memo.transaction.to_string(), text(Some(&memo.text)), memo.at.to_rfc3339(), memo.position.to_string()]
    });
    parts.push(list(folder, "memos.csv", ["transaction", "memo", "at", "position"], rows).await?);
    for attachment in &attachments {
        parts.push(copy(reader, view, attachment, folder).await?);
    }
    Ok(parts)
}

/// By its id: names may be the same.
fn path_of(attachment: &Attachment) -> String {
    let ending = attachment.row.media.parse().map_or("bin", MediaType::ending);
    format!("attachment-{}.{ending}", attachment.row.id)
}

async fn copy(reader: &Reader, view: &View, attachment: &Attachment, folder: &Path) -> Result<Part, ExportError> {
    let opened = files::open(reader.pool(), reader.keys(), view.business.id, attachment.row.file).await;
    let opened = opened.map_err(|error| Failure::from(error.problem()))?;
    // Taken away meanwhile; the table says that it stood there.
    let mut out = Out::create(folder, path_of(attachment)).await?;
    if let Some(mut opened) = opened {
        while let Some(piece) = opened.pieces.try_next().await.map_err(|error| Failure::from(error.problem()))? {
            out.write(&piece).await?;
        }
    }
    Ok(out.finish().await?)
}
