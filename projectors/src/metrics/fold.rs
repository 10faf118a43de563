//! The pure fold: events in, revisions, deltas and changes of cells out. No I/O, no clock, no random.
//!
//! What is laid up for each event depends on that event and the scope alone, so that any cut of the log into batches
//! gives the same rows, and an event that fails leaves nothing that another one needs.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use domain::account::{AccountEvent, Redecided, Synced};
use domain::business::BusinessEvent;
use domain::meaning::Share;
use domain::rates::RatesEvent;
use domain::transaction::{cause_of_addition, progress_day};
use domain::{AccountId, Amended, BusinessId, Cause, Sums, Transaction, TransactionId};
use streams::DomainEvent;
use streams::projection::{Notice, ProjectionError};

use super::cell::{Cell, Dim, Grain};
use super::folded::{CURRENT, Change, Closing, Delta, DeltaKey, Folded, Rate, Revision};
use super::scope::{Scope, Zones};
use super::sums::add;
use crate::decode::{Decoded, poison};

/// Folds events one after the other.
#[derive(Debug)]
pub struct Fold<'a, 's> {
    scope: &'s mut Scope,
    /// Days of revisions that stand, where a change of zone made them ambiguous.
    days: HashMap<TransactionId, NaiveDate>,
    /// Transactions that some event of this run amends or removes.
    closed_here: HashSet<TransactionId>,
    opened_here: HashMap<TransactionId, usize>,
    keep_revisions: bool,
    cell_index: HashMap<Cell<'a>, usize>,
    /// By cell, the index of its newest change.
    newest_change: Vec<usize>,
    folded: Folded<'a>,
}

impl<'a, 's> Fold<'a, 's> {
    /// `days`: of the revisions that [`ambiguous`] named. Without `keep_revisions` only figures are laid up.
    pub fn new(
        scope: &'s mut Scope,
        events: &[Decoded],
        days: HashMap<TransactionId, NaiveDate>,
        keep_revisions: bool,
    ) -> Self {
        let closed_here =
            if keep_revisions { earlier(events).map(|(_, was)| was.id).collect() } else { HashSet::new() };
        Self {
            scope,
            days,
            closed_here,
            opened_here: HashMap::new(),
            keep_revisions,
            cell_index: HashMap::new(),
            newest_change: Vec::new(),
            folded: Folded::default(),
        }
    }

