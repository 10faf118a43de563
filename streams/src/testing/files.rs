use domain::account::{AccountCommand, Attached, BesideCommand};
use domain::{AttachmentId, BusinessId, TransactionId};
use sqlx::PgPool;

use crate::files::{Files, Said};
use crate::sealing::Keys;

/// Keeps a file, and says how it is put beside a transaction, under which id.
pub async fn attach(
    pool: &PgPool,
    keys: Keys,
    business: BusinessId,
    transaction: TransactionId,
    (name, bytes): (&str, Vec<u8>),
) -> (AttachmentId, AccountCommand) {
    let pieces = futures::stream::iter([Ok::<_, ()>(bytes::Bytes::from(bytes))]);
    let said = Said { media: None, name: name.to_owned() };
    let stored = Files::new(pool.clone(), keys, 1 << 20).store(business, said, pieces).await.unwrap();
    let id = AttachmentId::new();
    let attached = Attached {
        id,
        transaction,
        file: stored.file,
        bytes: stored.bytes,
        media: stored.media,
        name: stored.name,
        sha256: Some(stored.sha256),
    };
    (id, AccountCommand::Keep(BesideCommand::Attach(attached)))
}
