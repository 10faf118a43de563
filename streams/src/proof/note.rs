//! Signed notes as C2SP specifies them (`c2sp.org/signed-note`): a text that people can read, and under it lines with
//! Ed25519 signatures.

use std::fmt;
use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use rand::RngCore;
use sha2::{Digest, Sha256};

/// The kind of key that is used here.
const ED25519: u8 = 1;
const PRIVATE: &str = "PRIVATE+KEY+";

#[derive(Debug, thiserror::Error)]
pub enum NoteError {
    #[error("{0:?} is no key of signed notes")]
    Key(String),
    #[error("a key needs a name without spaces and plus signs, not {0:?}")]
    Name(String),
    #[error("it is no signed note: a text, an empty line, and lines that begin with an em dash")]
    Malformed,
    #[error("it is not signed by {0}")]
    Unsigned(String),
    #[error("the signature of {0} is not one over this text")]
    Forged(String),
    #[error("the key of checkpoints cannot be kept in {path}: {source}")]
    File { path: String, source: std::io::Error },
    #[error(
        "{0} can be read by others; take their rights away (chmod 600), or make a new key if they may have read it"
    )]
    Exposed(String),
}

/// A public key with its name: `<name>+<hash>+<key>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verifier {
    name: String,
    key: VerifyingKey,
}

impl Verifier {
    fn new(name: &str, key: VerifyingKey) -> Result<Self, NoteError> {
        let is_valid = !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == '+');
        if !is_valid {
            return Err(NoteError::Name(name.to_owned()));
        }
        Ok(Self { name: name.to_owned(), key })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Tells keys of one name apart.
    pub fn id(&self) -> [u8; 4] {
        let mut hash = Sha256::new();
        hash.update(self.name.as_bytes());
        hash.update([b'\n', ED25519]);
        hash.update(self.key.as_bytes());
        let [a, b, c, d, ..] = <[u8; 32]>::from(hash.finalize());
        [a, b, c, d]
    }

    /// The note's text, where this key signed it.
    pub fn open<'n>(&self, note: &'n Note) -> Result<&'n str, NoteError> {
        let own = note.signatures.iter().find(|line| line.name == self.name && line.id == self.id());
        let own = own.ok_or_else(|| NoteError::Unsigned(self.to_string()))?;
        let forged = || NoteError::Forged(self.name.clone());
        let signature = Signature::from_slice(&own.signature).map_err(|_| forged())?;
        self.key.verify_strict(note.text.as_bytes(), &signature).map_err(|_| forged())?;
        Ok(&note.text)
    }
}

impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = BASE64.encode([&[ED25519][..], self.key.as_bytes()].concat());
        write!(f, "{}+{}+{key}", self.name, hex::encode(self.id()))
    }
}

impl FromStr for Verifier {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let invalid = || NoteError::Key(text.to_owned());
        let (name, id, key) = parts(text).ok_or_else(invalid)?;
        let this = Self::new(name, VerifyingKey::from_bytes(&key).map_err(|_| invalid())?)?;
        if this.id() == id { Ok(this) } else { Err(invalid()) }
    }
}

fn parts(text: &str) -> Option<(&str, [u8; 4], [u8; 32])> {
    let (name, rest) = text.trim().split_once('+')?;
    let (id, key) = rest.split_once('+')?;
    let key = BASE64.decode(key).ok()?;
    let (kind, key) = key.split_first()?;
    let id: [u8; 4] = hex::decode(id).ok()?.try_into().ok()?;
    (*kind == ED25519).then_some((name, id, key.try_into().ok()?))
}

/// A private key with its name. Never printed.
#[derive(Clone)]
pub struct Signer {
    key: SigningKey,
    verifier: Verifier,
}

impl Signer {
    pub fn generate(name: &str) -> Result<Self, NoteError> {
        let mut seed = [0; 32];
        rand::rngs::OsRng.fill_bytes(&mut seed);
        Self::from_seed(name, &seed)
    }

    fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, NoteError> {
        let key = SigningKey::from_bytes(seed);
        Ok(Self { verifier: Verifier::new(name, key.verifying_key())?, key })
    }

