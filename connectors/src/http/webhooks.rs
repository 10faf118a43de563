//! Webhooks: checked, noted and answered; what they lead to is a worker's.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use chrono::Utc;
use domain::{Code, Problem};

use super::Refusal;
use crate::connections::Connections;
use crate::provider::{Hint, WebhookRefused, What};

const MOST_BYTES: usize = 1 << 20;
/// Sources that one message without a name wakes.
const MOST_WOKEN: i64 = 100;

pub(super) fn router() -> Router<Connections> {
    Router::new().route("/api/v1/webhooks/{provider}", post(receive)).layer(DefaultBodyLimit::max(MOST_BYTES))
}

/// A provider says that something happened. Signed by the provider; needs no session.
#[utoipa::path(post, path = "/api/v1/webhooks/{provider}", tag = "connections", params(("provider" = String, Path)),
    request_body(content = String, content_type = "application/json"), security(()),
    responses((status = 200, description = "Taken"), (status = 401, description = "Not signed by the provider"),
        (status = 404, description = "No such provider here")))]
pub(super) async fn receive(
    State(connections): State<Connections>,
    Path(provider): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Refusal> {
    let connector = connections.registry.get(&provider);
    let connector = connector.ok_or_else(|| Problem::new(Code::NotFound, "There is nothing at this address."))?;
    let hint = match connector.webhook(&headers, &body, Utc::now()).await {
        Ok(hint) => hint,
        Err(refused) => {
            tracing::warn!(%provider, %refused, "a webhook was refused");
            return Err(refusal(&refused).into());
        }
    };
    take(&connections, &provider, &hint).await.map_err(|error| {
        tracing::error!(%error, "a webhook cannot be kept");
        Problem::new(Code::Unavailable, "It cannot be taken just now; send it again.")
    })?;
    Ok(StatusCode::OK)
}

fn refusal(refused: &WebhookRefused) -> Problem {
    let code = match refused {
        WebhookRefused::Forged | WebhookRefused::Stale => Code::Unauthenticated,
        WebhookRefused::Unintelligible(_) => Code::Invalid,
        WebhookRefused::KeyUnavailable => Code::Unavailable,
    };
    Problem::new(code, refused.to_string())
}

/// A second delivery wakes nobody.
async fn take(connections: &Connections, provider: &str, hint: &Hint) -> Result<(), sqlx::Error> {
    const NOTE: &str = "insert into connectors.webhook (provider, delivery) values ($1, $2) on conflict do nothing";
    let pool = &connections.pool;
    if hint.what == What::Nothing {
        return Ok(());
    }
    let mut tx = pool.begin().await?;
    let noted = sqlx::query(NOTE).bind(provider).bind(&hint.delivery).execute(&mut *tx).await?.rows_affected();
    if noted == 1 {
        let repaired = hint.what == What::Repaired;
        wake(&mut tx, provider, &hint.external_ids, repaired).await?;
    }
    tx.commit().await
}

/// Due at once; once more after the round that runs now. One that waits for its user is woken by a repair alone.
async fn wake(
    tx: &mut sqlx::PgConnection,
    provider: &str,
    external_ids: &[String],
    repaired: bool,
) -> Result<(), sqlx::Error> {
    const WAKE: &str = "
        update connectors.connection set next_at = now(), asked_at = now(), asked_by = 'webhook', probe = probe or $3
        where source in (select source from connectors.connection
                where provider = $1 and (cardinality($2::text[]) = 0 or external_id = any($2)) and state = 'active'
                    and ($3 or health not in ('consent_needed', 'revoked', 'locked'))
                order by source limit $4 for update)";
    let query = sqlx::query(WAKE).bind(provider).bind(external_ids).bind(repaired).bind(MOST_WOKEN);
    query.execute(tx).await?;
    Ok(())
}
