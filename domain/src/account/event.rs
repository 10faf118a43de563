use chrono::NaiveDate;
use cqrs_es::DomainEvent;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DocumentsTold, Payload};
use crate::attachment::{FileHash, MediaType};
use crate::matching::Match;
use crate::meaning::{self, Meaning, Part, Share};
use crate::personal::{Personal, Text};
use crate::{AccountId, Amended, AttachmentId, BatchId, BusinessId, Currency, SourceId, Transaction, TransactionId};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event")]
pub enum AccountEvent {
    #[serde(rename = "account.opened")]
    Opened {
        id: AccountId,
        business: BusinessId,
        source: SourceId,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        name: String,
        currency: Currency,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        external_id: Option<String>,
    },
    #[serde(rename = "account.renamed")]
    Renamed {
        #[serde(default, skip_serializing_if = "String::is_empty")]
        name: String,
    },
    #[serde(rename = "account.synced")]
    Synced(Synced),
    #[serde(rename = "account.recategorised")]
    Recategorised(Recategorised),
    #[serde(rename = "account.split")]
    Split(Divided),
    #[serde(rename = "account.unsplit")]
    Unsplit(Rejoined),
    #[serde(rename = "account.attached")]
    Attached(Attached),
    #[serde(rename = "account.detached")]
    Detached(Detached),
    #[serde(rename = "account.memo_set")]
    MemoSet(MemoSet),
    #[serde(rename = "account.match_refused")]
    MatchRefused(MatchRefused),
    #[serde(rename = "account.paid_out")]
    PaidOut(PaidOut),
    #[serde(rename = "account.documents_told")]
    DocumentsTold(DocumentsTold),
    #[serde(rename = "account.drift_found")]
    DriftFound(Drift),
    #[serde(rename = "account.drift_ended")]
    DriftEnded,
    #[serde(rename = "account.closed")]
    Closed,
}

/// One page of a source: the cursor and what it delivered change together, so that neither a crash nor a retry nor
/// a second worker can lose or double a page. At most [`Synced::MOST`] transactions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Synced {
    pub batch: BatchId,
    pub from_cursor: Option<String>,
    pub to_cursor: Option<String>,
    /// The newest day that the account knew before this batch began: an addition before it is late.
    pub known_until: Option<NaiveDate>,
    #[serde(default)]
    pub added: Vec<Transaction>,
    #[serde(default)]
    pub amended: Vec<Amended>,
    #[serde(default)]
    pub removed: Vec<Transaction>,
    /// The source's answers or files that told it, as they came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payloads: Vec<Payload>,
}

impl Synced {
    /// The most transactions that one event may carry.
    pub const MOST: usize = 500;

    pub fn len(&self) -> usize {
        self.added.len() + self.amended.len() + self.removed.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Transactions that mean something else from here on. Each is carried whole, so that a revision is where its event
/// is, with its texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Recategorised {
    pub transactions: Vec<Redecided>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Redecided {
    pub was: Meaning,
    /// What it was split in before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub was_parts: Vec<Part>,
    pub now: Transaction,
}

impl Redecided {
    pub fn new(was: &Transaction, now: Transaction) -> Self {
        Self { was: was.meaning(), was_parts: was.parts().to_vec(), now }
    }

    /// What it added to figures before.
    pub fn shares_before(&self) -> impl Iterator<Item = Share<'_>> {
        let Meaning { kind, category } = &self.was;
        let whole = Share { amount: self.now.amount, kind: *kind, category, count: 1 };
        meaning::shares(&self.was_parts, whole)
    }
}

/// A transaction in parts from here on, each with a meaning of its own; they are in `changed.now.decided`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Divided {
    pub transaction: TransactionId,
    pub changed: Box<Redecided>,
    /// One for each part.
    pub notes: Vec<Option<String>>,
}

/// A user took the parts back: the transaction means again what they stood over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rejoined {
    pub transaction: TransactionId,
    pub changed: Box<Redecided>,
}

/// A user said that these are not the same money: the matcher leaves them apart. It stands in the history of the
/// account of the match's first leg.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MatchRefused {
    pub found: Match,
}

/// What a payout is the sum of, by its provider's own word; at most [`Synced::MOST`] transactions, the rest in further
/// events. Some may not be known here: they are older than the history, or come with a later page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PaidOut {
    pub payout: TransactionId,
    /// Of the payout.
    pub day: NaiveDate,
    pub holds: Vec<TransactionId>,
}

/// A file beside a transaction from here on. Its bytes are kept apart from the log, by `file`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Attached {
    pub id: AttachmentId,
    pub transaction: TransactionId,
    pub file: FileHash,
    pub bytes: u64,
    pub media: MediaType,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// SHA-256 of the file itself, in hexadecimal: whoever holds the paper can compare. Sealed, because a guess of the
    /// whole file could be confirmed with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// No longer beside its transaction; its bytes go, unless they stand beside another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Detached {
    pub id: AttachmentId,
    pub transaction: TransactionId,
}

