//! The shop's orders, from the charges that paid them.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::demo::Seed;
use crate::simulator::answer::joined;
use crate::simulator::company::{Facts, Movement, MovementKind, decimal_text};

/// An order with what was paid and given back until now.
#[derive(Debug, Clone)]
pub struct Order<'a> {
    pub seed: Seed,
    pub number: u64,
    pub sale: &'a Movement,
    pub refunds: Vec<&'a Movement>,
}

/// Oldest change first.
pub fn orders(facts: &Facts, now: DateTime<Utc>) -> Vec<Order<'_>> {
    let mut orders: std::collections::BTreeMap<u64, Order<'_>> = std::collections::BTreeMap::new();
    for movement in facts.movements.iter().take_while(|movement| movement.at <= now) {
        let Some(number) = movement.order().and_then(|number| number.parse().ok()) else { continue };
        match movement.kind {
            MovementKind::Charge => {
                orders.insert(number, Order { seed: facts.seed, number, sale: movement, refunds: Vec::new() });
            }
            MovementKind::Refund => {
                if let Some(order) = orders.get_mut(&number) {
                    order.refunds.push(movement);
                }
            }
            // No order tells of them.
            MovementKind::Dispute | MovementKind::DisputeReversal => {}
        }
    }
    let mut orders: Vec<_> = orders.into_values().collect();
    orders.sort_by_key(Order::updated);
    orders
}

fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

pub fn part(minor: i64, currency: &str) -> Value {
    let amount = decimal_text(minor);
    // GraphQL writes as few decimals as it may, one at least.
    let amount = amount.strip_suffix('0').unwrap_or(&amount);
    json!({"amount": amount, "currencyCode": currency})
}

fn money(pence: i64) -> Value {
    let part = part(pence, "GBP");
    json!({"shopMoney": part, "presentmentMoney": part})
}

/// As the customer saw it, too.
fn money_of(seed: Seed, movement: &Movement) -> Value {
    let shop = part(movement.pence.abs(), "GBP");
    let seen = movement.presented(seed).map_or_else(|| shop.clone(), |seen| part(seen.cents.abs(), "EUR"));
    json!({"shopMoney": shop, "presentmentMoney": seen})
}

