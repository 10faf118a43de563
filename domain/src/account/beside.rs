//! What is kept beside a transaction: files and a memo. Nothing of it counts in a figure.

use super::{AccountError, AccountEvent, Attached, Detached, Known, MemoSet};
use crate::attachment::FileHash;
use crate::{AccountId, AttachmentId, TransactionId};

/// Of one transaction.
pub const MOST_FILES: usize = 20;
pub const MOST_MEMO_LETTERS: usize = 2_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BesideCommand {
    /// The bytes are there already. A file that stands beside the transaction is left as it is.
    Attach(Attached),
    Detach {
        id: AttachmentId,
        transaction: TransactionId,
    },
    /// `None`, or nothing but space: there is no memo any more.
    SetMemo {
        transaction: TransactionId,
        memo: Option<String>,
    },
}

/// What stands beside one transaction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beside {
    pub files: Vec<KeptFile>,
    pub has_memo: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptFile {
    pub id: AttachmentId,
    pub file: FileHash,
}

impl Beside {
    /// The same after an event of the account.
    pub fn learn(&mut self, of: TransactionId, event: &AccountEvent) {
        match event {
            AccountEvent::Attached(attached) if attached.transaction == of => {
                self.files.push(KeptFile { id: attached.id, file: attached.file });
            }
            AccountEvent::Detached(detached) if detached.transaction == of => {
                self.files.retain(|file| file.id != detached.id);
            }
            AccountEvent::MemoSet(set) if set.transaction == of => self.has_memo = !set.cleared,
            _ => {}
        }
    }
}

impl BesideCommand {
    pub const fn transaction(&self) -> TransactionId {
        match self {
            Self::Attach(attached) => attached.transaction,
            Self::Detach { transaction, .. } | Self::SetMemo { transaction, .. } => *transaction,
        }
    }
}

pub(super) async fn decide(
    account: AccountId,
    version: u64,
    command: BesideCommand,
    known: &dyn Known,
) -> Result<Option<AccountEvent>, AccountError> {
    let transaction = command.transaction();
    // What was taken back by its source keeps what was put beside it, and takes nothing new.
    let stands = || async {
        let found = known.lookup(account, version, &[transaction]).await?;
        if found.is_empty() { Err(AccountError::NoSuchTransaction(transaction)) } else { Ok(()) }
    };
    let beside = known.beside(account, transaction).await?;
    Ok(match command {
        BesideCommand::Attach(attached) => {
            stands().await?;
            if beside.files.iter().any(|file| file.file == attached.file) {
                return Ok(None);
            }
            if beside.files.len() >= MOST_FILES {
                return Err(AccountError::TooManyFiles);
            }
            Some(AccountEvent::Attached(attached))
        }
        BesideCommand::Detach { id, transaction } => {
            if !beside.files.iter().any(|file| file.id == id) {
                return Err(AccountError::NoSuchFile);
            }
            Some(AccountEvent::Detached(Detached { id, transaction }))
        }
        BesideCommand::SetMemo { transaction, memo } => {
            stands().await?;
            let memo = memo.map(|memo| memo.trim().to_owned()).filter(|memo| !memo.is_empty());
            if memo.as_ref().is_some_and(|memo| memo.chars().count() > MOST_MEMO_LETTERS) {
                return Err(AccountError::MemoTooLong);
            }
            if memo.is_none() && !beside.has_memo {
                return Ok(None);
            }
            Some(AccountEvent::MemoSet(MemoSet { transaction, cleared: memo.is_none(), memo }))
        }
    })
}
