//! What happened around access: sign-ins, factors, keys, refusals, and views of what is sealed.
//!
//! Such events are facts, not decisions of an aggregate: each stands alone in the store (aggregate type
//! [`AGGREGATE`], an id of its own, sequence 1), so that writers never race, and gets its position in the log and its
//! hash in the chain like every other. Who did it, for whom, from where and in which request is in its metadata.
//!
//! They carry no names, addresses of mail, codes or secrets: identifiers only.

mod event;
mod parts;
#[cfg(test)]
mod tests;

pub use event::SecurityEvent;
pub use parts::{
    CredentialChange, Factor, KeyFault, SealedField, SessionEnd, SignInFailure, TokenFault, WhatIsExported,
};

/// The aggregate type of these events in the store.
pub const AGGREGATE: &str = "security";
