//! Objects of the books in our terms. The table stands in `docs/connectors.md`.
//!
//! What moves no money is no transaction: invoices, bills and credits are documents, and what pays them is read. A
//! transfer between what money lies on leaves the company what it had; one from a loan or to the owner does not. An
//! object that is voided, or that moves nothing any more, is taken back.

use axum::body::Bytes;
use domain::{Booked, Category, Currency, Kind};
use rust_decimal::Decimal;
use serde_json::value::RawValue;

use super::chart::Chart;
use super::documents;
use super::shapes::{Line, LineDetail, Object, Reference};
use crate::provider::{Converted, Documents, ProviderError, Reported, from_number};

/// Entities in the order in which they are listed: what moves money first.
pub(super) const ENTITIES: [&str; 12] = [
    "SalesReceipt",
    "Purchase",
    "RefundReceipt",
    "Payment",
    "BillPayment",
    "Deposit",
    "JournalEntry",
    "Transfer",
    "Invoice",
    "Bill",
    "CreditMemo",
    "VendorCredit",
];
/// Of these, what is owed: it is asked for however old it is.
pub(super) const OWED: [usize; 2] = [8, 9];
/// Of these, what is listed where the books were read before documents were: payments too, for their lines say what they
/// pay.
pub(super) const WITH_DOCUMENTS: [usize; 7] = [3, 4, 7, 8, 9, 10, 11];
/// Of a deposit, what other objects brought already: it moves from undeposited funds to the bank.
const OF_PAYMENTS: &str = "DepositOfPayments";

/// What an object says: transactions that stand, and those that do not, by entity and id.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    pub reported: Vec<Reported>,
    pub removed: Vec<(&'static str, String)>,
    pub documents: Documents,
    /// The answer that says it.
    pub payload: Bytes,
}

pub(super) fn object(
    entity: &'static str,
    from: &Object<'_>,
    home: Currency,
    chart: &Chart,
) -> Result<Said, ProviderError> {
    let mut said = Said::default();
    if let Some(kind) = documents::kind_of(entity) {
        said.documents = documents::document((entity, kind), from, home)?;
        return Ok(said);
    }
    said.documents.payments.extend(documents::paying(entity, from)?);
    if from.is_deleted() {
        said.removed.push((entity, from.id.clone()));
        if entity == "Deposit" {
            said.removed.push((OF_PAYMENTS, from.id.clone()));
        }
        return Ok(said);
    }
    for part in parts(entity, from, chart)? {
        if part.amount.is_zero() {
            said.removed.push((part.entity, from.id.clone()));
        } else {
            said.reported.push(reported(&part, from, home)?);
        }
    }
    Ok(said)
}

struct Part {
    entity: &'static str,
    amount: Decimal,
    kind: Kind,
    category: Option<String>,
}

fn parts(entity: &'static str, from: &Object<'_>, chart: &Chart) -> Result<Vec<Part>, ProviderError> {
    let total = || number(from.total_amt);
    let one = |amount: Decimal, kind: Kind, category: &str| {
        Ok(vec![Part { entity, amount, kind, category: Some(category.to_owned()) }])
    };
    match entity {
        "SalesReceipt" => one(total()?, Kind::Revenue, "sales"),
        "RefundReceipt" => one(-total()?, Kind::Refund, "refunds"),
        "Payment" => one(total()?, Kind::Revenue, "invoice_payments"),
        "BillPayment" => one(-total()?, Kind::Expense, "bill_payments"),
        "Purchase" => Ok(vec![purchase(entity, from, chart)?]),
        "Deposit" => deposit(entity, from, chart),
        "JournalEntry" => Ok(vec![journal(entity, from, chart)?]),
        "Transfer" => Ok(vec![transfer(entity, from, chart)?]),
        _ => Ok(Vec::new()),
    }
}

pub(super) fn number(text: Option<&RawValue>) -> Result<Decimal, ProviderError> {
    let amount = text.map(from_number).transpose();
    Ok(amount.map_err(|_| ProviderError::unintelligible("an amount is no decimal"))?.unwrap_or_default())
}

/// The account of the largest of some lines: what the whole is about.
fn largest<'a>(
    lines: impl Iterator<Item = &'a Line<'a>>,
    detail: impl Fn(&'a Line<'a>) -> Option<&'a LineDetail>,
) -> Result<Option<&'a Reference>, ProviderError> {
    let mut found: Option<(Decimal, &Reference)> = None;
    for line in lines {
        let Some(account) = detail(line).and_then(|detail| detail.account_ref.as_ref()) else { continue };
        let amount = number(line.amount)?.abs();
        if found.is_none_or(|(most, _)| amount > most) {
            found = Some((amount, account));
        }
    }
    Ok(found.map(|(_, account)| account))
}

