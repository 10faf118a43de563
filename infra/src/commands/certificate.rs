//! The check of an erasure's certificate, with nothing but itself and the log's key.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use domain::BusinessId;
use serde_json::json;
use streams::proof::{Certificate, Checkpoint, Expected};

use super::audit::read;
use super::output;

/// Told from an exported log by its first bytes.
pub fn is_one(path: &Path) -> anyhow::Result<bool> {
    let mut beginning = Vec::new();
    File::open(path).with_context(|| path.display().to_string())?.take(64).read_to_end(&mut beginning)?;
    Ok(Certificate::is_one(&beginning))
}

/// Exit status 1 where anything does not fit.
pub fn check(path: &Path, expected: &Expected, is_json: bool) -> anyhow::Result<ExitCode> {
    let checked = Certificate::read(&read(path)?).and_then(|certificate| {
        let certified = certificate.verify(expected.key.as_ref())?;
        Ok((certificate, certified))
    });
    let is_other = |business: Option<BusinessId>| expected.business.is_some_and(|expected| Some(expected) != business);
    let (certificate, certified) = match checked {
        Ok((certificate, _)) if is_other(certificate.statement.business()) => {
            return refuse("it is of another business", is_json);
        }
        Ok(checked) => checked,
        Err(error) => return refuse(&error.to_string(), is_json),
    };
    let Checkpoint { origin, size, .. } = &certified.after;
    if is_json {
        output::json(&json!({
            "unaltered": true,
            "statement": certificate.statement,
            "key": certified.key.to_string(),
            "key_given": expected.key.is_some(),
            "size": size,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    output::line(&certificate.statement.to_string())?;
    let key = &certified.key;
    output::line(&format!("Unaltered, under the checkpoint of {origin} over {size} events, signed by {key}"))?;
    if expected.key.is_none() {
        output::line("The key is the file's own: give the one you know with --key, else anybody may have signed.")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn refuse(reason: &str, is_json: bool) -> anyhow::Result<ExitCode> {
    match is_json {
        true => output::json(&json!({ "unaltered": false, "reason": reason }))?,
        false => output::line(&format!("ALTERED: {reason}"))?,
    }
    Ok(ExitCode::FAILURE)
}
