//! The check of an archived part of a history, with nothing but the file and the log's key.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use flate2::read::MultiGzDecoder;
use serde_json::json;
use sha2::{Digest, Sha256};
use streams::proof::{Checkpoint, Expected, Manifest, Proven, examine, is_archive};

use super::{output, progress};

/// Compressed, and told from everything else by its first bytes.
pub fn is_one(path: &Path) -> anyhow::Result<bool> {
    let file = File::open(path).with_context(|| path.display().to_string())?;
    let mut beginning = Vec::new();
    // Another file than a compressed one.
    let is_compressed = MultiGzDecoder::new(file).take(64).read_to_end(&mut beginning).is_ok();
    Ok(is_compressed && is_archive(&beginning))
}

/// Exit status 1 where anything does not fit.
pub fn check(path: &Path, expected: &Expected, is_json: bool) -> anyhow::Result<ExitCode> {
    let sha256 = hash(path)?;
    let file = File::open(path)?;
    let bar = progress::bar(file.metadata()?.len(), "bytes");
    let lines = BufReader::with_capacity(1 << 20, MultiGzDecoder::new(BufReader::new(bar.wrap_read(file))));
    match examine(lines, expected, |_| Ok(())) {
        Ok(Proven { archive: Some(ref manifest), ref checkpoint, business, ref key, .. }) => {
            let head = (business, key.to_string(), expected.key.is_some());
            tell(head, manifest, checkpoint, &sha256, is_json)?;
            Ok(ExitCode::SUCCESS)
        }
        Ok(_) => anyhow::bail!("the file is no archive"),
        Err(fault) if is_json => {
            output::json(&json!({ "unaltered": false, "reason": fault.to_string() }))?;
            Ok(ExitCode::FAILURE)
        }
        Err(fault) => {
            output::line(&format!("ALTERED: {fault}"))?;
            Ok(ExitCode::FAILURE)
        }
    }
}

fn tell(
    (business, key, is_key_given): (domain::BusinessId, String, bool),
    manifest: &Manifest,
    checkpoint: &Checkpoint,
    sha256: &str,
    is_json: bool,
) -> anyhow::Result<()> {
    let Checkpoint { origin, size, .. } = checkpoint;
    if is_json {
        return output::json(&json!({
            "unaltered": true,
            "business": business,
            "archive": manifest,
            "sha256": sha256,
            "origin": origin,
            "size": size,
            "key": key,
            "key_given": is_key_given,
        }));
    }
    let Manifest { first_sequence, last_sequence, first_position, last_position, before, months, previous, .. } =
        manifest;
    output::line(&format!("business {business}: its events {first_sequence} to {last_sequence}, unaltered"))?;
    output::line(&format!(
        "at positions {first_position} to {last_position}, known before {before}, kept for {months} months"
    ))?;
    output::line(&format!("under the checkpoint of {origin} over {size} events, signed by {key}"))?;
    if !is_key_given {
        output::line("The key is the file's own: give the one you know with --key, else anybody may have signed.")?;
    }
    output::line(&format!("SHA-256 of this file: {sha256}"))?;
    output::line(&format!("SHA-256 of the archive before it: {}", previous.as_deref().unwrap_or("there is none")))
}

fn hash(path: &Path) -> anyhow::Result<String> {
    let mut digest = Sha256::new();
    let mut file = File::open(path)?;
    let mut chunk = vec![0; 1 << 16];
    loop {
        match file.read(&mut chunk) {
            Ok(0) => return Ok(hex::encode(digest.finalize())),
            Ok(read) => digest.update(&chunk[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
}