/// Always positive there; a credit is money that a vendor gives back.
fn purchase(entity: &'static str, from: &Object<'_>, chart: &Chart) -> Result<Part, ProviderError> {
    let total = number(from.total_amt)?;
    let amount = if from.credit == Some(true) { total } else { -total };
    let account = largest(from.line.iter(), |line| line.account_based_expense_line_detail.as_ref())?;
    let kind = account.map_or(Kind::Expense, |of| chart.kind(&of.value, amount.is_sign_positive(), Kind::Expense));
    Ok(Part { entity, amount, kind, category: account.and_then(|account| account.name.clone()) })
}

/// Lines that stand for themselves earn; the rest was counted where it was paid.
fn deposit(entity: &'static str, from: &Object<'_>, chart: &Chart) -> Result<Vec<Part>, ProviderError> {
    let own = || from.line.iter().filter(|line| line.linked_txn.is_empty());
    let mut amount = Decimal::ZERO;
    for line in own() {
        amount += number(line.amount)?;
    }
    let account = largest(own(), |line| line.deposit_line_detail.as_ref())?;
    let kind = account.map_or(Kind::Revenue, |of| chart.kind(&of.value, amount.is_sign_positive(), Kind::Revenue));
    let rest = number(from.total_amt)? - amount;
    Ok(vec![
        Part { entity, amount, kind, category: account.and_then(|account| account.name.clone()) },
        Part { entity: OF_PAYMENTS, amount: rest, kind: Kind::Settlement, category: Some("deposits".to_owned()) },
    ])
}

/// Debits of bank and card less their credits; what it is about says the largest line of the other side.
fn journal(entity: &'static str, from: &Object<'_>, chart: &Chart) -> Result<Part, ProviderError> {
    let detail = |line: &'_ Line<'_>| -> Option<(String, bool)> {
        let detail = line.journal_entry_line_detail.as_ref()?;
        Some((detail.account_ref.as_ref()?.value.clone(), detail.posting_type.as_deref() == Some("Debit")))
    };
    let mut amount = Decimal::ZERO;
    for line in &from.line {
        if let Some((account, is_debit)) = detail(line)
            && chart.is_money(&account)
        {
            let posted = number(line.amount)?;
            amount += if is_debit { posted } else { -posted };
        }
    }
    let others = from.line.iter().filter(|line| detail(line).is_some_and(|(account, _)| !chart.is_money(&account)));
    let account = largest(others, |line| line.journal_entry_line_detail.as_ref())?;
    let kind =
        account.map_or(Kind::InternalTransfer, |of| chart.kind(&of.value, amount.is_sign_positive(), Kind::Settlement));
    Ok(Part { entity, amount, kind, category: account.and_then(|account| account.name.clone()) })
}

/// The books are one account: between bank, card and cash nothing is moved.
fn transfer(entity: &'static str, from: &Object<'_>, chart: &Chart) -> Result<Part, ProviderError> {
    let is_money = |of: &Option<Reference>| of.as_ref().is_some_and(|of| chart.is_money(&of.value));
    let moved = number(from.amount)?;
    let (amount, other) = match (is_money(&from.from_account_ref), is_money(&from.to_account_ref)) {
        (true, false) => (-moved, from.to_account_ref.as_ref()),
        (false, true) => (moved, from.from_account_ref.as_ref()),
        _ => (Decimal::ZERO, None),
    };
    let kind =
        other.map_or(Kind::InternalTransfer, |of| chart.kind(&of.value, amount.is_sign_positive(), Kind::Settlement));
    Ok(Part { entity, amount, kind, category: other.and_then(|other| other.name.clone()) })
}

pub(super) fn currency_of(entity: &str, from: &Object<'_>, home: Currency) -> Result<Currency, ProviderError> {
    let Some(of) = &from.currency_ref else { return Ok(home) };
    of.value.parse().map_err(|_| ProviderError::unintelligible(format!("{entity}.CurrencyRef")))
}

