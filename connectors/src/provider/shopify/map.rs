//! Payments of orders and movements of the balance in our terms. The tables stand in `docs/connectors.md`.

use domain::{Booked, Category, Currency, Kind};
use rust_decimal::Decimal;

use super::shapes::{BalanceTransaction, Money, Order, OrderTransaction};
use crate::provider::{Payout, ProviderError, Reported};

const PAYMENT: &str = "order_transaction";
const MOVEMENT: &str = "balance_transaction";
/// Of the same movement, under its id.
const FEE: &str = "balance_transaction_fee";

pub fn currency(code: &str) -> Result<Currency, ProviderError> {
    code.parse().map_err(|_| ProviderError::unintelligible("an unknown currency"))
}

pub fn amount(money: &Money) -> Result<Decimal, ProviderError> {
    Decimal::from_str_exact(&money.amount).map_err(|_| ProviderError::unintelligible("an amount is no decimal"))
}

fn category(label: &str) -> Result<Category, ProviderError> {
    let category = Category::from_label(label).or_else(|| Category::from_label("uncategorised"));
    category.ok_or_else(|| ProviderError::unintelligible("a category"))
}

/// What an order was paid and what was given back: money that moved, and no test. A gift card was paid when it was
/// sold, so what it pays now is no money.
pub fn order(from: Order) -> Result<Vec<Reported>, ProviderError> {
    if from.test {
        return Ok(Vec::new());
    }
    let paid = from.transactions.into_iter().filter(|one| one.gateway.as_deref() != Some("gift_card"));
    paid.filter_map(|one| payment(&from.name, one).transpose()).collect()
}

fn payment(order: &str, from: OrderTransaction) -> Result<Option<Reported>, ProviderError> {
    let kind = match (from.kind.as_str(), from.status.as_str()) {
        ("SALE" | "CAPTURE", "SUCCESS") => Kind::Revenue,
        ("REFUND", "SUCCESS") => Kind::Refund,
        // Authorised, voided, pending, failed: no money moved.
        _ => return Ok(None),
    };
    let at = from.processed_at.ok_or_else(|| ProviderError::unintelligible("transactions.processedAt is missing"))?;
    let money = from.amount_set.shop_money;
    let (amount, category_of) = match kind {
        Kind::Refund => (-amount(&money)?, "refunds"),
        _ => (amount(&money)?, "sales"),
    };
    let category = category(category_of)?;
    Ok(Some(Reported {
        entity: PAYMENT,
        id: from.id,
        replaces: None,
        pending: false,
        booked: Booked::Instant(at),
        value_date: None,
        amount,
        currency: currency(&money.currency_code)?,
        kind,
        provider_category: category.worded(&from.kind),
        category,
        description: Some(format!("Order {order}")),
        counterparty: None,
        converted: None,
    }))
}

/// What the balance was moved by, and beside it what Shopify kept: net less gross, for a fee's sign is not always as
/// documented.
pub fn movement(from: &BalanceTransaction) -> Result<Vec<Reported>, ProviderError> {
    if from.test {
        return Ok(Vec::new());
    }
    let (gross, net) = (amount(&from.amount)?, amount(&from.net)?);
    let currency = currency(&from.amount.currency_code)?;
    let order = from.associated_order.as_ref().and_then(|order| order.name.as_ref());
    let reported = |entity: &'static str, amount: Decimal, kind: Kind, label: &str| {
        let category = category(place(label).unwrap_or(label))?;
        Ok::<_, ProviderError>(Reported {
            entity,
            id: from.id.clone(),
            replaces: None,
            pending: false,
            booked: Booked::Instant(from.transaction_date),
            value_date: None,
            amount,
            currency,
            kind,
            provider_category: category.worded(label),
            category,
            description: order.map(|name| format!("Order {name}")),
            counterparty: None,
            converted: None,
        })
    };
    let mut all = vec![reported(MOVEMENT, gross, kind(&from.kind), &from.kind)?];
    if net != gross {
        all.push(reported(FEE, net - gross, Kind::Expense, "payment_fees")?);
    }
    Ok(all)
}

/// Where it is a payout's own movement.
pub fn payout(from: &BalanceTransaction) -> Option<Payout> {
    let is_payout = !from.test && matches!(from.kind.to_ascii_uppercase().as_str(), "TRANSFER" | "PAYOUT");
    let id = from.associated_payout.as_ref()?.id.clone()?;
    let day = from.transaction_date.date_naive();
    is_payout.then(|| Payout { transaction: (MOVEMENT, from.id.clone()), id, day })
}

/// What a movement is known as here, that of its payout left out.
pub fn names(from: &BalanceTransaction, payout: &Payout) -> Result<Vec<(&'static str, String)>, ProviderError> {
    if from.test {
        return Ok(Vec::new());
    }
    let own = Some((MOVEMENT, from.id.clone())).filter(|own| *own != payout.transaction);
    let fee = (amount(&from.amount)? != amount(&from.net)?).then(|| (FEE, from.id.clone()));
    Ok(own.into_iter().chain(fee).collect())
}

