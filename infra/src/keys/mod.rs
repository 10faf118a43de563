//! The key service that the configuration names.

mod transit;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use streams::sealing::{EnvironmentKeys, FileKeys, KeyService};

use crate::config::{Config, KeyServiceKind};

pub use transit::Transit;

/// Opens it. The folder of local keys is made on the first start, and whoever started is told to keep a copy.
pub fn open(config: &Config) -> anyhow::Result<Arc<dyn KeyService>> {
    let keys = &config.keys;
    Ok(match keys.service {
        KeyServiceKind::File => Arc::new(open_folder(&folder(config)?, &config.data)?),
        KeyServiceKind::Environment => {
            let master = keys.master.as_ref().context("keys.service is environment: set WORKDOCK_KEYS__MASTER")?;
            Arc::new(EnvironmentKeys::try_new(master.expose())?)
        }
        KeyServiceKind::Http => {
            let url = keys.url.as_deref().context("keys.service is http: set WORKDOCK_KEYS__URL")?;
            let token = keys.token.clone().context("keys.service is http: set WORKDOCK_KEYS__TOKEN")?;
            Arc::new(Transit::try_new(url, keys.mount.as_deref().unwrap_or("transit"), token)?)
        }
    })
}

/// Of local keys; others are kept beside it.
pub fn folder(config: &Config) -> anyhow::Result<PathBuf> {
    let from = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let data = from("XDG_DATA_HOME").or_else(|| from("HOME").map(|home| home.join(".local/share")));
    let default = || data.map(|data| data.join("workdock/keys"));
    config
        .keys
        .folder
        .clone()
        .or_else(default)
        .context("there is no folder for the keys: set WORKDOCK_KEYS__FOLDER to one outside the data folder (or HOME)")
}

/// That what a setting names is not inside the data folder.
pub fn outside(data: &Path, setting: &str, named: &Path) -> anyhow::Result<()> {
    let (named, data) = (absolute(named)?, absolute(data)?);
    anyhow::ensure!(
        !named.starts_with(&data),
        "{setting} ({}) is inside the data folder: a copy of the data would hold its keys; name a place elsewhere",
        named.display()
    );
    Ok(())
}

fn open_folder(folder: &Path, data: &Path) -> anyhow::Result<FileKeys> {
    outside(data, "keys.folder", folder)?;
    let service = FileKeys::open(folder)?;
    if service.is_new() {
        eprintln!(
            "Made the keys of this installation in {}. Back that folder up, apart from the data: without it, names and \
             descriptions are unreadable for ever.",
            absolute(folder)?.display()
        );
    }
    Ok(service)
}

/// Symbolic links resolved as far as the path exists.
fn absolute(path: &Path) -> anyhow::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    let existing = path.ancestors().find_map(|ancestor| Some((ancestor, ancestor.canonicalize().ok()?)));
    Ok(match existing {
        Some((ancestor, real)) => real.join(path.strip_prefix(ancestor)?),
        None => path,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_inside_the_data_folder_are_refused_by_whatever_way() {
        let place = tempfile::tempdir().unwrap();
        let data = place.path().join("data");
        std::fs::create_dir(&data).unwrap();
        std::os::unix::fs::symlink(&data, place.path().join("link")).unwrap();
        for inside in ["data/keys", "data/../data/keys", "link/keys"] {
            let error = open_folder(&place.path().join(inside), &data).unwrap_err().to_string();
            assert!(error.contains("inside the data folder"), "{inside}: {error}");
        }
        assert!(open_folder(&place.path().join("keys"), &data).unwrap().is_new());
    }
}