fn reported(part: &Part, from: &Object<'_>, home: Currency) -> Result<Reported, ProviderError> {
    let missing = |what: &str| ProviderError::unintelligible(format!("{}.{what}", part.entity));
    let currency = currency_of(part.entity, from, home)?;
    let category = part.category.as_deref().and_then(Category::from_label);
    let category = category.or_else(|| Category::from_label("uncategorised")).ok_or_else(|| missing("category"))?;
    let who = from.customer_ref.as_ref().or(from.vendor_ref.as_ref()).or(from.entity_ref.as_ref());
    let of_line = || from.line.iter().find_map(|line| line.description.clone());
    let description = from.private_note.clone().or_else(of_line).or_else(|| from.doc_number.clone());
    Ok(Reported {
        entity: part.entity,
        id: from.id.clone(),
        replaces: None,
        pending: false,
        booked: Booked::Day(from.txn_date.ok_or_else(|| missing("TxnDate"))?),
        value_date: None,
        amount: part.amount,
        currency,
        kind: part.kind,
        provider_category: part.category.as_deref().and_then(|name| category.worded(name)),
        category,
        description: description.filter(|text| !text.is_empty()),
        counterparty: who.and_then(|who| who.name.clone()).filter(|text| !text.is_empty()),
        converted: converted(from, currency, home),
    })
}

/// What the books converted an object in another currency with. A rate that is not understood is none.
fn converted(from: &Object<'_>, currency: Currency, home: Currency) -> Option<Converted> {
    let rate = from_number(from.exchange_rate?).ok()?;
    (currency != home).then_some(Converted { from: currency, to: home, rate })
}

#[cfg(test)]
mod tests {
    use domain::account::DocumentKind;
    use serde_json::Value;

    use super::*;

    fn said(entity: &'static str, text: &str, chart: &Chart) -> Said {
        object(entity, &serde_json::from_str(text).unwrap(), "USD".parse().unwrap(), chart).unwrap()
    }

    /// The objects of a payload, wherever it holds them.
    fn objects(payload: &Value, entity: &str) -> Vec<Value> {
        let body = payload.get("body").unwrap_or(payload);
        match (&body["QueryResponse"][entity], &body[entity]) {
            (Value::Array(list), _) => list.clone(),
            (_, one @ Value::Object(_)) => vec![one.clone()],
            _ => Vec::new(),
        }
    }

    /// A document is told with its day and its total, or taken back.
    fn is_told(documents: &Documents, kind: DocumentKind, wanted: &Value) {
        if wanted["deleted"] == true {
            return assert!(documents.reported.is_empty() && documents.removed.len() == 1, "{wanted}");
        }
        let [one] = documents.reported.as_slice() else { panic!("{wanted}") };
        assert_eq!((one.kind, one.day.to_string()), (kind, wanted["date"].as_str().unwrap().to_owned()));
        assert_eq!(one.total, wanted["total"].as_str().unwrap().parse().unwrap());
        assert!(one.open <= one.total && one.counterparty.is_some() && one.number.is_some(), "{one:?}");
    }

