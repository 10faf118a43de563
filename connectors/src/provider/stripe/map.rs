//! A balance transaction in our terms: what was moved, and beside it what Stripe kept. The table stands in
//! `docs/connectors.md`.

use chrono::DateTime;
use domain::{Booked, Category, Currency, Kind};

use super::shapes::{BalanceTransaction, Source};
use crate::provider::{Converted, Payout, ProviderError, Reported, from_minor, from_number};

const ENTITY: &str = "balance_transaction";
/// Of the same balance transaction, under its id.
const FEE: &str = "balance_transaction_fee";

pub fn currency(code: &str) -> Result<Currency, ProviderError> {
    code.parse().map_err(|_| ProviderError::unintelligible("an unknown currency"))
}

pub fn transaction(from: &BalanceTransaction) -> Result<Vec<Reported>, ProviderError> {
    let unreadable = |what: &str| ProviderError::unintelligible(format!("balance_transaction.{what}"));
    let currency = currency(&from.currency)?;
    let at = DateTime::from_timestamp(from.created, 0).ok_or_else(|| unreadable("created"))?;
    let available = from.available_on.and_then(|at| DateTime::from_timestamp(at, 0));
    let reported = |entity: &'static str, units: i64, kind: Kind, own: &str| {
        let category = Category::from_label(place(own)).ok_or_else(|| unreadable("reporting_category"))?;
        Ok(Reported {
            entity,
            id: from.id.clone(),
            replaces: None,
            // Pending there is what cannot be paid out yet; the balance holds it.
            pending: false,
            booked: Booked::Instant(at),
            value_date: available.map(|at| at.date_naive()),
            amount: from_minor(units, currency),
            currency,
            kind,
            provider_category: category.worded(own),
            category,
            description: from.description.clone().filter(|text| !text.is_empty()),
            counterparty: None,
            converted: None,
        })
    };
    let mut all = vec![reported(ENTITY, from.amount, kind(&from.reporting_category), &from.reporting_category)?];
    all[0].converted = converted(from, currency);
    if from.fee != 0 {
        all.push(reported(FEE, -from.fee, Kind::Expense, "payment_fees")?);
    }
    Ok(all)
}

/// Where it is a payout of which Stripe says what is in it: not of one that somebody asked for, and not before it has
/// put that together.
pub fn payout(from: &BalanceTransaction) -> Option<Payout> {
    let is_listed = |status: Option<&str>| !matches!(status, Some("in_progress" | "not_applicable"));
    let id = match from.source.as_ref()? {
        Source::Whole { id: Some(id), reconciliation_status, .. } if is_listed(reconciliation_status.as_deref()) => id,
        Source::Id(id) => id,
        Source::Whole { .. } | Source::Other(_) => return None,
    };
    let day = DateTime::from_timestamp(from.created, 0)?.date_naive();
    let is_payout = from.reporting_category == "payout" && id.starts_with("po_");
    is_payout.then(|| Payout { transaction: (ENTITY, from.id.clone()), id: id.clone(), day })
}

/// What a balance transaction is known as here, that of its payout left out.
pub fn names(from: &BalanceTransaction, payout: &Payout) -> impl Iterator<Item = (&'static str, String)> {
    let fee = (from.fee != 0).then(|| (FEE, from.id.clone()));
    let own = Some((ENTITY, from.id.clone())).filter(|own| *own != payout.transaction);
    own.into_iter().chain(fee)
}

/// Of a charge in another currency. A rate that is not understood is none.
fn converted(from: &BalanceTransaction, to: Currency) -> Option<Converted> {
    let rate = from_number(from.exchange_rate.as_ref()?).ok()?;
    match from.source.as_ref()? {
        Source::Whole { object, currency: Some(code), .. } if object == "charge" => {
            let from = currency(code).ok().filter(|from| *from != to)?;
            Some(Converted { from, to, rate })
        }
        _ => None,
    }
}

/// Where a `reporting_category` stands in the tree; its own name where it has no place there.
fn place(reporting_category: &str) -> &str {
    match reporting_category {
        "charge" => "sales",
        "refund" | "refund_failure" | "charge_failure" | "partial_capture_reversal" => "refunds",
        "dispute" | "dispute_reversal" => "disputes",
        // Tax is what Stripe's fees are taxed with.
        "fee" | "network_cost" | "tax" => "payment_fees",
        "payout" | "payout_reversal" => "payout",
        "topup" | "topup_reversal" => "transfer",
        "financing_payout" | "financing_paydown" | "advance" | "advance_funding" => "loan",
        own => own,
    }
}

/// By `reporting_category`, which is steadier than `type`. Categories that Stripe adds are expenses where they take
/// and revenue where they give only once somebody says so; until then they move money without earning it.
fn kind(reporting_category: &str) -> Kind {
    match reporting_category {
        "charge" => Kind::Revenue,
        "charge_failure"
        | "refund"
        | "refund_failure"
        | "partial_capture_reversal"
        | "dispute"
        | "dispute_reversal" => Kind::Refund,
        "fee" | "network_cost" | "tax" | "platform_earning" => Kind::Expense,
        // To and from the own bank account.
        "payout" | "payout_reversal" | "topup" | "topup_reversal" => Kind::InternalTransfer,
        "financing_payout" | "financing_paydown" | "advance" | "advance_funding" => Kind::Financing,
        _ => Kind::Settlement,
    }
}
