//! Invoices, bills and credits, and what payments pay of them. They move no money.

use domain::Currency;
use domain::account::DocumentKind;
use rust_decimal::Decimal;

use super::map::{currency_of, number};
use super::shapes::{Line, Memo, Object};
use crate::provider::{Documents, Name, Paying, ProviderError, ReportedDocument};

const KINDS: [(&str, DocumentKind); 4] = [
    ("Invoice", DocumentKind::Invoice),
    ("Bill", DocumentKind::Bill),
    ("CreditMemo", DocumentKind::CreditMemo),
    ("VendorCredit", DocumentKind::VendorCredit),
];
/// Their lines name what they pay.
const PAYMENTS: [&str; 2] = ["Payment", "BillPayment"];

/// `None`: it is no document.
pub(super) fn kind_of(entity: &str) -> Option<DocumentKind> {
    KINDS.into_iter().find(|(name, _)| *name == entity).map(|(_, kind)| kind)
}

/// A document that is voided keeps its number and nothing else: it is taken back, as one that is deleted.
pub(super) fn document(
    (entity, kind): (&'static str, DocumentKind),
    from: &Object<'_>,
    home: Currency,
) -> Result<Documents, ProviderError> {
    let total = number(from.total_amt)?;
    if from.is_deleted() || total.is_zero() {
        return Ok(Documents { removed: vec![(entity, from.id.clone())], ..Documents::default() });
    }
    let open = from.remaining_credit.filter(|_| kind.is_credit()).or(from.balance);
    let open = open.map_or(Ok(total), |open| number(Some(open)))?;
    let text = |text: Option<&String>| text.filter(|text| !text.is_empty()).cloned();
    let who = from.customer_ref.as_ref().or(from.vendor_ref.as_ref());
    let memo = text(from.customer_memo.as_ref().and_then(Memo::text));
    let day = from.txn_date.ok_or_else(|| ProviderError::unintelligible(format!("{entity}.TxnDate")))?;
    let reported = ReportedDocument {
        entity,
        id: from.id.clone(),
        kind,
        day,
        due: from.due_date,
        total,
        open,
        currency: currency_of(entity, from, home)?,
        number: text(from.doc_number.as_ref()),
        counterparty: text(who.and_then(|who| who.name.as_ref())),
        memo: memo.or_else(|| text(from.private_note.as_ref())),
    };
    Ok(Documents { reported: vec![reported], ..Documents::default() })
}

/// What a payment pays: none where it moves no money any more. `None`: it is no payment.
pub(super) fn paying(entity: &'static str, from: &Object<'_>) -> Result<Option<Paying>, ProviderError> {
    if !PAYMENTS.contains(&entity) {
        return Ok(None);
    }
    let mut pays = Vec::new();
    if !from.is_deleted() && !number(from.total_amt)?.is_zero() {
        for line in &from.line {
            pays.extend(paid_by(line)?);
        }
    }
    Ok(Some(Paying { payment: (entity, from.id.clone()), pays }))
}

/// A line has one amount, and so one document.
fn paid_by(line: &Line<'_>) -> Result<Option<(Name, Decimal)>, ProviderError> {
    let named = |of: &str| KINDS.into_iter().find(|(name, _)| *name == of).map(|(name, _)| name);
    let document = line.linked_txn.iter().find_map(|linked| {
        let entity = named(linked.txn_type.as_deref()?)?;
        Some((entity, linked.txn_id.clone()?))
    });
    let Some(document) = document else { return Ok(None) };
    Ok(Some((document, number(line.amount)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(text: &str) -> Object<'_> {
        serde_json::from_str(text).unwrap()
    }

    fn told(entity: &'static str, text: &str) -> Documents {
        let kind = kind_of(entity).unwrap();
        document((entity, kind), &object(text), "USD".parse().unwrap()).unwrap()
    }

    #[test]
    fn what_is_left_of_a_credit_is_open() {
        let text = r#"{"Id": "73", "TxnDate": "2014-09-02", "TotalAmt": 100.0, "RemainingCredit": 40, "Balance": 0}"#;
        assert_eq!(told("CreditMemo", text).reported[0].open, Decimal::from(40));
        let text = r#"{"Id": "8", "TxnDate": "2014-09-02", "TotalAmt": 90, "Balance": 90.00}"#;
        assert_eq!(told("VendorCredit", text).reported[0].open, Decimal::from(90));
        let untold = r#"{"Id": "8", "TxnDate": "2014-09-02", "TotalAmt": 90}"#;
        assert_eq!(told("VendorCredit", untold).reported[0].open, Decimal::from(90), "nothing is taken of it yet");
    }

    #[test]
    fn what_is_voided_or_deleted_is_taken_back() {
        let voided = r#"{"Id": "7", "TxnDate": "2026-01-01", "TotalAmt": 0, "Balance": 0, "PrivateNote": "Voided"}"#;
        for text in [voided, r#"{"Id": "7", "status": "Deleted"}"#] {
            let said = told("Invoice", text);
            assert_eq!((said.reported.len(), said.removed), (0, vec![("Invoice", "7".to_owned())]), "{text}");
        }
    }

    #[test]
    fn a_payment_pays_each_document_that_a_line_names() {
        let text = r#"{"Id": "1", "TxnDate": "2026-01-01", "TotalAmt": 80, "Line": [
            {"Amount": 100, "LinkedTxn": [{"TxnId": "5", "TxnType": "Invoice"}]},
            {"Amount": 20.00, "LinkedTxn": [{"TxnId": "5", "TxnType": "CreditMemo"}]},
            {"Amount": 3, "LinkedTxn": [{"TxnId": "6", "TxnType": "JournalEntry"}]},
            {"Amount": 4}]}"#;
        let pays = paying("Payment", &object(text)).unwrap().unwrap().pays;
        let named: Vec<_> = pays.iter().map(|((entity, id), paid)| (*entity, id.as_str(), paid.to_string())).collect();
        assert_eq!(named, [("Invoice", "5", "100".to_owned()), ("CreditMemo", "5", "20.00".to_owned())]);
        let voided = text.replace("80", "0");
        assert!(paying("Payment", &object(&voided)).unwrap().unwrap().pays.is_empty(), "it moves no money any more");
        assert_eq!(paying("Deposit", &object(text)).unwrap(), None);
    }
}
