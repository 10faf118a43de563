//! Shopify's JSON, as far as it is read.

use chrono::{DateTime, Utc};
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Refusals {
    #[serde(default)]
    pub errors: Vec<Refusal>,
    pub extensions: Option<Extensions>,
}

#[derive(Deserialize)]
pub struct Refusal {
    pub extensions: Option<RefusalExtensions>,
}

#[derive(Deserialize)]
pub struct RefusalExtensions {
    pub code: Option<String>,
}

#[derive(Deserialize)]
pub struct Extensions {
    pub cost: Option<Cost>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cost {
    pub requested_query_cost: Option<f64>,
    pub throttle_status: Option<ThrottleStatus>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ThrottleStatus {
    pub currently_available: f64,
    pub restore_rate: f64,
}

#[derive(Deserialize)]
pub struct Data<T> {
    pub data: T,
}

#[derive(Deserialize)]
pub struct ShopAnswer {
    pub shop: Shop,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Shop {
    pub name: String,
    pub currency_code: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentsAnswer<T> {
    pub shopify_payments_account: Option<T>,
}

#[derive(Deserialize)]
pub struct Held {
    pub balance: Vec<Money>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Moved {
    pub balance_transactions: Connection<BalanceTransaction>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Money {
    /// A decimal's text: "54.3", "20.0", "15000".
    pub amount: String,
    pub currency_code: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MoneyBag {
    pub shop_money: Money,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Connection<T> {
    pub nodes: Vec<T>,
    pub page_info: PageInfo,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PageInfo {
    pub has_next_page: bool,
    pub end_cursor: Option<String>,
}

#[derive(Deserialize)]
pub struct Orders {
    pub orders: Connection<Order>,
}

#[derive(Deserialize)]
pub struct NewestOrders {
    pub orders: Connection<MadeOrder>,
    pub changed: Nodes<Changed>,
}

/// With when it was made.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MadeOrder {
    pub created_at: DateTime<Utc>,
    #[serde(flatten)]
    pub order: Order,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Changed {
    pub updated_at: DateTime<Utc>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    pub name: String,
    pub updated_at: DateTime<Utc>,
    pub test: bool,
    pub transactions: Vec<OrderTransaction>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderTransaction {
    pub id: String,
    pub kind: String,
    pub status: String,
    pub gateway: Option<String>,
    pub processed_at: Option<DateTime<Utc>>,
    pub amount_set: MoneyBag,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BalanceTransaction {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub test: bool,
    pub amount: Money,
    pub net: Money,
    pub transaction_date: DateTime<Utc>,
    pub associated_order: Option<Named>,
    pub associated_payout: Option<AssociatedPayout>,
}

#[derive(Deserialize)]
pub struct AssociatedPayout {
    pub id: Option<String>,
}

#[derive(Deserialize)]
pub struct Named {
    pub name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subscriptions {
    pub webhook_subscriptions: Nodes<Subscribed>,
}

#[derive(Deserialize)]
pub struct Nodes<T> {
    pub nodes: Vec<T>,
}

#[derive(Deserialize)]
pub struct Subscribed {
    pub id: String,
    pub topic: String,
    pub uri: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionCreated {
    pub webhook_subscription_create: SubscriptionCreate,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionCreate {
    pub webhook_subscription: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    pub user_errors: Vec<UserError>,
}

#[derive(Deserialize)]
pub struct UserError {
    pub message: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BulkStarted {
    pub bulk_operation_run_query: BulkStart,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BulkStart {
    pub bulk_operation: Option<Bulk>,
    #[serde(default)]
    pub user_errors: Vec<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BulkCurrent {
    pub current_bulk_operation: Option<Bulk>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Bulk {
    pub status: String,
    pub created_at: DateTime<Utc>,
    pub query: String,
    pub url: Option<String>,
}
