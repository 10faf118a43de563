//! Plaid's personal finance categories in the tree of a small business: each by its detailed name where that says
//! something, else by its primary one. The list: <https://plaid.com/documents/transactions-personal-finance-category-taxonomy.csv>.

/// Where it stands in the tree; `None` for what Plaid may add. Categories that only say "other" are placed where
/// nothing more is known, so that rules and what is learned decide.
pub fn place(primary: &str, detailed: &str) -> Option<&'static str> {
    let of = detailed.strip_prefix(primary).and_then(|rest| rest.strip_prefix('_')).unwrap_or_default();
    Some(match (primary, of) {
        ("INCOME", "INTEREST_EARNED") => "interest_received",
        ("INCOME", "TAX_REFUND") => "taxes",
        ("INCOME", _) => "income",
        ("TRANSFER_IN", "CASH_ADVANCES_AND_LOANS") | ("LOAN_DISBURSEMENTS", _) => "loan",
        ("TRANSFER_OUT", "OTHER_TRANSFER_OUT") => "financing",
        ("TRANSFER_IN" | "TRANSFER_OUT", _) => "transfer",
        ("LOAN_PAYMENTS", "CREDIT_CARD_PAYMENT") => "card_settlement",
        ("LOAN_PAYMENTS", _) => "loan",
        ("BANK_FEES", "INTEREST_CHARGE") => "interest_paid",
        ("BANK_FEES", _) => "bank_fees",
        ("FOOD_AND_DRINK" | "ENTERTAINMENT", _) => "entertainment",
        ("GENERAL_MERCHANDISE", "OFFICE_SUPPLIES") => "office_supplies",
        ("GENERAL_MERCHANDISE", "ELECTRONICS") | ("HOME_IMPROVEMENT", "FURNITURE" | "SECURITY") => "equipment",
        ("GENERAL_MERCHANDISE", "OTHER_GENERAL_MERCHANDISE") => "expense",
        ("GENERAL_MERCHANDISE", _) => "purchases",
        ("HOME_IMPROVEMENT", _) => "repairs",
        ("MEDICAL" | "PERSONAL_CARE", _) => "expense",
        ("GENERAL_SERVICES", "ACCOUNTING_AND_FINANCIAL_PLANNING") => "accounting",
        ("GENERAL_SERVICES", "AUTOMOTIVE") => "vehicles",
        ("GENERAL_SERVICES", "CONSULTING_AND_LEGAL") => "legal",
        ("GENERAL_SERVICES", "EDUCATION") => "training",
        ("GENERAL_SERVICES", "INSURANCE") => "insurance",
        ("GENERAL_SERVICES", "POSTAGE_AND_SHIPPING") => "shipping",
        ("GENERAL_SERVICES", "STORAGE") => "premises",
        ("GENERAL_SERVICES", _) => "expense",
        ("GOVERNMENT_AND_NON_PROFIT", "DONATIONS") => "donations",
        ("GOVERNMENT_AND_NON_PROFIT", "TAX_PAYMENT") => "taxes",
        ("GOVERNMENT_AND_NON_PROFIT", _) => "expense",
        ("TRANSPORTATION", "GAS" | "PARKING" | "TOLLS") => "vehicles",
        ("TRANSPORTATION" | "TRAVEL", _) => "travel",
        ("RENT_AND_UTILITIES", "RENT") => "rent",
        ("RENT_AND_UTILITIES", "INTERNET_AND_CABLE" | "TELEPHONE") => "telephone",
        ("RENT_AND_UTILITIES", "SEWAGE_AND_WASTE_MANAGEMENT") => "cleaning",
        ("RENT_AND_UTILITIES", _) => "utilities",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use domain::meaning::TREE;

    use super::*;

    #[test]
    fn each_stands_in_the_tree_and_what_is_new_keeps_its_own_name() {
        for (primary, detailed, wanted) in [
            ("RENT_AND_UTILITIES", "RENT_AND_UTILITIES_RENT", Some("rent")),
            ("FOOD_AND_DRINK", "FOOD_AND_DRINK_FAST_FOOD", Some("entertainment")),
            ("GENERAL_SERVICES", "GENERAL_SERVICES_OTHER_GENERAL_SERVICES", Some("expense")),
            ("INCOME", "INCOME_WAGES", Some("income")),
            ("TRANSFER_OUT", "TRANSFER_OUT_SAVINGS", Some("transfer")),
            ("MOON_FLIGHTS", "MOON_FLIGHTS_RETURN", None),
            ("", "", None),
        ] {
            let placed = place(primary, detailed);
            assert_eq!(placed, wanted, "{detailed}");
            assert!(placed.is_none_or(|key| TREE.iter().any(|node| node.key == key)), "{placed:?}");
        }
    }
}