    pub fn finish(mut self) -> Folded<'a> {
        self.folded.changes.retain(|change| !change.sums.is_zero());
        self.folded
    }

    /// # Errors
    /// Poison: an account or business that the log never named, or a sum that does not fit.
    pub fn apply(&mut self, event: &'a Decoded) -> Result<(), ProjectionError> {
        match &event.event {
            DomainEvent::Business(BusinessEvent::Registered { time_zone, .. }) => {
                self.scope.register(event.business, *time_zone);
            }
            DomainEvent::Business(BusinessEvent::TimeZoneChanged { time_zone }) => {
                self.scope.change_zone(event.business, *time_zone).ok_or_else(|| unknown_business(event))?;
            }
            DomainEvent::Account(AccountEvent::Opened { id, business, .. }) => {
                self.scope.zones(*business).ok_or_else(|| unknown_business(event))?;
                self.scope.open(*id, *business);
            }
            DomainEvent::Account(AccountEvent::Synced(page)) if !page.is_empty() => self.apply_page(event, page)?,
            DomainEvent::Account(change) if !change.redecided().is_empty() => {
                self.apply_redecided(event, change.redecided())?;
            }
            DomainEvent::Rates(recorded) => self.apply_rates(event, recorded),
            _ => {}
        }
        Ok(())
    }

    fn apply_page(&mut self, event: &'a Decoded, page: &'a Synced) -> Result<(), ProjectionError> {
        let account = AccountId::from_uuid(event.aggregate);
        let zones = self.zones_of(account, event)?;
        let mut deltas = PageDeltas::default();
        let place = Place { account, event, zones: &zones };
        for (added, number) in page.added.iter().zip(0..) {
            let cause = cause_of_addition(progress_day(added.booked), page.known_until);
            self.put(&place, &mut deltas, zones.day(added.booked), (added, number), cause)?;
        }
        let after_added = i32::try_from(page.added.len()).unwrap_or(i32::MAX);
        for (amended, number) in page.amended.iter().zip((after_added..).step_by(2)) {
            let cause = amended.cause();
            let Amended { was, now, .. } = amended;
            self.take(&place, &mut deltas, (was, was.shares()), cause)?;
            self.put(&place, &mut deltas, zones.day(now.booked), (now, number + 1), cause)?;
        }
        for removed in &page.removed {
            self.take(&place, &mut deltas, (removed, removed.shares()), Cause::Removed)?;
        }
        self.lay_up(&place, deltas, page.len())
    }

    /// Another meaning, of transactions or of their parts.
    fn apply_redecided(&mut self, event: &'a Decoded, changes: &'a [Redecided]) -> Result<(), ProjectionError> {
        let account = AccountId::from_uuid(event.aggregate);
        let zones = self.zones_of(account, event)?;
        let mut deltas = PageDeltas::default();
        let place = Place { account, event, zones: &zones };
        for (change, number) in changes.iter().zip(0..) {
            let now = &change.now;
            // Another meaning moves nothing to another day, whatever the zone is now.
            let day = self.day_of_earlier(&place, now)?;
            self.take(&place, &mut deltas, (now, change.shares_before()), Cause::Recategorised)?;
            self.put(&place, &mut deltas, day, (now, number), Cause::Recategorised)?;
        }
        self.lay_up(&place, deltas, changes.len())
    }

    fn apply_rates(&mut self, event: &Decoded, recorded: &RatesEvent) {
        let RatesEvent::Recorded { source, .. } = recorded;
        let (business, position, source) = (event.business, event.position, *source);
        self.folded.rates.extend(recorded.quoted().map(|quoted| Rate { business, quoted, source, position }));
        self.notice(event, 0);
    }

    fn lay_up(
        &mut self,
        place: &Place<'a, '_>,
        deltas: PageDeltas<'a>,
        transactions: usize,
    ) -> Result<(), ProjectionError> {
        let Place { account, event, .. } = *place;
        for (key, sums) in deltas.sums {
            let delta = Delta { business: event.business, key, account, position: event.position, sums };
            self.touch_cells(&delta).ok_or_else(|| does_not_fit(event.position))?;
            self.folded.deltas.push(delta);
        }
        self.notice(event, transactions);
        Ok(())
    }

    fn zones_of(&self, account: AccountId, event: &Decoded) -> Result<Zones, ProjectionError> {
        match self.scope.owner(account) {
            Some(owner) if owner == event.business => {}
            Some(owner) => {
                let reason = format!("account {account} belongs to business {owner}, not to {}", event.business);
                return Err(poison(event.position, reason));
            }
            None => return Err(poison(event.position, format!("account {account} was never opened"))),
        }
        self.scope.zones(event.business).cloned().ok_or_else(|| unknown_business(event))
    }

    fn put(
        &mut self,
        place: &Place<'a, '_>,
        deltas: &mut PageDeltas<'a>,
        day: NaiveDate,
        (transaction, number): (&'a Transaction, i32),
        cause: Cause,
    ) -> Result<(), ProjectionError> {
        for share in transaction.shares() {
            let added = deltas.add(day, (transaction, share), cause, false);
            added.ok_or_else(|| does_not_fit(place.event.position))?;
        }
        if place.zones.changed() {
            self.days.insert(transaction.id, day);
        }
        if self.keep_revisions {
            if self.closed_here.contains(&transaction.id) {
                self.opened_here.insert(transaction.id, self.folded.revisions.len());
            }
            self.folded.revisions.push(Revision {
                business: place.event.business,
                account: place.account,
                day,
                transaction,
                place: number,
                cause,
                valid_from: place.event.position,
                valid_to: CURRENT,
            });
        }
        Ok(())
    }

    fn take(
        &mut self,
        place: &Place<'a, '_>,
        deltas: &mut PageDeltas<'a>,
        (was, shares): (&'a Transaction, impl Iterator<Item = Share<'a>>),
        cause: Cause,
    ) -> Result<(), ProjectionError> {
        let position = place.event.position;
        let day = self.day_of_earlier(place, was)?;
        for share in shares {
            deltas.add(day, (was, share), cause, true).ok_or_else(|| does_not_fit(position))?;
        }
        if self.keep_revisions {
            match self.opened_here.remove(&was.id) {
                Some(index) => self.folded.revisions[index].valid_to = position,
                None => self.folded.closings.push(Closing { id: was.id, day, position }),
            }
        }
        Ok(())
    }

    fn day_of_earlier(&self, place: &Place<'a, '_>, was: &Transaction) -> Result<NaiveDate, ProjectionError> {
        if !place.zones.is_ambiguous(was.booked) {
            return Ok(place.zones.day(was.booked));
        }
        self.days.get(&was.id).copied().ok_or_else(|| {
            let reason =
                format!("the business changed its time zone and no row says on which day transaction {} stood", was.id);
            poison(place.event.position, reason)
        })
    }

    fn touch_cells(&mut self, delta: &Delta<'a>) -> Option<()> {
        let DeltaKey { day, category, kind, currency, cause, .. } = delta.key;
        let dims = [Dim::All, Dim::Category(category), Dim::Account(delta.account), Dim::Cause(cause)];
        for grain in Grain::ALL {
            let bucket = grain.bucket_of(day);
            for dim in dims {
                let cell = Cell { business: delta.business, grain, bucket, dim, kind, currency };
                self.touch(cell, delta)?;
            }
        }
        Some(())
    }

    fn touch(&mut self, cell: Cell<'a>, delta: &Delta<'a>) -> Option<()> {
        let folded = &mut self.folded;
        let index = *self.cell_index.entry(cell).or_insert_with(|| {
            folded.cells.push(cell);
            self.newest_change.push(usize::MAX);
            folded.cells.len() - 1
        });
        let newest = self.newest_change[index];
        match folded.changes.get_mut(newest) {
            Some(change) if change.position == delta.position => change.sums = add(change.sums, delta.sums)?,
            _ => {
                self.newest_change[index] = folded.changes.len();
                folded.changes.push(Change { cell: index, position: delta.position, sums: delta.sums });
            }
        }
        Some(())
    }

    fn notice(&mut self, event: &Decoded, transactions: usize) {
        let transactions = u32::try_from(transactions).unwrap_or(u32::MAX);
        let position = event.position;
        match self.folded.notices.iter_mut().find(|notice| notice.business == event.business) {
            Some(notice) => {
                notice.position = position;
                notice.events += 1;
                notice.transactions = notice.transactions.saturating_add(transactions);
            }
            None => {
                self.folded.notices.push(Notice { business: event.business, position, events: 1, transactions });
            }
        }
    }
}

