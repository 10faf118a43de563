//! What most tests begin with.

use domain::account::AccountCommand;
use domain::business::BusinessCommand;
use domain::{
    AccountId, BatchId, BusinessId, Category, Currency, FiscalMonth, Kind, SourceId, TimeZone, Transaction,
    TransactionId,
};
use rust_decimal::Decimal;
use streams::{Commands, Meta};

pub fn gbp() -> Currency {
    "GBP".parse().unwrap()
}

pub fn register(id: BusinessId) -> BusinessCommand {
    BusinessCommand::Register {
        id,
        name: "Ada's Bakery".into(),
        base_currency: gbp(),
        time_zone: TimeZone::UTC,
        fiscal_year_first_month: FiscalMonth::JANUARY,
        founder: None,
    }
}

pub fn open(id: AccountId, business: BusinessId) -> AccountCommand {
    let source = SourceId::new();
    AccountCommand::Open { id, business, source, name: "Current".into(), currency: gbp(), external_id: None }
}

pub fn line(name: &str, minor: i64) -> Transaction {
    Transaction {
        id: TransactionId::derive([name.as_bytes()]),
        booked: "2026-10-02".parse().unwrap(),
        value_date: None,
        pending: false,
        amount: Decimal::new(minor, 2),
        currency: gbp(),
        kind: Kind::Revenue,
        category: Category::from_label("sale").unwrap(),
        provider_category: None,
        decided: None,
        description: Some(format!("Sale {name} à la carte")),
        counterparty: None,
        reference: None,
        line: None,
    }
}

pub fn sync(reported: Vec<Transaction>) -> AccountCommand {
    AccountCommand::Sync { batch: BatchId::new(), to_cursor: None, reported, removed: vec![], told: vec![] }
}

/// An open account of a business of its own.
pub async fn account(commands: &Commands) -> (AccountId, Meta) {
    let (account, business) = (AccountId::new(), BusinessId::new());
    let meta = Meta::new(business, "owner");
    commands.account(account, open(account, business), &meta).await.unwrap();
    (account, meta)
}
