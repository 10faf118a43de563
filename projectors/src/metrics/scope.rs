//! What the fold must know of businesses and accounts: whose an account is, and which day a moment falls on.

use std::collections::HashMap;

use domain::{AccountId, Booked, BusinessId, TimeZone};

/// The zones that a business has counted its days in, the present one last.
///
/// A change of zone holds for transactions that are received after it: the days of earlier ones stay as they were
/// published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zones {
    earlier: Vec<TimeZone>,
    present: TimeZone,
}

impl Zones {
    pub fn new(present: TimeZone) -> Self {
        Self { earlier: Vec::new(), present }
    }

    /// From the stored list; `None` where it is empty.
    pub fn from_list(mut zones: Vec<TimeZone>) -> Option<Self> {
        let present = zones.pop()?;
        Some(Self { earlier: zones, present })
    }

    pub fn list(&self) -> impl Iterator<Item = TimeZone> + '_ {
        self.earlier.iter().copied().chain([self.present])
    }

    pub fn change(&mut self, present: TimeZone) {
        let before = std::mem::replace(&mut self.present, present);
        if !self.earlier.contains(&before) {
            self.earlier.push(before);
        }
    }

    pub fn changed(&self) -> bool {
        !self.earlier.is_empty()
    }

    /// The day of what is received now.
    pub fn day(&self, booked: Booked) -> chrono::NaiveDate {
        booked.day(self.present)
    }

    /// Whether a revision received earlier may stand on another day than one received now.
    pub fn is_ambiguous(&self, booked: Booked) -> bool {
        let day = self.day(booked);
        self.earlier.iter().any(|zone| booked.day(*zone) != day)
    }
}

/// Businesses and accounts by id, as far as they are loaded, and what a fold changed.
#[derive(Debug, Default)]
pub struct Scope {
    businesses: HashMap<BusinessId, Zones>,
    accounts: HashMap<AccountId, BusinessId>,
    pub(super) touched_businesses: Vec<BusinessId>,
    pub(super) opened_accounts: Vec<AccountId>,
}

impl Scope {
    /// More than this are not kept in memory between batches.
    const MOST: usize = 50_000;

    pub fn zones(&self, business: BusinessId) -> Option<&Zones> {
        self.businesses.get(&business)
    }

    pub fn owner(&self, account: AccountId) -> Option<BusinessId> {
        self.accounts.get(&account).copied()
    }

    /// Makes a stored business known.
    pub fn load_business(&mut self, business: BusinessId, zones: Zones) {
        self.businesses.insert(business, zones);
    }

    /// Makes a stored account known.
    pub fn load_account(&mut self, account: AccountId, business: BusinessId) {
        self.accounts.insert(account, business);
    }

    pub(super) fn register(&mut self, business: BusinessId, zone: TimeZone) {
        self.businesses.insert(business, Zones::new(zone));
        self.touched_businesses.push(business);
    }

    /// `None` where the business is unknown.
    pub(super) fn change_zone(&mut self, business: BusinessId, zone: TimeZone) -> Option<()> {
        self.businesses.get_mut(&business)?.change(zone);
        self.touched_businesses.push(business);
        Some(())
    }

    pub(super) fn open(&mut self, account: AccountId, business: BusinessId) {
        self.accounts.insert(account, business);
        self.opened_accounts.push(account);
    }

    /// After the changes were written: forgets them, and everything where that is too much to keep.
    pub(super) fn settle(&mut self) {
        self.touched_businesses.clear();
        self.opened_accounts.clear();
        if self.businesses.len() + self.accounts.len() > Self::MOST {
            *self = Self::default();
        }
    }
}
