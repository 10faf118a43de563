//! What certificates of erasures say: of a business, and of a person.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use domain::{BusinessId, UserId};
use serde::{Deserialize, Serialize};

/// What is certified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Statement {
    Business(BusinessStatement),
    Person(PersonStatement),
}

impl Statement {
    /// Of the event with which it ended.
    pub const fn position(&self) -> i64 {
        match self {
            Self::Business(of) => of.position,
            Self::Person(of) => of.position,
        }
    }

    pub const fn business(&self) -> Option<BusinessId> {
        match self {
            Self::Business(of) => Some(of.business),
            Self::Person(_) => None,
        }
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Business(of) => of.fmt(f),
            Self::Person(of) => of.fmt(f),
        }
    }
}

/// What was erased, and what was not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BusinessStatement {
    pub business: BusinessId,
    pub requested_at: DateTime<Utc>,
    pub requested_by: String,
    pub due_at: DateTime<Utc>,
    pub erased_at: DateTime<Utc>,
    /// Of `business.erased` in the log.
    pub position: i64,
    /// How many events of the business stand before it.
    pub events: i64,
    pub first_position: i64,
    /// The data keys that were destroyed.
    pub keys: Vec<ErasedKey>,
    /// Whether the key service held something of the business's own, so that nothing in backups opens either.
    pub backups_unreadable: bool,
    /// Deleted rows by table; the projections' rows are not counted.
    pub rows: BTreeMap<String, i64>,
    /// Messages deleted from JetStream.
    pub messages: i64,
    /// Files with archived parts of its history that were deleted.
    #[serde(default, skip_serializing_if = "is_none")]
    pub archives: i64,
    /// The chain was checked from its first event to this position, after the erasure.
    pub chain_verified_to: i64,
    pub certified_at: DateTime<Utc>,
}

/// A data key that was destroyed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErasedKey {
    pub purpose: String,
    pub version: i32,
    /// The master key that had wrapped it.
    pub wrapped_by: String,
}

/// Certificates from before there were archives say nothing of them.
const fn is_none(archives: &i64) -> bool {
    *archives == 0
}

fn day(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// The text that is signed, and shown.
impl fmt::Display for BusinessStatement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Certificate of erasure\n")?;
        writeln!(f, "Business {}", self.business)?;
        writeln!(f, "asked for at {} by {}, due at {}", day(self.requested_at), self.requested_by, day(self.due_at))?;
        writeln!(f, "erased at {}, certified at {}\n", day(self.erased_at), day(self.certified_at))?;
        writeln!(f, "Destroyed: the keys of all its texts")?;
        list_keys(f, &self.keys)?;
        match self.backups_unreadable {
            true => writeln!(f, "What backups of the database hold of these texts opens nowhere any more.")?,
            false => writeln!(
                f,
                "The key service holds nothing of the business's own: backups from before open with the master key."
            )?,
        }
        writeln!(f, "\nDeleted: everything of it in every view, and")?;
        list_rows(f, &self.rows)?;
        if !is_none(&self.archives) {
            writeln!(f, "- {} files with archived parts of its history", self.archives)?;
        }
        writeln!(f, "- {} messages of the distributed log\n", self.messages)?;
        writeln!(
            f,
            "Kept: {} events from position {} to before {} of the log, for its proofs. Their texts nobody can read. \
             Readable in them: amounts, currencies, days, categories and kinds of transactions, ids of accounts and \
             sources, settings, and who acted when, by id.\n",
            self.events, self.first_position, self.position
        )?;
        writeln!(
            f,
            "The log says so at position {}; its chain was checked to position {}.",
            self.position, self.chain_verified_to
        )
    }
}

fn list_keys(f: &mut fmt::Formatter<'_>, keys: &[ErasedKey]) -> fmt::Result {
    keys.iter().try_for_each(|ErasedKey { purpose, version, wrapped_by }| {
        writeln!(f, "- key {version} for {purpose}, wrapped by {wrapped_by}")
    })
}

fn list_rows(f: &mut fmt::Formatter<'_>, rows: &BTreeMap<String, i64>) -> fmt::Result {
    rows.iter().try_for_each(|(table, rows)| writeln!(f, "- {rows} rows of {table}"))
}

/// What of a person was erased, and what was not. It names nobody: the id is all that is left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PersonStatement {
    pub person: UserId,
    pub requested_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub erased_at: DateTime<Utc>,
    /// Of `security.account_erased` in the log.
    pub position: i64,
    /// Of the account, and of each address that was written to.
    pub keys: Vec<ErasedKey>,
    /// Whether the key service held something of the person's own, so that nothing in backups opens either.
    pub backups_unreadable: bool,
    /// Deleted rows by table; what hangs on the account goes with it and is not counted.
    pub rows: BTreeMap<String, i64>,
    /// The chain was checked from its first event to this position, after the erasure.
    pub chain_verified_to: i64,
    pub certified_at: DateTime<Utc>,
}

impl fmt::Display for PersonStatement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Certificate of erasure\n")?;
        writeln!(f, "Person {}", self.person)?;
        writeln!(f, "asked for at {}, due at {}", day(self.requested_at), day(self.due_at))?;
        writeln!(f, "erased at {}, certified at {}\n", day(self.erased_at), day(self.certified_at))?;
        writeln!(f, "Destroyed: the keys of name, addresses, and where requests came from")?;
        list_keys(f, &self.keys)?;
        match self.backups_unreadable {
            true => writeln!(f, "What backups of the database hold that these keys sealed opens nowhere any more.")?,
            false => writeln!(
                f,
                "The key service holds nothing of the person's own: backups from before open with the master key."
            )?,
        }
        writeln!(f, "\nDeleted: the account with its name, addresses, password, factors, sessions and links, and")?;
        list_rows(f, &self.rows)?;
        writeln!(f, "No view shows where their requests came from, nor the address that an invitation went to.\n")?;
        writeln!(
            f,
            "Kept: the events of the log, for its proofs, with the id above, which names nobody. Invitations and \
             origins of requests from before people had keys of their own stand in it sealed with other keys, and no \
             view, export or history opens them.\n"
        )?;
        writeln!(
            f,
            "The log says so at position {}; its chain was checked to position {}.",
            self.position, self.chain_verified_to
        )
    }
}
