//! The bytes of files beside transactions, and of what providers answered.
//!
//! They lie in PostgreSQL, apart from the log (`docs/adr/0012-files-beside-transactions.md`): cut into pieces, each
//! sealed with the business's data key and bound to its upload and its place, so that neither writing nor reading holds
//! more than a piece in memory. A file is found by a keyed hash of its SHA-256, once in its business.
//!
//! **Guarantee.** The file of an attachment or a payload is there: the append that names it is refused where it is not.
//! What was read is what was written: the last piece is given only after the whole was compared with its hash.
//!
//! **On failure.** What a broken upload left, and files that nothing names any more, are swept ([`sweep`]).

mod error;
mod payloads;
mod read;
mod rows;
mod sweep;
mod write;

pub use error::FileError;
pub use payloads::Payloads;
pub use read::{Opened, open};
pub use rows::{
    AttachmentRow, MemoRow, PayloadRow, attachment, attachment_of, attachments, memo, memos, payload, payloads,
    place_of_removed,
};
pub use sweep::{EVERY, FORGOTTEN_AFTER, run, sweep};
pub use write::{Files, Said, Stored};

pub(crate) use rows::beside;

use uuid::Uuid;

use crate::sealing::Context;

/// Plaintext of a piece.
const PIECE: usize = 256 << 10;

/// What a keyed hash of a file is for.
const DIGEST: &str = "files.file";

fn piece_context(business: Uuid, upload: Uuid, number: i32) -> Context {
    Context::of(&[b"file", business.as_bytes(), upload.as_bytes(), &number.to_be_bytes()])
}
