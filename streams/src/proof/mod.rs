//! Proofs over the log for whoever trusts nobody.
//!
//! A Merkle tree after RFC 6962 stands over the log: its entries are the events' chained hashes (`store.log.hash`, which
//! is SHA-256 over an event's canonical bytes, see [`crate::chain`]), in the order of positions, so that the leaf of
//! position p is number p - 1. Roots are signed once a minute as checkpoints. Against a checkpoint that an auditor
//! holds, every event can be shown to be in the log, every later log to begin with the one of then, and one
//! business's log to be whole ([`Export`], [`examine()`]).

mod archive;
mod certificate;
mod checkpoint;
mod examine;
mod export;
mod file;
mod lines;
mod nodes;
mod notary;
mod note;
mod signatory;
mod statement;
pub mod tree;

pub use archive::{Manifest, Span, archive, is_archive};
pub use certificate::{Certificate, CertificateError, Certified};
pub use checkpoint::{Checkpoint, CheckpointError};
pub use examine::{Expected, Fault, Proven, examine};
pub use export::{Export, ExportError, Exported};
pub use nodes::{Tree, TreeError};
pub(crate) use notary::roots;
pub use notary::{EVERY, Notary, NotaryError, Signed, Witness, WitnessFile, checkpoint_over, log_id, newest};
pub use note::{Note, NoteError, Signer, Verifier};
pub use signatory::{Signatory, sign_for_others};
pub use statement::{BusinessStatement, ErasedKey, PersonStatement, Statement};