/// Where a type stands in the tree. What the order tells of is counted there.
fn place(of: &str) -> Option<&'static str> {
    let of = of.to_ascii_uppercase();
    match (kind(&of), of.as_str()) {
        (_, "CHARGE" | "REFUND") => Some("sale_elsewhere"),
        (Kind::InternalTransfer, _) => Some("payout"),
        (Kind::Refund, _) => Some("disputes"),
        (Kind::Expense, _) => Some("payment_fees"),
        (Kind::Financing, _) => Some("loan"),
        _ => None,
    }
}

/// A charge and its refund earn and cost where the order's payments are counted; here they only arrive. Types that
/// Shopify adds move money until somebody says otherwise.
fn kind(of: &str) -> Kind {
    let of = of.to_ascii_uppercase();
    match of.as_str() {
        "TRANSFER" | "PAYOUT" | "PAYOUT_FAILURE" | "PAYOUT_CANCELLATION" => Kind::InternalTransfer,
        _ if of.starts_with("TRANSFER_") => Kind::InternalTransfer,
        // No transaction of an order tells of these.
        "DISPUTE" | "CHARGEBACK" | "DISPUTE_REVERSAL" => Kind::Refund,
        _ if of.starts_with("DISPUTE_") || of.starts_with("CHARGEBACK_") && !of.ends_with("_FEE") => Kind::Refund,
        _ if of.ends_with("_FEE") || of.contains("_FEE_") || of == "TAX_ADJUSTMENT_DEBIT" => Kind::Expense,
        "ADVANCE" | "ADVANCE_FUNDING" | "LENDING_DEBIT" | "LENDING_CREDIT" => Kind::Financing,
        _ => Kind::Settlement,
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use serde_json::{Value, json};

    use super::*;

    /// A movement that the older pages told, in the words of GraphQL.
    fn told(rest: &Value) -> BalanceTransaction {
        let money = |name: &str| json!({"amount": rest[name], "currencyCode": rest["currency"]});
        let at: DateTime<Utc> = format!("{}T00:00:00Z", rest["processed_at"].as_str().unwrap()).parse().unwrap();
        let node = json!({
            "id": rest["id"].to_string(), "type": rest["type"].as_str().unwrap().to_uppercase(), "test": rest["test"],
            "amount": money("amount"), "net": money("net"), "transactionDate": at, "associatedOrder": null,
        });
        serde_json::from_value(node).unwrap()
    }

    #[test]
    fn the_balance_of_the_payload_is_as_expected() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/providers/shopify");
        let read = |name: &str| std::fs::read_to_string(format!("{folder}/{name}.json")).ok();
        let (Some(payload), Some(expected)) = (read("payments_transactions"), read("expected")) else {
            return println!("skipped: {folder} is not here");
        };
        let payload: Value = serde_json::from_str(&payload).unwrap();
        let expected: Value = serde_json::from_str(&expected).unwrap();
        let expected = &expected["payments_transactions.json"];
        let decimal = |value: &Value| value.as_str().unwrap().parse::<Decimal>().unwrap();
        let mut sum = Decimal::ZERO;
        let both = payload["transactions"].as_array().unwrap().iter().zip(expected["transactions"].as_array().unwrap());
        for (one, wanted) in both {
            let all = movement(&told(one)).unwrap();
            assert_eq!(json!(all[0].id), wanted["source_id"]);
            assert_eq!(all[0].amount, decimal(&wanted["gross"]));
            assert_eq!(all.get(1).map_or(Decimal::ZERO, |fee| fee.amount), decimal(&wanted["fee"]));
            sum += all.iter().map(|one| one.amount).sum::<Decimal>();
        }
        assert_eq!(sum, decimal(&expected["sum_net"]));
    }

    #[test]
    fn the_net_is_taken_as_given() {
        let odd = json!({"id": 1, "type": "adjustment", "test": false, "currency": "USD", "amount": "-1.50",
            "net": "-1.75", "processed_at": "2013-11-01"});
        let amounts: Vec<_> = movement(&told(&odd)).unwrap().iter().map(|one| one.amount.to_string()).collect();
        assert_eq!(amounts, ["-1.50", "-0.25"]);
    }

    #[test]
    fn what_was_sold_is_earned_once() {
        for (of, wanted) in [
            ("CHARGE", Kind::Settlement),
            ("REFUND", Kind::Settlement),
            ("TRANSFER", Kind::InternalTransfer),
            ("payout", Kind::InternalTransfer),
            ("DISPUTE_WITHDRAWAL", Kind::Refund),
            ("CHARGEBACK_FEE", Kind::Expense),
            ("SOMETHING_NEW", Kind::Settlement),
        ] {
            assert_eq!(kind(of), wanted, "{of}");
        }
    }
}
