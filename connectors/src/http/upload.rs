//! A form on its way to disk.

use std::path::Path;

use axum::extract::Multipart;
use axum::extract::multipart::{Field, MultipartError};
use domain::{Code, Problem};
use tempfile::NamedTempFile;
use tokio::io::AsyncWriteExt;

use crate::file::Mapping;

/// The most bytes of a field that is not the file.
const MOST_TEXT: usize = 1 << 20;

#[derive(Debug)]
pub struct Upload {
    file: NamedTempFile,
    pub name: String,
    pub mapping: Option<Mapping>,
    pub account: Option<String>,
    pub strict: bool,
}

impl Upload {
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    pub async fn receive(mut form: Multipart, most: u64) -> Result<Self, Problem> {
        let (mut file, mut name, mut mapping, mut account, mut strict) = (None, None, None, None, false);
        while let Some(field) = form.next_field().await.map_err(|error| broken(&error))? {
            match field.name().unwrap_or_default() {
                "file" => {
                    name = field.file_name().map(|name| name.rsplit(['/', '\\']).next().unwrap_or(name).to_owned());
                    file = Some(spool(field, most).await?);
                }
                "mapping" => {
                    let text = text(field).await?;
                    let parsed = Mapping::parse(&text);
                    mapping = Some(parsed.map_err(|error| Problem::new(Code::Invalid, error.to_string()))?);
                }
                "account" => account = Some(text(field).await?).filter(|name| !name.trim().is_empty()),
                "strict" => strict = text(field).await?.trim() == "true",
                other => return Err(Problem::new(Code::Invalid, format!("the form has an unknown field {other:?}"))),
            }
        }
        let file = file.ok_or_else(|| Problem::new(Code::Invalid, "the form has no field `file`"))?;
        Ok(Self { file, name: name.unwrap_or_else(|| "upload".to_owned()), mapping, account, strict })
    }
}

fn broken(error: &MultipartError) -> Problem {
    Problem::new(Code::Invalid, format!("the upload broke off: {error}; send it again"))
}

fn unwritable(error: &std::io::Error) -> Problem {
    tracing::error!(%error, "an upload could not be kept");
    Problem::new(Code::Unavailable, "The upload could not be kept on disk. Nothing was imported; try again later.")
}

async fn spool(mut field: Field<'_>, most: u64) -> Result<NamedTempFile, Problem> {
    let file = NamedTempFile::new().map_err(|error| unwritable(&error))?;
    let mut out = tokio::fs::File::from_std(file.reopen().map_err(|error| unwritable(&error))?);
    let mut bytes = 0_u64;
    while let Some(chunk) = field.chunk().await.map_err(|error| broken(&error))? {
        bytes += chunk.len() as u64;
        if bytes > most {
            let detail = format!("The file is larger than {most} bytes. Import it with `workdock import` instead.");
            return Err(Problem::new(Code::TooLarge, detail));
        }
        out.write_all(&chunk).await.map_err(|error| unwritable(&error))?;
    }
    out.flush().await.map_err(|error| unwritable(&error))?;
    Ok(file)
}

async fn text(mut field: Field<'_>) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|error| broken(&error))? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MOST_TEXT {
            return Err(Problem::new(Code::TooLarge, "A field of the form is larger than 1 MiB."));
        }
    }
    String::from_utf8(bytes).map_err(|_| Problem::new(Code::Invalid, "A field of the form is not UTF-8."))
}
