//! Answers of a provider while a source is read: each becomes a file of its business when an event names it.
//!
//! **Guarantee.** What an event names is written, in one flush for all of them, before the event is appended; what none
//! names is never written. The same answer again is the same file.
//!
//! **On failure.** What was written for an event that did not come is swept.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use domain::BusinessId;
use domain::account::{AccountEvent, Payload, PayloadMedia};
use domain::attachment::FileHash;
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use uuid::Uuid;

use super::{DIGEST, PIECE, piece_context};
use crate::sealing::{Keys, Purpose, SealError, begin_message};

/// Bytes that wait in memory for their events, at most: of a loop that is appended as a whole there may be many.
const MOST_HELD: usize = 16 << 20;

#[derive(Debug)]
pub struct Payloads {
    pool: PgPool,
    keys: Keys,
    business: BusinessId,
    /// In the order of their hashes, in which rows are written: two who write the same do not wait for each other.
    held: BTreeMap<FileHash, Bytes>,
    /// Written before an event names them, for there were too many to hold.
    written: BTreeSet<FileHash>,
}

/// Those of these that are there. From now on they stay for as long as an upload may take.
const TOUCH: &str = "
update files.file f set kept_at = clock_timestamp()
from (select hash from files.file where business = $1 and hash = any($2) order by hash for no key update) there
where f.business = $1 and f.hash = there.hash returning f.hash";

const PIECES: &str = "
insert into files.chunk (upload, number, business, key, sealed)
select upload, number, $1, $2, sealed from unnest($3::uuid[], $4::integer[], $5::bytea[]) as piece (upload, number, sealed)";

/// The file of an earlier upload stays.
const FILES: &str = "
insert into files.file (business, hash, bytes, upload)
select $1, hash, bytes, upload from unnest($2::bytea[], $3::bigint[], $4::uuid[]) as file (hash, bytes, upload)
on conflict (business, hash) do update set kept_at = clock_timestamp()
returning upload";

impl Payloads {
    pub const fn new(pool: PgPool, keys: Keys, business: BusinessId) -> Self {
        Self { pool, keys, business, held: BTreeMap::new(), written: BTreeSet::new() }
    }

    /// An answer as events name it; `None` where it is empty.
    pub async fn take(&mut self, answer: Bytes) -> Result<Option<Payload>, SealError> {
        if answer.is_empty() {
            return Ok(None);
        }
        let sha256 = Sha256::digest(&answer);
        let digest = self.keys.of_business(self.business).digest(DIGEST, &sha256).await?;
        let (file, bytes, media) = (FileHash::from_bytes(digest), answer.len() as u64, PayloadMedia::of(&answer));
        if !self.written.contains(&file) {
            self.held.insert(file, answer);
        }
        if !self.written.is_empty() {
            self.touch(&self.written).await?;
        }
        if self.held.values().map(Bytes::len).sum::<usize>() > MOST_HELD {
            let held: Vec<_> = self.held.iter().collect();
            self.write(&held).await?;
            self.written.extend(std::mem::take(&mut self.held).into_keys());
        }
        Ok(Some(Payload { file, bytes, media, places: Vec::new(), sha256: Some(hex::encode(sha256)) }))
    }

    /// Their events are appended.
    pub fn forget(&mut self) {
        self.held.clear();
        self.written.clear();
    }

    /// Writes what these events name and is not there yet.
    pub(crate) async fn keep(&self, events: &[AccountEvent]) -> Result<(), SealError> {
        let pages = events.iter().filter_map(|event| match event {
            AccountEvent::Synced(page) => Some(&page.payloads),
            _ => None,
        });
        let named: BTreeSet<_> = pages.flatten().map(|payload| payload.file).collect();
        if named.is_empty() {
            return Ok(());
        }
        let there = self.touch(&named).await?;
        let missing = |(file, _): &(&FileHash, &Bytes)| named.contains(file) && !there.contains(file);
        let missing: Vec<_> = self.held.iter().filter(missing).collect();
        if missing.is_empty() { Ok(()) } else { self.write(&missing).await }
    }

    async fn touch(&self, files: &BTreeSet<FileHash>) -> Result<BTreeSet<FileHash>, SealError> {
        let hashes: Vec<_> = files.iter().map(|file| file.as_bytes().as_slice()).collect();
        let touch = sqlx::query(TOUCH).bind(self.business.as_uuid()).bind(hashes);
        let rows = touch.fetch_all(&self.pool).await?;
        let there: Result<_, sqlx::Error> =
            rows.iter().map(|row| crate::log::hash(row, 0).map(FileHash::from_bytes)).collect();
        Ok(there?)
    }

    async fn write(&self, files: &[(&FileHash, &Bytes)]) -> Result<(), SealError> {
        let business = self.business.as_uuid();
        let key = self.keys.current(business, Purpose::Seal).await?;
        let (mut of, mut numbers, mut sealed) = (Vec::new(), Vec::new(), Vec::new());
        let uploads: Vec<_> = files.iter().map(|_| Uuid::now_v7()).collect();
        for ((_, bytes), upload) in files.iter().zip(&uploads) {
            for (number, piece) in (0..).zip(bytes.chunks(PIECE)) {
                let mut message = begin_message(piece.len());
                message.extend_from_slice(piece);
                let context = piece_context(business, *upload, number);
                key.cipher.seal(&mut message, context.as_bytes()).ok_or(SealError::Malformed)?;
                of.push(*upload);
                numbers.push(number);
                sealed.push(message);
            }
        }
        let hashes: Vec<_> = files.iter().map(|(file, _)| file.as_bytes().as_slice()).collect();
        let bytes: Vec<_> = files.iter().map(|(_, bytes)| i64::try_from(bytes.len()).unwrap_or(i64::MAX)).collect();
        let mut tx = self.pool.begin().await?;
        let pieces = sqlx::query(PIECES).bind(business).bind(key.version).bind(of).bind(numbers).bind(sealed);
        pieces.execute(&mut *tx).await?;
        let query = sqlx::query_scalar(FILES).bind(business).bind(hashes).bind(bytes).bind(&uploads);
        let kept: Vec<Uuid> = query.fetch_all(&mut *tx).await?;
        let twice: Vec<_> = uploads.into_iter().filter(|upload| !kept.contains(upload)).collect();
        if !twice.is_empty() {
            sqlx::query("delete from files.chunk where upload = any($1)").bind(twice).execute(&mut *tx).await?;
        }
        Ok(tx.commit().await?)
    }
}