impl Order<'_> {
    pub fn made(&self) -> DateTime<Utc> {
        self.sale.at
    }

    pub fn updated(&self) -> DateTime<Utc> {
        let last = self.refunds.last().map_or(self.sale.at, |refund| refund.at);
        last + TimeDelta::seconds(1)
    }

    fn refunded(&self) -> i64 {
        self.refunds.iter().map(|refund| -refund.pence).sum()
    }

    fn status(&self) -> &'static str {
        match self.refunded() {
            0 => "PAID",
            back if back < self.sale.pence => "PARTIALLY_REFUNDED",
            _ => "REFUNDED",
        }
    }

    pub fn id(&self) -> String {
        format!("gid://shopify/Order/{}", self.number)
    }

    fn transaction(&self, n: usize, kind: &str, movement: &Movement) -> Value {
        let id = |n: usize| format!("gid://shopify/OrderTransaction/{}{n}", self.number);
        let parent = (n > 0).then(|| json!({"id": id(0)}));
        json!({
            "id": id(n),
            "kind": kind,
            "status": "SUCCESS",
            "gateway": "stripe",
            "processedAt": moment(movement.at),
            "amountSet": money_of(self.seed, movement),
            "parentTransaction": parent,
            "paymentId": movement.key,
        })
    }

    fn transactions(&self) -> Vec<Value> {
        let refunds = self.refunds.iter().zip(1..);
        let refunds = refunds.map(|(refund, n)| self.transaction(n, "REFUND", refund));
        std::iter::once(self.transaction(0, "SALE", self.sale)).chain(refunds).collect()
    }

    /// As GraphQL gives it.
    pub fn node(&self) -> Value {
        let refunds = self.refunds.iter().zip(1..).map(|(refund, n)| {
            json!({
                "id": format!("gid://shopify/Refund/{}{n}", self.number),
                "createdAt": moment(refund.at),
                "totalRefundedSet": money_of(self.seed, refund),
            })
        });
        json!({
            "id": self.id(),
            "name": format!("#{}", self.number),
            "createdAt": moment(self.sale.at),
            "processedAt": moment(self.sale.at),
            "updatedAt": moment(self.updated()),
            "cancelledAt": null,
            "test": false,
            "displayFinancialStatus": self.status(),
            "currencyCode": "GBP",
            "presentmentCurrencyCode": if self.sale.presented(self.seed).is_some() { "EUR" } else { "GBP" },
            "totalPriceSet": money_of(self.seed, self.sale),
            "totalTaxSet": money(0),
            "totalShippingPriceSet": money(0),
            "totalDiscountsSet": money(0),
            "transactions": self.transactions(),
            "refunds": refunds.collect::<Vec<_>>(),
        })
    }

    /// As REST gives it.
    pub fn rest(&self) -> Value {
        let total = decimal_text(self.sale.pence);
        let (first, last) = self.sale.customer.split_once(' ').unwrap_or((self.sale.customer.as_str(), ""));
        let head = json!({
            "id": self.number, "email": "", "closed_at": null, "created_at": moment(self.sale.at),
            "updated_at": moment(self.updated()), "number": self.number, "note": null, "token": null,
            "gateway": "stripe", "test": false, "total_price": total,
            "current_total_price": decimal_text(self.sale.pence - self.refunded()),
            "subtotal_price": total, "total_weight": 0, "total_tax": "0.00", "taxes_included": true,
            "currency": "GBP", "presentment_currency": "GBP",
            "financial_status": self.status().to_ascii_lowercase(), "confirmed": true,
            "total_discounts": "0.00", "total_line_items_price": total, "cart_token": null,
        });
        let middle = json!({
            "buyer_accepts_marketing": false, "name": format!("#{}", self.number), "referring_site": null,
            "landing_site": null, "cancelled_at": null, "cancel_reason": null, "total_price_usd": null,
            "checkout_token": null, "reference": null, "user_id": null, "location_id": null,
            "source_identifier": null, "source_url": null, "processed_at": moment(self.sale.at),
            "device_id": null, "browser_ip": null, "landing_site_ref": null, "order_number": self.number,
            "discount_codes": [], "note_attributes": [], "payment_gateway_names": ["stripe"],
            "processing_method": "direct", "checkout_id": null, "source_name": "web",
            "fulfillment_status": null, "tax_lines": [], "tags": "", "contact_email": "",
            "order_status_url": null,
        });
        let tail = json!({
            "line_items": [{
                "id": self.number * 10, "variant_id": null, "title": self.sale.description, "quantity": 1,
                "price": total, "grams": 0, "sku": "", "variant_title": null, "vendor": null,
                "fulfillment_service": "manual", "product_id": 1, "requires_shipping": true, "taxable": false,
                "gift_card": false, "name": self.sale.description, "variant_inventory_management": null,
                "properties": [], "product_exists": true, "fulfillable_quantity": 1, "total_discount": "0.00",
                "fulfillment_status": null, "tax_lines": [],
            }],
            "shipping_lines": [], "billing_address": null, "shipping_address": null, "fulfillments": [],
            "refunds": self.refunds.iter().zip(1..).map(|(refund, n)| json!({
                "id": self.number * 10 + n, "created_at": moment(refund.at),
                "transactions": [self.rest_transaction(usize::try_from(n).unwrap_or(1), "refund", refund)],
            })).collect::<Vec<_>>(),
            "customer": {"id": null, "email": null, "first_name": first, "last_name": last, "currency": "GBP"},
        });
        joined(joined(head, middle), tail)
    }

    pub fn rest_transactions(&self) -> Vec<Value> {
        let refunds = self.refunds.iter().zip(1..);
        let refunds = refunds.map(|(refund, n)| self.rest_transaction(n, "refund", refund));
        std::iter::once(self.rest_transaction(0, "sale", self.sale)).chain(refunds).collect()
    }

    fn rest_transaction(&self, n: usize, kind: &str, movement: &Movement) -> Value {
        let id = |n: usize| self.number * 10 + n as u64;
        json!({
            "id": id(n), "order_id": self.number, "amount": decimal_text(movement.pence.abs()), "kind": kind,
            "gateway": "stripe", "status": "success", "message": "Approved", "created_at": moment(movement.at),
            "test": false, "authorization": movement.key, "currency": "GBP", "location_id": null,
            "user_id": null, "parent_id": (n > 0).then(|| id(0)), "device_id": null, "receipt": {},
            "error_code": null, "source_name": "web",
            "payment_details": {"credit_card_bin": null, "avs_result_code": null, "cvv_result_code": null,
                                "credit_card_number": "•••• •••• •••• 4242", "credit_card_company": "Visa"},
        })
    }
}

pub fn shop(domain: &str) -> Value {
    let head = json!({
        "id": 690_933_842, "name": Seed::NAME, "email": "shop@harbour.example", "domain": domain,
        "created_at": "2020-01-01T00:00:00+00:00", "province": "England", "country": "GB", "address1": "1 Quay",
        "zip": "AB1 2CD", "city": "Harbour", "source": null, "phone": "", "updated_at": "2026-01-01T00:00:00+00:00",
        "customer_email": "shop@harbour.example", "latitude": 50.1, "longitude": -5.1, "primary_location_id": null,
        "primary_locale": "en", "country_code": "GB", "country_name": "United Kingdom", "currency": "GBP",
    });
    let tail = json!({
        "timezone": "(GMT+00:00) London", "iana_timezone": "Europe/London", "shop_owner": "The owners",
        "money_format": "£{{amount}}", "money_with_currency_format": "£{{amount}} GBP", "province_code": "ENG",
        "taxes_included": true, "tax_shipping": null, "county_taxes": true, "plan_display_name": "Basic",
        "plan_name": "basic", "has_discounts": false, "has_gift_cards": false, "myshopify_domain": domain,
        "google_apps_domain": null, "google_apps_login_enabled": null, "money_in_emails_format": "£{{amount}}",
        "money_with_currency_in_emails_format": "£{{amount}} GBP", "eligible_for_payments": true,
        "requires_extra_payments_agreement": false, "password_enabled": false, "has_storefront": true,
        "eligible_for_card_reader_giveaway": false, "setup_required": false, "force_ssl": true,
        "pre_launch_enabled": false,
    });
    joined(head, tail)
}
