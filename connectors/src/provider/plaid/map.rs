//! A transaction of Plaid in our terms. The table stands in `docs/connectors.md`.

use domain::{Booked, Category, Currency, Kind};

use super::categories;
use super::shapes::Transaction;
use crate::provider::{ProviderError, Reported, from_number};

pub const ENTITY: &str = "transaction";

/// `otherwise`: the account's currency, where the transaction is in a unit that is none.
pub fn transaction(from: Transaction<'_>, otherwise: Currency) -> Result<Reported, ProviderError> {
    let unreadable = || ProviderError::unintelligible("transaction.amount is no decimal");
    let amount = -from_number(from.amount).map_err(|_| unreadable())?;
    let currency = match &from.iso_currency_code {
        Some(code) => code.parse().map_err(|_| ProviderError::unintelligible("transaction.iso_currency_code"))?,
        None => otherwise,
    };
    let (primary, detailed) = match &from.personal_finance_category {
        Some(category) => (category.primary.as_ref(), category.detailed.as_ref()),
        None => ("", ""),
    };
    let category = categories::place(primary, detailed).unwrap_or(detailed);
    let category = Category::from_label(category).or_else(|| Category::from_label("uncategorised"));
    let category = category.ok_or_else(|| ProviderError::unintelligible("transaction.personal_finance_category"))?;
    Ok(Reported {
        entity: ENTITY,
        id: from.transaction_id,
        replaces: from.pending_transaction_id,
        pending: from.pending,
        booked: Booked::Day(from.date),
        value_date: None,
        amount,
        currency,
        kind: kind(primary, detailed, amount.is_sign_positive()),
        provider_category: category.worded(detailed),
        category,
        description: from.name.filter(|text| !text.is_empty()),
        counterparty: from.merchant_name.filter(|text| !text.is_empty()),
        converted: None,
    })
}

/// By Plaid's category, and by the sign only where there is none. Money in that stands in a category of spending is an
/// expense given back.
fn kind(primary: &str, detailed: &str, money_in: bool) -> Kind {
    match (primary, detailed) {
        // What the tax office gives back was never earned.
        (_, "INCOME_TAX_REFUND" | "GOVERNMENT_AND_NON_PROFIT_TAX_PAYMENT") => Kind::Tax,
        ("INCOME", _) => Kind::Revenue,
        (_, "TRANSFER_IN_CASH_ADVANCES_AND_LOANS" | "TRANSFER_OUT_OTHER_TRANSFER_OUT") => Kind::Financing,
        ("TRANSFER_IN" | "TRANSFER_OUT", _) => Kind::InternalTransfer,
        (_, "LOAN_PAYMENTS_CREDIT_CARD_PAYMENT") => Kind::Settlement,
        ("LOAN_PAYMENTS" | "LOAN_DISBURSEMENTS", _) => Kind::Financing,
        ("", _) if money_in => Kind::Revenue,
        _ => Kind::Expense,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_tax_office_takes_and_gives_back_is_tax() {
        for (primary, detailed, wanted) in [
            ("INCOME", "INCOME_TAX_REFUND", Kind::Tax),
            ("GOVERNMENT_AND_NON_PROFIT", "GOVERNMENT_AND_NON_PROFIT_TAX_PAYMENT", Kind::Tax),
            ("INCOME", "INCOME_INTEREST_EARNED", Kind::Revenue),
            ("GOVERNMENT_AND_NON_PROFIT", "GOVERNMENT_AND_NON_PROFIT_DONATIONS", Kind::Expense),
        ] {
            assert_eq!(kind(primary, detailed, primary == "INCOME"), wanted, "{detailed}");
        }
        assert_eq!(categories::place("INCOME", "INCOME_TAX_REFUND"), Some("taxes"));
    }
}
