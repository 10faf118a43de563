//! Plaid's objects.

use std::collections::BTreeMap;

use chrono::SecondsFormat;
use domain::Kind;
use serde_json::{Value, json};

use super::items::Item;
use super::ledger::{Told, account_id};
use crate::demo::Ledger;
use crate::simulator::World;
use crate::simulator::company::{BankLine, Facts, decimal_number, truth};

const LEDGERS: [Ledger; 3] = [Ledger::Current, Ledger::Savings, Ledger::Card];
const INSTITUTION: (&str, &str) = ("ins_117650", "Harbour Bank");

/// Positive is money out of the account.
pub fn transaction(facts: &Facts, item: &Item, told: &Told) -> Value {
    transaction_of_line(&told.id, told.pending_id.as_deref(), &account_id(facts, item, told.ledger), &told.line)
}

pub fn transaction_of_line(id: &str, pending_id: Option<&str>, account: &str, line: &BankLine) -> Value {
    let (primary, detailed) = category(line);
    let merchant = matches!(line.kind, Kind::Expense | Kind::Refund).then_some(line.counterparty.as_str());
    let counterparties: Vec<Value> = merchant
        .map(|name| {
            json!({"name": name, "type": "merchant", "logo_url": null, "website": null, "entity_id": null,
                   "confidence_level": "HIGH"})
        })
        .into_iter()
        .collect();
    json!({
        "account_id": account,
        "account_owner": null,
        "amount": decimal_number(-line.pence),
        "iso_currency_code": "GBP",
        "unofficial_currency_code": null,
        "check_number": null,
        "counterparties": counterparties,
        "date": line.day.to_string(),
        "datetime": null,
        "authorized_date": line.day.to_string(),
        "authorized_datetime": null,
        "location": {"address": null, "city": null, "region": null, "postal_code": null, "country": null,
                     "lat": null, "lon": null, "store_number": null},
        "name": name(line),
        "merchant_name": merchant,
        "merchant_entity_id": null,
        "logo_url": null,
        "website": null,
        "payment_meta": {"by_order_of": null, "payee": null, "payer": null, "payment_method": null,
                         "payment_processor": null, "ppd_id": null, "reason": null,
                         "reference_number": line.reference},
        "payment_channel": "other",
        "pending": line.pending,
        "pending_transaction_id": pending_id,
        "personal_finance_category": {"primary": primary, "detailed": detailed, "confidence_level": "HIGH"},
        "personal_finance_category_icon_url": format!("https://plaid-category-icons.plaid.com/PFC_{primary}.png"),
        "transaction_id": id,
        "transaction_code": null,
        "transaction_type": "special",
    })
}

fn name(line: &BankLine) -> String {
    if line.counterparty.is_empty() || line.counterparty == line.description {
        line.description.clone()
    } else {
        format!("{} {}", line.counterparty, line.description)
    }
}

/// Plaid's category of what the company calls its own.
fn category(line: &BankLine) -> (&'static str, &'static str) {
    match (line.kind, line.category.as_str()) {
        (Kind::InternalTransfer, _) if line.pence < 0 => ("TRANSFER_OUT", "TRANSFER_OUT_SAVINGS"),
        (Kind::InternalTransfer, _) => ("TRANSFER_IN", "TRANSFER_IN_SAVINGS"),
        (Kind::Settlement, "card_settlement") => ("LOAN_PAYMENTS", "LOAN_PAYMENTS_CREDIT_CARD_PAYMENT"),
        (Kind::Settlement, _) => ("TRANSFER_IN", "TRANSFER_IN_ACCOUNT_TRANSFER"),
        (Kind::Financing, "loan_repayment") => ("LOAN_PAYMENTS", "LOAN_PAYMENTS_OTHER_PAYMENT"),
        (Kind::Financing, "dividends") => ("TRANSFER_OUT", "TRANSFER_OUT_OTHER_TRANSFER_OUT"),
        (Kind::Financing, _) => ("TRANSFER_IN", "TRANSFER_IN_CASH_ADVANCES_AND_LOANS"),
        (Kind::Tax, _) => ("GOVERNMENT_AND_NON_PROFIT", "GOVERNMENT_AND_NON_PROFIT_TAX_PAYMENT"),
        (Kind::Revenue, "interest") => ("INCOME", "INCOME_INTEREST_EARNED"),
        (Kind::Revenue, _) => ("INCOME", "INCOME_OTHER_INCOME"),
        (_, "rent") => ("RENT_AND_UTILITIES", "RENT_AND_UTILITIES_RENT"),
        (_, "travel") => ("TRAVEL", "TRAVEL_LODGING"),
        (_, "vehicles") => ("TRANSPORTATION", "TRANSPORTATION_GAS"),
        (_, "loan_interest") => ("BANK_FEES", "BANK_FEES_INTEREST_CHARGE"),
        (_, "office_supplies") => ("GENERAL_MERCHANDISE", "GENERAL_MERCHANDISE_OFFICE_SUPPLIES"),
        _ => ("GENERAL_SERVICES", "GENERAL_SERVICES_OTHER_GENERAL_SERVICES"),
    }
}

