//! Answers that are not quite as documented: members nobody has heard of, new values, optional ones left out.

use serde_json::{Value, json};

use super::FaultKind;
use crate::simulator::Provider;

/// Members whose values are names that a provider may add to at any time.
const fn names(provider: Provider) -> &'static [&'static str] {
    match provider {
        Provider::Plaid => &["payment_channel", "transaction_type", "confidence_level", "subtype"],
        Provider::Stripe => &["balance_type", "network", "funding"],
        Provider::QuickBooks => &["PrintStatus", "EmailStatus", "domain"],
        Provider::Shopify => &["displayFinancialStatus", "gateway"],
    }
}

/// Members that may be missing.
const fn optional(provider: Provider) -> &'static [&'static str] {
    match provider {
        Provider::Plaid => &[
            "logo_url",
            "website",
            "merchant_entity_id",
            "counterparties",
            "datetime",
            "authorized_datetime",
            "location",
            "payment_meta",
            "personal_finance_category_icon_url",
            "check_number",
            "account_owner",
            "transaction_code",
        ],
        Provider::Stripe => &["exchange_rate", "balance_type", "metadata", "receipt_url", "outcome"],
        Provider::QuickBooks => &["PrivateNote", "PrintStatus", "EmailStatus", "DocNumber", "CustomField"],
        Provider::Shopify => &["totalShippingPriceSet", "totalDiscountsSet", "cancelledAt"],
    }
}

pub(super) fn change(provider: Provider, kind: &FaultKind, value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| change(provider, kind, item)),
        Value::Object(members) => {
            members.values_mut().for_each(|member| change(provider, kind, member));
            match kind {
                FaultKind::UnknownFields => {
                    members.insert("unheard_of".to_owned(), json!({"since": "tomorrow", "list": [1, "two", null]}));
                }
                FaultKind::UnknownValues => {
                    for name in names(provider) {
                        if let Some(member) = members.get_mut(*name).filter(|member| member.is_string()) {
                            *member = json!("something new");
                        }
                    }
                }
                FaultKind::MissingOptionals => members.retain(|name, _| !optional(provider).contains(&name.as_str())),
                FaultKind::Emptied { name } => {
                    if let Some(list) = members.get_mut(name).filter(|list| list.is_array()) {
                        *list = json!([]);
                    }
                }
                _ => {}
            }
        }
        _ => {}
    }
}
