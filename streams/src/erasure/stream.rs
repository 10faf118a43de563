//! Messages of a business in JetStream.

use async_nats::jetstream::context::GetStreamErrorKind;
use async_nats::jetstream::stream::Stream;
use async_nats::jetstream::{Context, ErrorCode};
use domain::BusinessId;
use sqlx::PgPool;

use super::ended::missing;
use crate::message::{dead_letter_stream_name, stream_name};

/// What deleting came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Purged {
    /// How many messages this call deleted.
    Whole(i64),
    /// The stream is being filled, and has not got to the end of the business yet.
    Behind,
}

const BEFORE: &str = "select position from store.log where business = $1 and position < $2 order by position";

/// Deletes every message of the business before `end`; the server overwrites each. That it was erased stays, for whoever
/// follows the stream.
pub(super) async fn purge(
    pool: &PgPool,
    jetstream: &Context,
    prefix: &str,
    business: BusinessId,
    end: i64,
) -> Result<Purged, async_nats::Error> {
    purge_dead_letters(jetstream, prefix, business).await?;
    let Some(stream) = find(jetstream, &stream_name(prefix)).await? else { return Ok(Purged::Behind) };
    if stream.cached_info().config.deny_delete {
        // Made by an earlier version, which forbade it for good: it is made anew from the store, without what was erased.
        tracing::warn!(stream = stream_name(prefix), "the stream denies deleting; it is replaced");
        jetstream.delete_stream(stream_name(prefix)).await?;
        return Ok(Purged::Behind);
    }
    let state = &stream.cached_info().state;
    if i64::try_from(state.last_sequence)? < end {
        return Ok(Purged::Behind);
    }
    let gone = missing(&stream).await?;
    let positions: Vec<i64> = sqlx::query_scalar(BEFORE).bind(business.as_uuid()).bind(end).fetch_all(pool).await?;
    let mut deleted = 0;
    for position in positions.into_iter().filter(|position| gone.binary_search(position).is_err()) {
        stream.delete_message(position.unsigned_abs()).await?;
        deleted += 1;
    }
    Ok(Purged::Whole(deleted))
}

/// They quote what could not be folded.
async fn purge_dead_letters(jetstream: &Context, prefix: &str, business: BusinessId) -> Result<(), async_nats::Error> {
    if let Some(stream) = find(jetstream, &dead_letter_stream_name(prefix)).await? {
        let subject = format!("{}.deadletter.*.{business}", prefix.to_ascii_lowercase());
        stream.purge().filter(subject).await?;
    }
    Ok(())
}

async fn find(jetstream: &Context, name: &str) -> Result<Option<Stream>, async_nats::Error> {
    match jetstream.get_stream(name).await {
        Ok(stream) => Ok(Some(stream)),
        Err(error) => match error.kind() {
            GetStreamErrorKind::JetStream(refusal) if refusal.error_code() == ErrorCode::STREAM_NOT_FOUND => Ok(None),
            _ => Err(error.into()),
        },
    }
}
