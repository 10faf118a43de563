//! How the services that are part of this program wrap: XAES-256-GCM under a key derived from the master key and,
//! where there is one, a secret of the scope's own.

use super::{Scope, Wrapped};
use crate::sealing::xaes::{Cipher, NONCE};
use crate::sealing::{Context, Key, KeyError};
use rand::RngCore;

fn cipher(master: &Key, secret: Option<&Key>, scope: Scope) -> Cipher {
    let salt: &[u8] = secret.map_or(&[], |secret| secret.expose());
    Cipher::new(&master.derive(salt, &[b"workdock wrap v1 ", scope.0.as_bytes().as_slice()].concat()))
}

fn context(scope: Scope, master: &str) -> Context {
    Context::of(&[b"data key", scope.0.as_bytes(), master.as_bytes()])
}

pub fn wrap(id: &str, master: &Key, secret: Option<&Key>, scope: Scope, key: &Key) -> Result<Wrapped, KeyError> {
    let mut bytes = Vec::with_capacity(NONCE + Key::BYTES + 16);
    bytes.resize(NONCE, 0);
    rand::rngs::OsRng.fill_bytes(&mut bytes);
    bytes.extend_from_slice(key.expose());
    let sealed = cipher(master, secret, scope).seal(&mut bytes, context(scope, id).as_bytes());
    sealed.ok_or_else(|| KeyError::Altered(id.to_owned()))?;
    Ok(Wrapped { master: id.to_owned(), bytes })
}

pub fn unwrap(master: &Key, secret: Option<&Key>, scope: Scope, wrapped: &Wrapped) -> Result<Key, KeyError> {
    let context = context(scope, &wrapped.master);
    let bytes = cipher(master, secret, scope).open(wrapped.bytes.clone(), context.as_bytes());
    let bytes = bytes.map(zeroize::Zeroizing::new);
    bytes.and_then(|bytes| Key::from_slice(&bytes)).ok_or_else(|| KeyError::Altered(wrapped.master.clone()))
}