    /// Reads `PRIVATE+KEY+<name>+<hash>+<key>`.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        // The text is a secret: it stands in no error.
        let invalid = || NoteError::Key("a private key".to_owned());
        let (name, id, seed) = text.trim().strip_prefix(PRIVATE).and_then(parts).ok_or_else(invalid)?;
        let this = Self::from_seed(name, &seed)?;
        if this.verifier.id() == id { Ok(this) } else { Err(invalid()) }
    }

    /// Reads the key, made where absent (mode 0600) with the name that `name` gives.
    pub fn open(path: &Path, name: impl FnOnce() -> String) -> Result<Self, NoteError> {
        let failed = |source| NoteError::File { path: path.display().to_string(), source };
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
            Ok(mut file) => {
                let this = Self::generate(&name())?;
                file.write_all(this.to_text().as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
                Ok(this)
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                let mut file = std::fs::File::open(path).map_err(failed)?;
                if file.metadata().map_err(failed)?.permissions().mode() & 0o077 != 0 {
                    return Err(NoteError::Exposed(path.display().to_string()));
                }
                let mut text = String::new();
                file.read_to_string(&mut text).map_err(failed)?;
                Self::parse(&text)
            }
            Err(error) => Err(failed(error)),
        }
    }

    fn to_text(&self) -> String {
        let Verifier { name, .. } = &self.verifier;
        let key = BASE64.encode([&[ED25519][..], self.key.as_bytes()].concat());
        format!("{PRIVATE}{name}+{}+{key}\n", hex::encode(self.verifier.id()))
    }

    pub const fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// `text` ends with a newline.
    pub fn sign(&self, text: &str) -> Note {
        let signature = self.key.sign(text.as_bytes()).to_bytes().to_vec();
        let Verifier { name, .. } = &self.verifier;
        let line = SignatureLine { name: name.clone(), id: self.verifier.id(), signature };
        Note { text: text.to_owned(), signatures: vec![line] }
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.verifier)
    }
}

/// A text with signatures, checked or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<SignatureLine>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct SignatureLine {
    name: String,
    id: [u8; 4],
    signature: Vec<u8>,
}

impl Note {
    /// What it says, whoever signed it.
    pub fn unchecked_text(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|line| {
            writeln!(f, "— {} {}", line.name, BASE64.encode([&line.id[..], &line.signature].concat()))
        })
    }
}

impl FromStr for Note {
    type Err = NoteError;

    fn from_str(note: &str) -> Result<Self, NoteError> {
        let end = note.rfind("\n\n").ok_or(NoteError::Malformed)?;
        let (text, lines) = (&note[..=end], &note[end + 2..]);
        let line = |line: &str| {
            let (name, signature) = line.strip_prefix("— ")?.split_once(' ')?;
            let bytes = BASE64.decode(signature).ok()?;
            let (id, signature) = bytes.split_first_chunk::<4>()?;
            Some(SignatureLine { name: name.to_owned(), id: *id, signature: signature.to_vec() })
        };
        let signatures: Option<Vec<_>> = lines.lines().map(line).collect();
        match signatures {
            Some(signatures) if !signatures.is_empty() => Ok(Self { text: text.to_owned(), signatures }),
            _ => Err(NoteError::Malformed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the reference implementation (golang.org/x/mod/sumdb/note).
    const PUBLIC: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const SECRET: &str = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    const TEXT: &str =
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    const SIGNED: &str =
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    #[test]
    fn the_reference_signs_and_reads_the_same() {
        let (signer, verifier) = (Signer::parse(SECRET).unwrap(), PUBLIC.parse::<Verifier>().unwrap());
        assert_eq!(signer.verifier(), &verifier);
        assert_eq!((verifier.to_string().as_str(), signer.to_text().trim()), (PUBLIC, SECRET));
        let note = signer.sign(TEXT);
        assert_eq!(note.to_string(), format!("{TEXT}\n{SIGNED}"));
        let read: Note = note.to_string().parse().unwrap();
        assert_eq!(verifier.open(&read).unwrap(), TEXT);
    }

    #[test]
    fn other_texts_keys_and_names_are_refused() {
        let verifier: Verifier = PUBLIC.parse().unwrap();
        let open = |note: &str| verifier.open(&note.parse::<Note>().unwrap()).map(str::to_owned);
        let changed = format!("{}\n{SIGNED}", TEXT.replace("answer", "solution"));
        assert!(matches!(open(&changed), Err(NoteError::Forged(_))));
        let other = Signer::generate("PeterNeumann").unwrap().sign(TEXT).to_string();
        assert!(matches!(open(&other), Err(NoteError::Unsigned(_))));
        for malformed in ["", "text\n", "text\n\n", "text\n\nno signature\n", "text\n\n— name !!!\n"] {
            assert!(malformed.parse::<Note>().is_err(), "{malformed:?}");
        }
        assert!(PUBLIC.replace("c74f", "c75f").parse::<Verifier>().is_err());
        assert!(Signer::generate("two words").is_err());
        let error = Signer::parse(&SECRET.replace("c74f", "c75f")).unwrap_err().to_string();
        assert!(!error.contains("AYEK"), "{error}");
    }

    #[test]
    fn a_key_is_made_once_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint.key");
        let made = Signer::open(&path, || "here".to_owned()).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let read = Signer::open(&path, || unreachable!()).unwrap();
        assert_eq!(made.verifier(), read.verifier());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(Signer::open(&path, || unreachable!()), Err(NoteError::Exposed(_))));
        assert!(!format!("{made:?}").contains("PRIVATE"));
    }
}
