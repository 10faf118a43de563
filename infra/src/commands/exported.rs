//! The check of everything about a business or a person against the manifest that came with it.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::json;
use streams::export::{Checked, is_archive};
use streams::proof::Expected;

use super::{output, progress};

/// Told from an exported log by how it begins.
pub fn is_one(path: &Path) -> anyhow::Result<bool> {
    let mut beginning = Vec::new();
    File::open(path).with_context(|| path.display().to_string())?.take(512).read_to_end(&mut beginning)?;
    Ok(is_archive(&beginning))
}

/// Exit status 1 where anything does not fit.
pub fn check(path: &Path, expected: &Expected, is_json: bool) -> anyhow::Result<ExitCode> {
    let file = File::open(path)?;
    let bar = progress::bar(file.metadata()?.len(), "bytes");
    let reason = match streams::export::check(bar.wrap_read(file)) {
        Ok(manifest) if is_of_another(&manifest, expected) => "it is of another business".to_owned(),
        Ok(manifest) => {
            tell(&manifest, is_json)?;
            return Ok(ExitCode::SUCCESS);
        }
        Err(misfit) => misfit.to_string(),
    };
    match is_json {
        true => output::json(&json!({ "unaltered": false, "reason": reason }))?,
        false => output::line(&format!("ALTERED: {reason}"))?,
    }
    Ok(ExitCode::FAILURE)
}

fn is_of_another(manifest: &Checked, expected: &Expected) -> bool {
    expected.business.is_some_and(|expected| manifest.of.get("business") != Some(&json!(expected)))
}

fn tell(manifest: &Checked, is_json: bool) -> anyhow::Result<()> {
    if is_json {
        return output::json(&json!({ "unaltered": true, "manifest": manifest }));
    }
    let whose = ["business", "user"].into_iter().find_map(|whose| Some((whose, manifest.of.get(whose)?.as_str()?)));
    let (kind, id) = whose.unwrap_or(("nobody", "known"));
    let files = manifest.files.len();
    output::line(&format!("everything about {kind} {id}, made at {}: {files} files, unaltered", manifest.made_at))?;
    output::line("The manifest is not signed: the archive is whole, whoever made it.")
}
