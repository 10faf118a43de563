use bytes::Bytes;
use domain::BusinessId;
use domain::account::{Payload, PayloadMedia};
use domain::attachment::{FileHash, MediaType, Sniffer, clean_name};
use futures::{Stream, StreamExt};
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use uuid::Uuid;

use super::{DIGEST, FileError, PIECE, piece_context};
use crate::sealing::{Keys, Purpose, begin_message};

/// Takes files in. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Files {
    pool: PgPool,
    keys: Keys,
    /// Of one file.
    most_bytes: u64,
}

/// What whoever sends a file says of it.
#[derive(Debug, Clone)]
pub struct Said {
    pub media: Option<MediaType>,
    pub name: String,
}

/// A file that is kept, and what was found out about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub file: FileHash,
    pub bytes: u64,
    pub media: MediaType,
    pub name: String,
    /// In hexadecimal.
    pub sha256: String,
}

/// What came, written in pieces; it is no file yet.
struct Received {
    bytes: u64,
    pieces: i32,
    sha256: [u8; 32],
}

/// Counted again: what was swept under a slow upload is not taken for whole. The file of an earlier upload stays.
const FINISH: &str = "
insert into files.file (business, hash, bytes, upload)
select $1, $2, $3, $4 where (select count(*) from files.chunk where upload = $4) = $5
on conflict (business, hash) do update set kept_at = clock_timestamp()
returning upload";

impl Files {
    pub const fn new(pool: PgPool, keys: Keys, most_bytes: u64) -> Self {
        Self { pool, keys, most_bytes }
    }

    pub const fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Keeps a file, once however often it is sent. It is swept an hour later unless it is attached.
    ///
    /// # Errors
    /// Where it is too large, of no type that is kept or of another one than was said; then nothing of it stays.
    pub async fn store<E>(
        &self,
        business: BusinessId,
        said: Said,
        pieces: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<Stored, FileError> {
        let mut sniffer = Sniffer::default();
        let upload = self.begin(business).await?;
        let stored = async {
            let all = self.receive(business, upload, pieces, |piece| sniffer.look(piece)).await?;
            let media = sniffer.finish(said.media, said.name.to_ascii_lowercase().ends_with(".csv"))?;
            let file = self.finish(business, upload, &all).await?;
            let name = clean_name(&said.name, media);
            Ok(Stored { file, bytes: all.bytes, media, name, sha256: hex::encode(all.sha256) })
        };
        let stored = stored.await;
        if stored.is_err() {
            self.forget(upload).await?;
        }
        stored
    }

    /// Keeps a file that events will name as what told them, whatever it is. It is swept an hour later unless one does.
    ///
    /// # Errors
    /// Where it is too large or breaks off; then nothing of it stays.
    pub async fn store_payload<E>(
        &self,
        business: BusinessId,
        pieces: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<Payload, FileError> {
        let mut media = None;
        let upload = self.begin(business).await?;
        let stored = async {
            let look = |piece: &Bytes| _ = media.get_or_insert_with(|| PayloadMedia::of_beginning(piece));
            let all = self.receive(business, upload, pieces, look).await?;
            let file = self.finish(business, upload, &all).await?;
            let (media, sha256) = (media.unwrap_or(PayloadMedia::Text), Some(hex::encode(all.sha256)));
            Ok(Payload { file, bytes: all.bytes, media, places: Vec::new(), sha256 })
        };
        let stored = stored.await;
        if stored.is_err() {
            self.forget(upload).await?;
        }
        stored
    }

    async fn begin(&self, business: BusinessId) -> Result<Uuid, FileError> {
        let upload = Uuid::now_v7();
        let begin = "insert into files.upload (upload, business) values ($1, $2)";
        sqlx::query(begin).bind(upload).bind(business.as_uuid()).execute(&self.pool).await?;
        Ok(upload)
    }

    async fn receive<E>(
        &self,
        business: BusinessId,
        upload: Uuid,
        mut pieces: impl Stream<Item = Result<Bytes, E>> + Unpin,
        mut look: impl FnMut(&Bytes),
    ) -> Result<Received, FileError> {
        let (mut hash, mut bytes) = (Sha256::new(), 0_u64);
        let (mut held, mut number) = (Vec::with_capacity(PIECE), 0);
        while let Some(piece) = pieces.next().await {
            let mut piece = piece.map_err(|_| FileError::BrokenOff)?;
            bytes += piece.len() as u64;
            if bytes > self.most_bytes {
                return Err(FileError::TooLarge { most: self.most_bytes });
            }
            hash.update(&piece);
            look(&piece);
            while !piece.is_empty() {
                let fits = piece.split_to((PIECE - held.len()).min(piece.len()));
                held.extend_from_slice(&fits);
                if held.len() == PIECE {
                    self.write(business, upload, number, &held).await?;
                    (number, held) = (number + 1, Vec::with_capacity(PIECE));
                }
            }
        }
        if !held.is_empty() {
            self.write(business, upload, number, &held).await?;
            number += 1;
        }
        Ok(Received { bytes, pieces: number, sha256: hash.finalize().into() })
    }

    async fn write(&self, business: BusinessId, upload: Uuid, number: i32, piece: &[u8]) -> Result<(), FileError> {
        let business = business.as_uuid();
        let key = self.keys.current(business, Purpose::Seal).await?;
        let mut message = begin_message(piece.len());
        message.extend_from_slice(piece);
        let context = piece_context(business, upload, number);
        key.cipher.seal(&mut message, context.as_bytes()).ok_or(FileError::Damaged)?;
        let insert = "insert into files.chunk (upload, number, business, key, sealed) values ($1, $2, $3, $4, $5)";
        let insert = sqlx::query(insert).bind(upload).bind(number).bind(business).bind(key.version).bind(message);
        insert.execute(&self.pool).await?;
        Ok(())
    }

    async fn finish(&self, business: BusinessId, upload: Uuid, all: &Received) -> Result<FileHash, FileError> {
        let file = self.keys.of_business(business).digest(DIGEST, &all.sha256).await?;
        let bytes = i64::try_from(all.bytes).map_err(|_| FileError::Damaged)?;
        let mut tx = self.pool.begin().await?;
        let finish = sqlx::query_scalar(FINISH).bind(business.as_uuid()).bind(file.as_slice());
        let finish = finish.bind(bytes).bind(upload).bind(i64::from(all.pieces));
        let kept: Option<Uuid> = finish.fetch_optional(&mut *tx).await?;
        let kept = kept.ok_or(FileError::BrokenOff)?;
        if kept != upload {
            sqlx::query("delete from files.chunk where upload = $1").bind(upload).execute(&mut *tx).await?;
        }
        sqlx::query("delete from files.upload where upload = $1").bind(upload).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(FileHash::from_bytes(file))
    }

    async fn forget(&self, upload: Uuid) -> Result<(), FileError> {
        let mut tx = self.pool.begin().await?;
        for table in ["chunk", "upload"] {
            let delete = format!("delete from files.{table} where upload = $1");
            sqlx::query(&delete).bind(upload).execute(&mut *tx).await?;
        }
        Ok(tx.commit().await?)
    }
}