/// What is counted is another sum than the balances that were told, from a day on until now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Drift {
    pub from: NaiveDate,
    /// What was told on that day less what was counted: an exact decimal.
    #[schemars(with = "String", regex(pattern = r"^-?\d+(\.\d+)?$"))]
    pub difference: Decimal,
}

/// What somebody wrote beside a transaction; `cleared` where nothing stands there any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MemoSet {
    pub transaction: TransactionId,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cleared: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memo: Option<String>,
}

impl Personal for Attached {
    fn each_text(&mut self, visit: &mut dyn FnMut(Text<'_>)) {
        visit(Text::Required(&mut self.name));
        visit(Text::Optional(&mut self.sha256));
    }
}

impl Recategorised {
    /// Of a note.
    pub const MOST_LETTERS: usize = 500;
}

impl AccountEvent {
    /// Transactions that are otherwise from this event on, in its order.
    pub fn revised(&self) -> Vec<TransactionId> {
        let Self::Synced(page) = self else { return self.redecided().iter().map(|changed| changed.now.id).collect() };
        let amended = page.amended.iter().map(|amended| &amended.now);
        page.added.iter().chain(amended).chain(&page.removed).map(|transaction| transaction.id).collect()
    }

    /// Transactions that mean something else from this event on, whoever decided it.
    pub fn redecided(&self) -> &[Redecided] {
        match self {
            Self::Recategorised(change) => &change.transactions,
            Self::Split(Divided { changed, .. }) | Self::Unsplit(Rejoined { changed, .. }) => {
                std::slice::from_ref(&**changed)
            }
            _ => &[],
        }
    }
}

impl DomainEvent for AccountEvent {
    fn event_type(&self) -> String {
        match self {
            Self::Opened { .. } => "account.opened",
            Self::Renamed { .. } => "account.renamed",
            Self::Synced(_) => "account.synced",
            Self::Recategorised(_) => "account.recategorised",
            Self::Split(_) => "account.split",
            Self::Unsplit(_) => "account.unsplit",
            Self::Attached(_) => "account.attached",
            Self::Detached(_) => "account.detached",
            Self::MemoSet(_) => "account.memo_set",
            Self::MatchRefused(_) => "account.match_refused",
            Self::PaidOut(_) => "account.paid_out",
            Self::DocumentsTold(_) => "account.documents_told",
            Self::DriftFound(_) => "account.drift_found",
            Self::DriftEnded => "account.drift_ended",
            Self::Closed => "account.closed",
        }
        .to_owned()
    }

    /// The second versions hold their texts sealed.
    fn event_version(&self) -> String {
        match self {
            Self::Opened { .. } | Self::Renamed { .. } | Self::Synced(_) => "2",
            Self::Recategorised(_)
            | Self::Split(_)
            | Self::Unsplit(_)
            | Self::MatchRefused(_)
            | Self::Attached(_)
            | Self::Detached(_)
            | Self::MemoSet(_)
            | Self::PaidOut(_)
            | Self::DocumentsTold(_)
            | Self::DriftFound(_)
            | Self::DriftEnded
            | Self::Closed => "1",
        }
        .to_owned()
    }
}

impl Personal for AccountEvent {
    fn each_text(&mut self, visit: &mut dyn FnMut(Text<'_>)) {
        match self {
            Self::Opened { name, external_id, .. } => {
                visit(Text::Required(name));
                visit(Text::Optional(external_id));
            }
            Self::Renamed { name } => visit(Text::Required(name)),
            Self::Synced(page) => page.each_text(visit),
            Self::Recategorised(change) => change.each_text(visit),
            Self::Split(divided) => divided.each_text(visit),
            Self::Unsplit(rejoined) => rejoined.changed.now.each_text(visit),
            Self::Attached(attached) => attached.each_text(visit),
            Self::MemoSet(set) => visit(Text::Optional(&mut set.memo)),
            Self::DocumentsTold(told) => told.told.each_text(visit),
            Self::Detached(_)
            | Self::MatchRefused(_)
            | Self::PaidOut(_)
            | Self::DriftFound(_)
            | Self::DriftEnded
            | Self::Closed => {}
        }
    }
}

/// The transactions' texts come first: a revision finds its own by their place.
impl Personal for Synced {
    fn each_text(&mut self, visit: &mut dyn FnMut(Text<'_>)) {
        self.added.each_text(visit);
        self.amended.each_text(visit);
        self.removed.each_text(visit);
        self.payloads.each_text(visit);
    }
}

/// The note comes last: the texts of the n-th transaction stand where those of a page do.
impl Personal for Recategorised {
    fn each_text(&mut self, visit: &mut dyn FnMut(Text<'_>)) {
        self.transactions.iter_mut().for_each(|redecided| redecided.now.each_text(visit));
        visit(Text::Optional(&mut self.note));
    }
}

/// The transaction's texts come first, where those of a page stand.
impl Personal for Divided {
    fn each_text(&mut self, visit: &mut dyn FnMut(Text<'_>)) {
        self.changed.now.each_text(visit);
        self.notes.iter_mut().for_each(|note| visit(Text::Optional(note)));
    }
}