/// Where a page's transactions belong.
struct Place<'a, 'z> {
    account: AccountId,
    event: &'a Decoded,
    zones: &'z Zones,
}

/// A page's deltas in the order in which it names them.
#[derive(Default)]
struct PageDeltas<'a> {
    sums: Vec<(DeltaKey<'a>, Sums)>,
    index: HashMap<DeltaKey<'a>, usize>,
}

impl<'a> PageDeltas<'a> {
    fn add(
        &mut self,
        day: NaiveDate,
        (transaction, share): (&'a Transaction, Share<'a>),
        cause: Cause,
        taken: bool,
    ) -> Option<()> {
        let (category, kind) = (share.category.as_str(), share.kind);
        let key = DeltaKey { day, category, kind, currency: transaction.currency, cause, taken };
        let one = share.sums();
        let one = if taken { -one } else { one };
        match self.index.get(&key) {
            Some(&at) => self.sums[at].1 = add(self.sums[at].1, one)?,
            None => {
                self.index.insert(key, self.sums.len());
                self.sums.push((key, one));
            }
        }
        Some(())
    }
}

/// Earlier revisions that the events take back, with their business.
fn earlier(events: &[Decoded]) -> impl Iterator<Item = (BusinessId, &Transaction)> {
    events.iter().flat_map(|event| {
        let (amended, removed, redecided): (&[Amended], &[Transaction], &[Redecided]) = match &event.event {
            DomainEvent::Account(AccountEvent::Synced(page)) => (&page.amended, &page.removed, &[]),
            DomainEvent::Account(change) => (&[], &[], change.redecided()),
            _ => (&[], &[], &[]),
        };
        let amended = amended.iter().map(|amended| &amended.was);
        // Day and identity are those of before.
        let redecided = redecided.iter().map(|redecided| &redecided.now);
        amended.chain(removed).chain(redecided).map(move |was| (event.business, was))
    })
}

/// Transactions whose standing revision must be asked for its day. Events after a change of zone must be asked for
/// anew: no event but the last may change one.
pub fn ambiguous(events: &[Decoded], scope: &Scope) -> Vec<TransactionId> {
    let ambiguous = |(business, was): &(BusinessId, &Transaction)| {
        scope.zones(*business).is_some_and(|zones| zones.changed() && zones.is_ambiguous(was.booked))
    };
    earlier(events).filter(ambiguous).map(|(_, was)| was.id).collect()
}

fn unknown_business(event: &Decoded) -> ProjectionError {
    poison(event.position, format!("business {} was never registered", event.business))
}

pub(super) fn does_not_fit(position: i64) -> ProjectionError {
    poison(position, "a sum does not fit 28 digits")
}