pub fn accounts(world: &World, item: &Item) -> Vec<Value> {
    world.look(|facts, now| {
        let mut posted: BTreeMap<Ledger, (i64, i64)> = BTreeMap::new();
        for ((ledger, _), line) in truth::standing(facts, now) {
            let sums = posted.entry(ledger).or_default();
            let sum = if line.pending { &mut sums.1 } else { &mut sums.0 };
            *sum += line.pence;
        }
        LEDGERS
            .iter()
            .map(|ledger| account(facts, item, *ledger, posted.get(ledger).copied().unwrap_or_default()))
            .collect()
    })
}

fn account(facts: &Facts, item: &Item, ledger: Ledger, (posted, pending): (i64, i64)) -> Value {
    let (kind, subtype, mask) = match ledger {
        Ledger::Card => ("credit", "credit card", "8804"),
        Ledger::Savings => ("depository", "savings", "9958"),
        _ => ("depository", "checking", "9931"),
    };
    // What is owed on a card is positive.
    let (current, available) = if ledger == Ledger::Card { (-posted, None) } else { (posted, Some(posted + pending)) };
    json!({
        "account_id": account_id(facts, item, ledger),
        "balances": {
            "available": available.map(decimal_number),
            "current": decimal_number(current),
            "iso_currency_code": "GBP",
            "limit": null,
            "unofficial_currency_code": null,
        },
        "holder_category": "business",
        "mask": mask,
        "name": ledger.name(),
        "official_name": ledger.name(),
        "subtype": subtype,
        "type": kind,
    })
}

pub fn item_of_accounts(item: &Item) -> Value {
    json!({
        "available_products": ["balance"],
        "billed_products": ["transactions"],
        "consent_expiration_time": null,
        "error": null,
        "institution_id": INSTITUTION.0,
        "institution_name": INSTITUTION.1,
        "item_id": item.id,
        "update_type": "background",
        "webhook": item.webhook,
        "auth_method": "INSTANT_AUTH",
    })
}

pub fn item(world: &World, item: &Item) -> Value {
    let now = world.now().to_rfc3339_opts(SecondsFormat::Secs, true);
    json!({
        "item": {
            "created_at": item.created.to_rfc3339_opts(SecondsFormat::Secs, true),
            "available_products": ["balance"],
            "billed_products": ["transactions"],
            "products": ["transactions"],
            "error": item.trouble.map(|trouble| super::errors::of_trouble(trouble).body("")),
            "institution_id": INSTITUTION.0,
            "institution_name": INSTITUTION.1,
            "item_id": item.id,
            "update_type": "background",
            "webhook": item.webhook,
            "auth_method": null,
            "consented_products": ["transactions"],
            "consented_data_scopes": ["account_balance_info", "transactions"],
            "consented_use_cases": ["Track and manage your finances"],
            "consent_expiration_time": null,
        },
        "status": {
            "transactions": {"last_successful_update": now, "last_failed_update": null},
            "last_webhook": {"sent_at": now, "code_sent": "SYNC_UPDATES_AVAILABLE"},
        },
    })
}
