//! What is told after the commit: changes to subscribers, dead letters to their stream.

use std::collections::BTreeMap;

use async_nats::jetstream::{self, message::PublishMessage, stream};
use domain::BusinessId;
use serde::Serialize;
use sqlx::PgConnection;

use super::config::Config;
use super::dead_letter;
use super::generation::Generation;
use super::{Notice, PublishedNotice};

/// Tells subscribers, on core NATS, one message a business. A subscriber that misses one reads newer rows with the
/// next: nothing depends on their arrival.
pub(crate) async fn publish_notices(config: &Config, projection: &'static str, notices: Vec<Notice>) {
    for (business, notice) in by_business(notices) {
        let payload = match serde_json::to_vec(&PublishedNotice { projection: projection.into(), notice }) {
            Ok(payload) => payload,
            Err(error) => {
                tracing::error!(%error, "a notice could not be written as JSON");
                continue;
            }
        };
        if let Err(error) = config.nats.publish(config.notice_subject(business), payload.into()).await {
            tracing::warn!(%error, projection, "subscribers were not told of a change");
        }
    }
}

fn by_business(notices: Vec<Notice>) -> BTreeMap<BusinessId, Notice> {
    let mut merged: BTreeMap<BusinessId, Notice> = BTreeMap::new();
    for notice in notices {
        let known = merged.entry(notice.business).or_insert(Notice {
            position: notice.position,
            events: 0,
            transactions: 0,
            business: notice.business,
        });
        known.position = known.position.max(notice.position);
        known.events += notice.events;
        known.transactions += notice.transactions;
    }
    merged
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum PublishError {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error("JetStream did not take a dead letter: {0}")]
    JetStream(async_nats::Error),
}

impl PublishError {
    fn jetstream(error: impl Into<async_nats::Error>) -> Self {
        Self::JetStream(error.into())
    }
}

/// Publishes the dead letters that the stream has not got yet. The table is the record; the stream tells operators
/// and partners, each letter at least once and, within its window, at most once.
pub(crate) async fn publish_dead_letters(
    config: &Config,
    projection: &'static str,
    generation: &Generation,
    connection: &mut PgConnection,
) -> Result<(), PublishError> {
    let letters = dead_letter::unpublished(connection, generation).await?;
    if letters.is_empty() {
        return Ok(());
    }
    let jetstream = jetstream::new(config.nats.clone());
    jetstream.get_or_create_stream(dead_letter_stream(config)).await.map_err(PublishError::jetstream)?;
    for letter in letters {
        let id = format!("{}.{}.{}", generation.schema, letter.position, letter.attempts);
        let message = PublishMessage::build().payload(json(&letter)?.into()).message_id(id);
        let subject = config.dead_letter_subject(projection, letter.business);
        let taken = jetstream.send_publish(subject, message).await.map_err(PublishError::jetstream)?;
        taken.await.map_err(PublishError::jetstream)?;
        dead_letter::mark_published(connection, &letter).await?;
    }
    Ok(())
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, PublishError> {
    serde_json::to_vec(value).map_err(PublishError::jetstream)
}

fn dead_letter_stream(config: &Config) -> stream::Config {
    stream::Config {
        name: config.dead_letter_stream(),
        description: Some("Events that a projection could not fold".to_owned()),
        subjects: vec![config.dead_letter_subjects()],
        max_bytes: 256 * 1024 * 1024,
        max_message_size: 1024 * 1024,
        ..stream::Config::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_business_hears_once_of_a_batch() {
        let (one, two) = (BusinessId::new(), BusinessId::new());
        let notice = |business, position| Notice { business, position, events: 1, transactions: 3 };
        let merged = by_business(vec![notice(one, 4), notice(two, 5), notice(one, 6)]);
        assert_eq!(merged[&one], Notice { business: one, position: 6, events: 2, transactions: 6 });
        assert_eq!(merged[&two], notice(two, 5));
    }
}
