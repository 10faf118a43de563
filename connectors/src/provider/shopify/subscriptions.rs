//! Which messages the shop sends us. The app registers them itself, for the shop forgets one whose messages went
//! unanswered for four hours; what it does not send, the polls find.

use serde_json::json;

use super::Shopify;
use super::shapes::{Data, Subscribed, SubscriptionCreated, Subscriptions};
use crate::provider::{Credentials, ProviderError};

/// What is answered with a look: nothing of customers is asked for.
const TOPICS: [&str; 6] = [
    "APP_UNINSTALLED",
    "BULK_OPERATIONS_FINISH",
    "ORDERS_CREATE",
    "ORDERS_UPDATED",
    "ORDER_TRANSACTIONS_CREATE",
    "REFUNDS_CREATE",
];

/// Those of the app alone: a shop tells nobody of another's.
async fn registered(shopify: &Shopify, credentials: &Credentials) -> Result<Vec<Subscribed>, ProviderError> {
    const LIST: &str = "query { webhookSubscriptions(first: 100) { nodes { id topic uri } } }";
    let answer = shopify.query(credentials, LIST, json!({})).await?;
    Ok(answer.read::<Data<Subscriptions>>()?.data.webhook_subscriptions.nodes)
}

async fn remove(shopify: &Shopify, credentials: &Credentials, id: &str) -> Result<(), ProviderError> {
    const DELETE: &str = "mutation($id: ID!) { webhookSubscriptionDelete(id: $id) { \
        deletedWebhookSubscriptionId userErrors { field message } } }";
    // What is gone already is told among the errors of the user.
    shopify.query(credentials, DELETE, json!({"id": id})).await.map(drop)
}

/// Registers the topics that are not there yet, and takes away what goes to an address that we had before.
pub async fn subscribe(shopify: &Shopify, credentials: &Credentials, address: &str) -> Result<(), ProviderError> {
    const CREATE: &str = "mutation($topic: WebhookSubscriptionTopic!, $webhook: WebhookSubscriptionInput!) { \
        webhookSubscriptionCreate(topic: $topic, webhookSubscription: $webhook) { \
        webhookSubscription { id } userErrors { field message } } }";
    let there = registered(shopify, credentials).await?;
    for topic in TOPICS {
        if there.iter().any(|one| one.topic == topic && one.uri == address) {
            continue;
        }
        let variables = json!({"topic": topic, "webhook": {"uri": address, "format": "JSON"}});
        let answer = shopify.query(credentials, CREATE, variables).await?;
        let created = answer.read::<Data<SubscriptionCreated>>()?.data.webhook_subscription_create;
        // Another worker was faster, or the shop does not send this topic to such an address.
        if let Some(refused) = created.user_errors.first().filter(|_| created.webhook_subscription.is_none()) {
            tracing::debug!(topic, refused = refused.message, "the shop registers no messages");
        }
    }
    for before in there.iter().filter(|one| TOPICS.contains(&one.topic.as_str()) && one.uri != address) {
        remove(shopify, credentials, &before.id).await?;
    }
    Ok(())
}

/// All that are there.
pub async fn unsubscribe(shopify: &Shopify, credentials: &Credentials) -> Result<(), ProviderError> {
    for one in registered(shopify, credentials).await? {
        remove(shopify, credentials, &one.id).await?;
    }
    Ok(())
}
