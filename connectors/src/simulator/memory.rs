//! What the providers remember when the simulator is started again: the company and its clients.
//!
//! A provider does not forget whom it let in because its client was restarted, and neither does this one where it is
//! given a file. What is in it opens made-up data on this machine alone. It is written before an answer leaves, so that
//! no token is out that a crash would make unknown.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::company::{Bustle, Happening};
use super::oauth::Out;
use super::plaid::Item;
use super::quickbooks::Edit;
use super::world::{World, lock};
use super::{Options, Provider};
use crate::demo;

/// Numbers for fresh identifiers are taken from the file in lots.
const LOT: u64 = 1_000;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Memory {
    /// The company's first day.
    pub start: NaiveDate,
    pub bustle: Option<Bustle>,
    /// What somebody at the controls let happen, and when.
    #[serde(default)]
    pub happened: Vec<(DateTime<Utc>, Happening)>,
    /// What somebody did to objects of the books, and when.
    #[serde(default)]
    pub edits: Vec<(DateTime<Utc>, Edit)>,
    /// How far somebody moved the simulated time ahead, in minutes.
    #[serde(default)]
    ahead: i64,
    /// No identifier from here on was given.
    #[serde(default)]
    pub counter: u64,
    #[serde(default)]
    pub out: Out,
    #[serde(default)]
    pub items: Vec<Item>,
    #[serde(default)]
    pub revoked: BTreeSet<Provider>,
}

impl Memory {
    /// Of a company whose history ends now, and that nobody is connected to.
    fn fresh(options: &Options) -> Self {
        Self {
            start: demo::first_day(demo::settings().time_zone.day_of(options.at)),
            bustle: options.bustle.map(|every| Bustle::since(options.at, every)),
            happened: Vec::new(),
            edits: Vec::new(),
            ahead: 0,
            counter: 0,
            out: Out::default(),
            items: Vec::new(),
            revoked: BTreeSet::new(),
        }
    }

    /// What the file says, where there is one.
    pub fn of(options: &Options) -> io::Result<Self> {
        let Some(path) = &options.memory else { return Ok(Self::fresh(options)) };
        match fs::read(path) {
            Ok(text) => serde_json::from_slice(&text).map_err(|error| {
                let path = path.display();
                io::Error::new(ErrorKind::InvalidData, format!("{path} is not what a simulator remembers: {error}"))
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::fresh(options)),
            Err(error) => Err(error),
        }
    }

    /// The simulated moment at which it goes on.
    pub fn goes_on_at(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        // A started minute is a whole one: what was told stays told.
        let minutes = if self.ahead > 0 { self.ahead + 1 } else { 0 };
        at + TimeDelta::try_minutes(minutes).unwrap_or_default()
    }
}

/// The file, and what stands in it.
#[derive(Debug)]
pub(super) struct Keeper {
    path: PathBuf,
    written: Mutex<Option<Memory>>,
}

impl Keeper {
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), written: Mutex::new(None) }
    }

    /// Where something changed.
    fn keep(&self, memory: Memory) -> io::Result<()> {
        let mut written = lock(&self.written);
        if written.as_ref() != Some(&memory) {
            write_private(&self.path, &serde_json::to_vec(&memory)?)?;
            *written = Some(memory);
        }
        Ok(())
    }
}

/// With mode 0600, and so that a reader sees the old or the new content, never a part.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let next = path.with_extension("next");
    let mut options = OpenOptions::new();
    options.create(true).write(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file: File = options.open(&next)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&next, path)
}

impl World {
    fn memory(&self) -> Memory {
        Memory {
            start: self.start,
            bustle: self.bustle,
            happened: lock(&self.happened).clone(),
            edits: lock(&self.edits).clone(),
            ahead: (self.now() - Utc::now()).num_minutes().max(0),
            counter: (self.given() / LOT + 1) * LOT,
            out: self.grants.out(),
            items: lock(&self.items).all().to_vec(),
            revoked: self.revoked(),
        }
    }

    pub(super) fn remember(&self) {
        let Some(keeper) = &self.keeper else { return };
        if let Err(error) = keeper.keep(self.memory()) {
            tracing::error!(%error, "the simulator cannot write down whom it let in");
        }
    }
}

/// Before the answer leaves.
pub(super) async fn keep(State(world): State<Arc<World>>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    world.remember();
    response
}
