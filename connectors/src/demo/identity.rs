//! Who the demo business is: every identifier follows from the seed, so that the same seed is the same business.

use domain::{AccountId, BatchId, BusinessId, Currency, FiscalMonth, SourceId, TimeZone, TransactionId};

/// Which demo business: the same seed gives the same company, down to the last line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seed(pub u64);

/// The accounts of the demo business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ledger {
    /// The bank account that everything passes in the end.
    Current,
    /// What the card processor holds until it pays out.
    Processor,
    Savings,
    /// A credit card: a negative balance is owed.
    Card,
}

impl Ledger {
    pub const ALL: [Self; 4] = [Self::Current, Self::Processor, Self::Savings, Self::Card];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Current => "Business current account",
            Self::Processor => "Card payments",
            Self::Savings => "Tax and reserve savings",
            Self::Card => "Company card",
        }
    }

    /// The source's own name of the account.
    pub const fn external_id(self) -> &'static str {
        match self {
            Self::Current => "20-00-00 41209931",
            Self::Processor => "acct_harbourcoffee",
            Self::Savings => "20-00-00 41209958",
            Self::Card => "card ending 8804",
        }
    }
}

impl Seed {
    pub const NAME: &'static str = "Harbour Coffee Roasters";
    pub const SOURCE_NAME: &'static str = "Demo data";

    /// The same company, as its providers tell it.
    pub const CONNECTED_NAME: &'static str = "Harbour Coffee Roasters (connected)";

    pub fn business(self) -> BusinessId {
        BusinessId::from_uuid(self.derive(&["business"]).as_uuid())
    }

    pub fn connected_business(self) -> BusinessId {
        BusinessId::from_uuid(self.derive(&["connected business"]).as_uuid())
    }

    pub fn source(self) -> SourceId {
        SourceId::from_uuid(self.derive(&["source"]).as_uuid())
    }

    pub fn account(self, ledger: Ledger) -> AccountId {
        AccountId::from_uuid(self.derive(&["account", ledger.external_id()]).as_uuid())
    }

    pub(super) fn batch(self, ledger: Ledger, key: &str) -> BatchId {
        BatchId::from_uuid(self.derive(&["batch", ledger.external_id(), key]).as_uuid())
    }

    pub(super) fn transaction(self, ledger: Ledger, key: &str) -> TransactionId {
        self.derive(&["transaction", ledger.external_id(), key])
    }

    fn derive(self, parts: &[&str]) -> TransactionId {
        let seed = self.0.to_be_bytes();
        let head = [b"workdock demo".as_slice(), seed.as_slice()];
        TransactionId::derive(head.into_iter().chain(parts.iter().map(|part| part.as_bytes())))
    }
}

/// Pounds sterling, London, and a fiscal year from April.
pub fn settings() -> Settings {
    let parsed = ("GBP".parse(), "Europe/London".parse(), FiscalMonth::try_from(4));
    let (Ok(currency), Ok(time_zone), Ok(fiscal_month)) = parsed else {
        unreachable!("constants of ISO 4217, of the IANA database and of the calendar")
    };
    Settings { currency, time_zone, fiscal_month }
}

#[derive(Debug, Clone, Copy)]
pub struct Settings {
    pub currency: Currency,
    pub time_zone: TimeZone,
    pub fiscal_month: FiscalMonth,
}
