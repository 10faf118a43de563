//! Who signs checkpoints for a process: itself, or the one that does, asked over NATS.
//!
//! The question is heard on `<prefix>.checkpoints` by every process with a notary; one of them answers. Only the program
//! itself speaks there: the server takes no connection without its password. An asker that gets no answer in time, or
//! finds nobody there, is told so; nothing is signed twice for it, since a notary keeps what it signed.

use std::time::Duration;

use futures::StreamExt;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::checkpoint::Checkpoint;
use super::notary::{Notary, NotaryError, Signed};

/// How long an asker waits.
const PATIENCE: Duration = Duration::from_secs(5);
const AGAIN_AFTER: Duration = Duration::from_secs(1);
/// One of those that sign answers.
const GROUP: &str = "notaries";

/// Cheap to clone.
#[derive(Debug, Clone)]
pub enum Signatory {
    Here(Notary),
    /// Another process, by this connection, with the first part of the names of subjects.
    Elsewhere(async_nats::Client, String),
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Question {
    /// A checkpoint over everything that has a position.
    Now,
    /// A checkpoint over the first so many events.
    At(u64),
    Key,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Signed(String),
    Key(String),
    /// There is nothing to sign yet.
    Empty,
    Refused(String),
}

impl Signatory {
    /// A checkpoint over everything that has a position.
    ///
    /// # Errors
    /// [`NotaryError::Away`] where nobody signs just now.
    pub async fn now(&self) -> Result<Signed, NotaryError> {
        match self {
            Self::Here(notary) => notary.now().await,
            Self::Elsewhere(nats, prefix) => signed(nats, prefix, None).await,
        }
    }

    /// A checkpoint over the first `size` events.
    ///
    /// # Errors
    /// [`NotaryError::Away`] where nobody signs just now.
    pub async fn at(&self, size: u64) -> Result<Signed, NotaryError> {
        match self {
            Self::Here(notary) => notary.at(size).await,
            Self::Elsewhere(nats, prefix) => signed(nats, prefix, Some(size)).await,
        }
    }

    /// The public key of the checkpoints, as a verifier (<https://c2sp.org/signed-note#verifier>).
    ///
    /// # Errors
    /// [`NotaryError::Away`] where nobody signs just now.
    pub async fn key(&self) -> Result<String, NotaryError> {
        match self {
            Self::Here(notary) => Ok(notary.verifier().to_string()),
            Self::Elsewhere(nats, prefix) => match ask(nats, prefix, Question::Key).await? {
                Answer::Key(key) => Ok(key),
                other => Err(unexpected(other)),
            },
        }
    }
}

fn subject(prefix: &str) -> String {
    format!("{}.checkpoints", prefix.to_ascii_lowercase())
}

async fn ask(nats: &async_nats::Client, prefix: &str, question: Question) -> Result<Answer, NotaryError> {
    let refused = |error: &dyn std::fmt::Display| NotaryError::Refused(error.to_string());
    let question = serde_json::to_vec(&question).map_err(|error| refused(&error))?;
    let asked = tokio::time::timeout(PATIENCE, nats.request(subject(prefix), question.into())).await;
    // Nobody listens, or nobody answers: the same to whoever asks.
    let Ok(Ok(message)) = asked else { return Err(NotaryError::Away) };
    serde_json::from_slice(&message.payload).map_err(|error| refused(&error))
}

/// An answer that holds nothing of what was asked for.
fn unexpected(answer: Answer) -> NotaryError {
    match answer {
        Answer::Empty => NotaryError::Empty,
        Answer::Refused(why) => NotaryError::Refused(why),
        Answer::Signed(_) | Answer::Key(_) => NotaryError::Refused("it answered another question".to_owned()),
    }
}

async fn signed(nats: &async_nats::Client, prefix: &str, size: Option<u64>) -> Result<Signed, NotaryError> {
    let note = match ask(nats, prefix, size.map_or(Question::Now, Question::At)).await? {
        Answer::Signed(note) => note,
        other => return Err(unexpected(other)),
    };
    let checkpoint = Checkpoint::unchecked(&note).map_err(|error| NotaryError::Refused(error.to_string()))?;
    if size.is_some_and(|size| size != checkpoint.size) {
        return Err(NotaryError::Refused(format!(
            "it is over {} events, and not over those asked for",
            checkpoint.size
        )));
    }
    Ok(Signed { checkpoint, note })
}

/// Signs for processes that ask, until `stop`.
pub async fn sign_for_others(notary: Notary, nats: async_nats::Client, prefix: String, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            error = hear(&notary, &nats, &prefix) => {
                tracing::warn!(error, "other processes cannot have checkpoints signed just now");
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(AGAIN_AFTER) => {}
        }
    }
}

/// Why it ended.
async fn hear(notary: &Notary, nats: &async_nats::Client, prefix: &str) -> String {
    let mut questions = match nats.queue_subscribe(subject(prefix), GROUP.to_owned()).await {
        Ok(questions) => questions,
        Err(error) => return error.to_string(),
    };
    while let Some(message) = questions.next().await {
        let Some(reply) = message.reply else { continue };
        let Ok(question) = serde_json::from_slice(&message.payload) else { continue };
        let answer = answer(notary, question).await;
        let told = match serde_json::to_vec(&answer) {
            Ok(json) => nats.publish(reply, json.into()).await.map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = told {
            return error;
        }
    }
    "the subscription ended".to_owned()
}

async fn answer(notary: &Notary, question: Question) -> Answer {
    let signed = match question {
        Question::Now => notary.now().await,
        Question::At(size) => notary.at(size).await,
        Question::Key => return Answer::Key(notary.verifier().to_string()),
    };
    match signed {
        Ok(signed) => Answer::Signed(signed.note),
        Err(NotaryError::Empty) => Answer::Empty,
        Err(error) => {
            tracing::error!(%error, "no checkpoint was signed for another process");
            Answer::Refused(error.to_string())
        }
    }
}
