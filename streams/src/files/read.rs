use bytes::Bytes;
use domain::BusinessId;
use domain::attachment::FileHash;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use uuid::Uuid;

use super::{DIGEST, FileError, PIECE, piece_context};
use crate::sealing::{Keys, Purpose};

/// A file that is being read.
pub struct Opened {
    pub bytes: u64,
    /// Ends with an error where what is kept is not what was sent; then its last piece was not given.
    pub pieces: BoxStream<'static, Result<Bytes, FileError>>,
}

struct Reading {
    pool: PgPool,
    keys: Keys,
    business: BusinessId,
    file: FileHash,
    upload: Uuid,
    next: i32,
    left: u64,
    hash: Sha256,
}

/// `None` where the business has no such file.
pub async fn open(
    pool: &PgPool,
    keys: &Keys,
    business: BusinessId,
    file: FileHash,
) -> Result<Option<Opened>, FileError> {
    let find = "select bytes, upload from files.file where business = $1 and hash = $2";
    let find = sqlx::query_as(find).bind(business.as_uuid()).bind(file.as_bytes().as_slice());
    let Some((bytes, upload)): Option<(i64, Uuid)> = find.fetch_optional(pool).await? else { return Ok(None) };
    let bytes = bytes.unsigned_abs();
    let reading = Reading {
        pool: pool.clone(),
        keys: keys.clone(),
        business,
        file,
        upload,
        next: 0,
        left: bytes,
        hash: Sha256::new(),
    };
    let pieces = stream::try_unfold(reading, |mut reading| async move {
        if reading.left == 0 {
            return Ok(None);
        }
        let piece = reading.piece().await?;
        Ok(Some((piece, reading)))
    });
    Ok(Some(Opened { bytes, pieces: pieces.boxed() }))
}

impl Reading {
    async fn piece(&mut self) -> Result<Bytes, FileError> {
        let business = self.business.as_uuid();
        let select = "select key, sealed from files.chunk where upload = $1 and number = $2";
        let select = sqlx::query_as(select).bind(self.upload).bind(self.next);
        let (version, sealed): (i32, Vec<u8>) = select.fetch_optional(&self.pool).await?.ok_or(FileError::Damaged)?;
        let key = self.keys.version(business, Purpose::Seal, version).await?.ok_or(FileError::Erased)?;
        let context = piece_context(business, self.upload, self.next);
        let piece = key.cipher.open(sealed, context.as_bytes()).ok_or(FileError::Damaged)?;
        if piece.len() as u64 != self.left.min(PIECE as u64) {
            return Err(FileError::Damaged);
        }
        self.hash.update(&piece);
        self.left -= piece.len() as u64;
        self.next += 1;
        if self.left == 0 {
            self.compare().await?;
        }
        Ok(piece.into())
    }

    async fn compare(&self) -> Result<(), FileError> {
        let sha256 = self.hash.clone().finalize();
        let found = self.keys.of_business(self.business).digest(DIGEST, &sha256).await?;
        if found == *self.file.as_bytes() { Ok(()) } else { Err(FileError::Damaged) }
    }
}