    #[test]
    fn every_payload_moves_the_money_that_is_expected() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/providers/quickbooks");
        let read = |name: &str| std::fs::read_to_string(format!("{folder}/{name}")).ok();
        let Some(expected) = read("expected.json") else { return println!("skipped: {folder} is not here") };
        let expected: Value = serde_json::from_str(&expected).unwrap();
        let mut seen = 0;
        for (name, of_file) in expected.as_object().unwrap().iter().filter(|(name, _)| !name.starts_with("scenario")) {
            let payload: Value = serde_json::from_str(&read(name).unwrap()).unwrap();
            for wanted in of_file["entities"].as_array().unwrap() {
                let entity = ENTITIES.into_iter().find(|entity| wanted["entity"] == *entity).unwrap();
                let all = objects(&payload, entity);
                let one = all.iter().find(|one| one["Id"] == wanted["source_id"]).unwrap();
                let said = said(entity, &one.to_string(), &Chart::default());
                let sum: Decimal = said.reported.iter().map(|one| one.amount).sum();
                if let Some(kind) = documents::kind_of(entity) {
                    is_told(&said.documents, kind, wanted);
                }
                if wanted["deleted"] == true {
                    let name_of = (entity, one["Id"].as_str().unwrap().to_owned());
                    let gone = said.removed.contains(&name_of) || said.documents.removed.contains(&name_of);
                    assert!(said.reported.is_empty() && gone, "{name}");
                } else {
                    assert_eq!(sum, wanted["cash_amount"].as_str().unwrap().parse().unwrap(), "{name} {wanted}");
                    let days: Vec<_> = said.reported.iter().map(|one| one.booked.to_string()).collect();
                    assert!(days.iter().all(|day| wanted["date"] == **day), "{name}");
                }
                seen += 1;
            }
        }
        assert!(seen > 15, "{seen}");
    }

    #[test]
    fn a_payment_in_another_currency_says_what_it_was_converted_with() {
        let payment = |currency: &str, rate: &str| {
            let text = format!(
                r#"{{"Id": "7", "TxnDate": "2026-01-01", "TotalAmt": 100, "ExchangeRate": {rate},
                "CurrencyRef": {{"value": "{currency}", "name": "a currency"}}}}"#
            );
            said("Payment", &text, &Chart::default()).reported.remove(0)
        };
        let converted = payment("EUR", "1.1525").converted.unwrap();
        assert_eq!((converted.from.code(), converted.to.code()), ("EUR", "USD"));
        assert_eq!(converted.rate.to_string(), "1.1525");
        assert_eq!(payment("USD", "1").converted, None, "its own currency");
        assert_eq!(payment("EUR", "null").converted, None);
        assert_eq!(payment("EUR", "\"much\"").converted, None, "and the payment counts");
    }

    #[test]
    fn a_transfer_moves_money_where_one_side_is_no_money_of_the_company() {
        let chart = Chart::of(&[("35", "Bank", "Checking"), ("42", "Credit Card", "CreditCard"), ("3", "Equity", "")]);
        let moved = |from: &str, to: &str| {
            let text = format!(
                r#"{{"Id": "1", "TxnDate": "2026-01-01", "Amount": 250.00, "FromAccountRef": {{"value": "{from}"}},
                "ToAccountRef": {{"value": "{to}", "name": "Owner"}}}}"#
            );
            said("Transfer", &text, &chart)
        };
        assert_eq!(moved("35", "42").removed, [("Transfer", "1".to_owned())], "from bank to card");
        let drawn = moved("35", "3").reported.remove(0);
        assert_eq!((drawn.amount.to_string(), drawn.kind), ("-250.00".to_owned(), Kind::Financing));
        assert_eq!(moved("3", "35").reported[0].amount.to_string(), "250.00");
    }

    #[test]
    fn what_is_voided_is_taken_back() {
        let text = r#"{"Id": "7", "TxnDate": "2026-01-01", "TotalAmt": 0, "PrivateNote": "Voided"}"#;
        let said = said("Purchase", text, &Chart::default());
        assert_eq!((said.reported.len(), said.removed), (0, vec![("Purchase", "7".to_owned())]));
    }

    #[test]
    fn a_deposit_earns_what_was_not_counted_before() {
        let chart = Chart::of(&[("4", "Income", "SalesOfProductIncome"), ("5", "Equity", "OwnersEquity")]);
        let deposit = |account: &str| {
            format!(
                r#"{{"Id": "1", "TxnDate": "2026-01-01", "TotalAmt": 150.5, "Line": [
                {{"Amount": 100, "LinkedTxn": [{{"TxnId": "9", "TxnType": "Payment"}}]}},
                {{"Amount": 50.5, "DepositLineDetail": {{"AccountRef": {{"value": "{account}", "name": "Interest"}}}}}}]}}"#
            )
        };
        let kinds = |said: &Said| -> Vec<_> {
            said.reported.iter().map(|one| (one.entity, one.amount.to_string(), one.kind)).collect()
        };
        let of_payments = (OF_PAYMENTS, "100.0".to_owned(), Kind::Settlement);
        let earned = said("Deposit", &deposit("4"), &chart);
        assert_eq!(kinds(&earned), [("Deposit", "50.5".to_owned(), Kind::Revenue), of_payments.clone()]);
        let brought = said("Deposit", &deposit("5"), &chart);
        assert_eq!(kinds(&brought), [("Deposit", "50.5".to_owned(), Kind::Financing), of_payments]);
    }

    #[test]
    fn a_journal_moves_what_it_posts_to_bank_and_card() {
        let chart = Chart::of(&[("35", "Bank", "Checking"), ("8", "Other Current Liability", "SalesTaxPayable")]);
        let entry = |debit: &str, credit: &str| {
            let line = |posting: &str, account: &str| {
                format!(
                    r#"{{"Amount": 80, "JournalEntryLineDetail":
                    {{"PostingType": "{posting}", "AccountRef": {{"value": "{account}", "name": "VAT"}}}}}}"#
                )
            };
            let lines = [line("Debit", debit), line("Credit", credit)].join(",");
            said("JournalEntry", &format!(r#"{{"Id": "1", "TxnDate": "2026-01-01", "Line": [{lines}]}}"#), &chart)
        };
        let paid = entry("8", "35");
        assert_eq!((paid.reported[0].amount.to_string(), paid.reported[0].kind), ("-80".to_owned(), Kind::Tax));
        assert!(entry("8", "9").reported.is_empty(), "no money moved");
    }
}
