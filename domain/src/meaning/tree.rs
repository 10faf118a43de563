//! The usual accounts of a small business, as a tree of categories.

use crate::{Category, Kind};

/// One category of the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node {
    pub key: &'static str,
    pub label: &'static str,
    /// `None`: a group. Transactions may stand in a group itself.
    pub parent: Option<&'static str>,
    pub kind: Kind,
}

const fn group(key: &'static str, label: &'static str, kind: Kind) -> Node {
    Node { key, label, parent: None, kind }
}

const fn leaf(key: &'static str, label: &'static str, parent: &'static str, kind: Kind) -> Node {
    Node { key, label, parent: Some(parent), kind }
}

/// Each group before what is in it.
pub const TREE: &[Node] = &[
    group("income", "Income", Kind::Revenue),
    leaf("sales", "Sales", "income", Kind::Revenue),
    leaf("services", "Services", "income", Kind::Revenue),
    leaf("subscriptions_sold", "Subscriptions sold", "income", Kind::Revenue),
    leaf("rent_received", "Rent received", "income", Kind::Revenue),
    leaf("interest_received", "Interest received", "income", Kind::Revenue),
    leaf("grants", "Grants", "income", Kind::Revenue),
    leaf("other_income", "Other income", "income", Kind::Revenue),
    leaf("refunds", "Refunds to customers", "income", Kind::Refund),
    leaf("disputes", "Disputes", "income", Kind::Refund),
    group("cost_of_sales", "Cost of sales", Kind::Expense),
    leaf("purchases", "Goods and materials", "cost_of_sales", Kind::Expense),
    leaf("subcontractors", "Subcontractors", "cost_of_sales", Kind::Expense),
    leaf("shipping", "Shipping and postage", "cost_of_sales", Kind::Expense),
    leaf("packaging", "Packaging", "cost_of_sales", Kind::Expense),
    leaf("payment_fees", "Payment and marketplace fees", "cost_of_sales", Kind::Expense),
    group("people", "People", Kind::Expense),
    leaf("payroll", "Wages and salaries", "people", Kind::Expense),
    leaf("pensions", "Pensions and benefits", "people", Kind::Expense),
    leaf("training", "Training", "people", Kind::Expense),
    group("premises", "Premises", Kind::Expense),
    leaf("rent", "Rent", "premises", Kind::Expense),
    leaf("utilities", "Energy and water", "premises", Kind::Expense),
    leaf("repairs", "Repairs and maintenance", "premises", Kind::Expense),
    leaf("cleaning", "Cleaning and waste", "premises", Kind::Expense),
    group("office", "Office", Kind::Expense),
    leaf("office_supplies", "Office supplies", "office", Kind::Expense),
    leaf("software", "Software and hosting", "office", Kind::Expense),
    leaf("telephone", "Telephone and internet", "office", Kind::Expense),
    leaf("equipment", "Equipment", "office", Kind::Expense),
    group("sales_and_marketing", "Sales and marketing", Kind::Expense),
    leaf("marketing", "Advertising", "sales_and_marketing", Kind::Expense),
    leaf("entertainment", "Meals and entertainment", "sales_and_marketing", Kind::Expense),
    group("travel_and_vehicles", "Travel and vehicles", Kind::Expense),
    leaf("travel", "Travel", "travel_and_vehicles", Kind::Expense),
    leaf("vehicles", "Vehicles and fuel", "travel_and_vehicles", Kind::Expense),
    group("professional", "Advice and insurance", Kind::Expense),
    leaf("accounting", "Accounting", "professional", Kind::Expense),
    leaf("legal", "Legal advice", "professional", Kind::Expense),
    leaf("insurance", "Insurance", "professional", Kind::Expense),
    leaf("memberships", "Memberships and licences", "professional", Kind::Expense),
    group("bank", "Bank", Kind::Expense),
    leaf("bank_fees", "Bank fees", "bank", Kind::Expense),
    leaf("interest_paid", "Interest paid", "bank", Kind::Expense),
    group("expense", "Other expenses", Kind::Expense),
    leaf("donations", "Donations", "expense", Kind::Expense),
    group("taxes", "Taxes", Kind::Tax),
    leaf("sales_tax", "VAT and sales tax", "taxes", Kind::Tax),
    leaf("payroll_tax", "Payroll tax and social security", "taxes", Kind::Tax),
    leaf("income_tax", "Income and corporation tax", "taxes", Kind::Tax),
    leaf("business_rates", "Rates and local taxes", "taxes", Kind::Tax),
    group("financing", "Financing", Kind::Financing),
    leaf("loan", "Loans", "financing", Kind::Financing),
    leaf("owner_contribution", "Owner's contribution", "financing", Kind::Financing),
    leaf("owner_drawing", "Owner's drawing", "financing", Kind::Financing),
    leaf("dividend", "Dividends", "financing", Kind::Financing),
    group("settlement", "Settlements", Kind::Settlement),
    leaf("payout", "Payouts", "settlement", Kind::Settlement),
    leaf("card_settlement", "Card settlements", "settlement", Kind::Settlement),
    leaf("invoice_payment", "Payments of invoices", "settlement", Kind::Settlement),
    leaf("sale_elsewhere", "Sales counted elsewhere", "settlement", Kind::Settlement),
    leaf("book_entry", "Entries of the books for money counted elsewhere", "settlement", Kind::Settlement),
    leaf("duplicate", "Lines counted elsewhere", "settlement", Kind::Settlement),
    group("transfer", "Transfers between own accounts", Kind::InternalTransfer),
];

fn node(key: &str) -> Option<&'static Node> {
    TREE.iter().find(|node| node.key == key)
}

/// The kind that the tree gives a category; `None` for one that is not in it.
pub fn usual_kind(category: &Category) -> Option<Kind> {
    node(category.as_str()).map(|node| node.kind)
}

/// How a category is called; its key in words where it is not in the tree.
pub fn label(key: &str) -> String {
    if let Some(node) = node(key) {
        return node.label.to_owned();
    }
    let words = key.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Categories that sources give what they know nothing of.
pub(crate) fn says_nothing(category: &Category) -> bool {
    matches!(category.as_str(), "income" | "expense" | "uncategorised")
}
