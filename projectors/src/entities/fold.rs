//! The pure fold: events in, patches of rows out, at most one for each row.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::account::AccountEvent;
use domain::business::BusinessEvent;
use domain::source::SourceEvent;
use domain::{AccountId, BatchId, BusinessId, Currency, FiscalMonth, SourceId, TimeZone};
use streams::DomainEvent;
use uuid::Uuid;

use super::told::{Page, Told};
use crate::decode::Decoded;

/// What changed in a row: fields that are `None` stay. `created` rows have all that must be there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct BusinessPatch {
    pub created: bool,
    /// The position of the event that named it.
    pub named_at: Option<i64>,
    pub base_currency: Option<Currency>,
    pub time_zone: Option<TimeZone>,
    pub fiscal_first_month: Option<FiscalMonth>,
    pub position: i64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct SourcePatch {
    /// Kind, and the position of the event that named it.
    pub created: Option<(BusinessId, &'static str, i64)>,
    /// The last that was said of either: it is disconnected, or it has new credentials.
    pub disconnected: bool,
    pub authorised: bool,
    pub position: i64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct AccountPatch {
    pub created: Option<OpenedAccount>,
    pub named_at: Option<i64>,
    pub closed: bool,
    /// The last that was said of it: the day from which on its balances differ, or that they agree.
    pub differs_from: Option<NaiveDate>,
    /// The position of the event that said it; 0 where none did.
    pub checked_at: i64,
    pub position: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OpenedAccount {
    pub business: BusinessId,
    pub source: SourceId,
    pub currency: Currency,
    pub opened_at: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BatchPatch {
    pub business: BusinessId,
    pub first_position: i64,
    pub last_position: i64,
    pub started_at: DateTime<Utc>,
    pub last_at: DateTime<Utc>,
    pub added: i64,
    pub amended: i64,
    pub removed: i64,
}

#[derive(Debug, Default)]
pub(super) struct Patches {
    pub businesses: BTreeMap<BusinessId, BusinessPatch>,
    pub sources: BTreeMap<Uuid, SourcePatch>,
    pub accounts: BTreeMap<AccountId, AccountPatch>,
    pub batches: BTreeMap<(BatchId, AccountId), BatchPatch>,
}

pub(super) fn fold(events: &[Decoded<Told>]) -> Patches {
    let mut patches = Patches::default();
    for event in events {
        let change = match &event.event {
            Told::Page(page) => {
                patches.apply_page(event, *page);
                continue;
            }
            Told::Change(change) => change,
        };
        match change {
            // Nothing of it is left to be changed.
            DomainEvent::Business(BusinessEvent::Erased) => {}
            DomainEvent::Business(change) => patches.apply_business(event, change),
            DomainEvent::Source(change) => patches.apply_source(event, change),
            DomainEvent::Account(change) => patches.apply_account(event, change),
            DomainEvent::Rates(_) | DomainEvent::Security(_) => {}
        }
    }
    patches
}

impl Patches {
    fn apply_business(&mut self, event: &Decoded<Told>, change: &BusinessEvent) {
        let patch = self.businesses.entry(event.business).or_default();
        patch.position = event.position;
        match change {
            BusinessEvent::Registered { id: _, name: _, base_currency, time_zone, fiscal_year_first_month } => {
                patch.created = true;
                patch.named_at = Some(event.position);
                patch.base_currency = Some(*base_currency);
                patch.time_zone = Some(*time_zone);
                patch.fiscal_first_month = Some(*fiscal_year_first_month);
            }
            BusinessEvent::Renamed { .. } => patch.named_at = Some(event.position),
            BusinessEvent::TimeZoneChanged { time_zone } => patch.time_zone = Some(*time_zone),
            BusinessEvent::FiscalYearChanged { first_month } => patch.fiscal_first_month = Some(*first_month),
            // Who works in it is kept beside the store (schema `access`), for every request to ask.
            BusinessEvent::MemberInvited { .. }
            | BusinessEvent::InvitationResent { .. }
            | BusinessEvent::InvitationWithdrawn { .. }
            | BusinessEvent::InviteeErased { .. }
            | BusinessEvent::MemberJoined { .. }
            | BusinessEvent::RoleChanged { .. }
            | BusinessEvent::MemberRemoved { .. }
            | BusinessEvent::MemberLeft { .. }
            | BusinessEvent::MonthClosed { .. }
            | BusinessEvent::MonthReopened { .. }
            | BusinessEvent::SecondFactorPolicyChanged { .. }
            // Holds are asked of the business itself, and its end is the runtime's.
            | BusinessEvent::ErasureRequested { .. }
            | BusinessEvent::ErasureWithdrawn
            | BusinessEvent::Erased
            | BusinessEvent::LegalHoldSet { .. }
            | BusinessEvent::LegalHoldLifted { .. }
            | BusinessEvent::RetentionChanged { .. }
            | BusinessEvent::HistoryArchived { .. } => {}
            // What comes again is kept by the worker that finds it.
            BusinessEvent::RecurringRuledOut { .. } => {}
            // Rules are the business's own state, asked for where they are needed.
            BusinessEvent::RuleSet { .. } | BusinessEvent::RuleDeleted { .. } | BusinessEvent::RulesOrdered { .. } => {}
        }
    }

    fn apply_source(&mut self, event: &Decoded<Told>, change: &SourceEvent) {
        let patch = self.sources.entry(event.aggregate).or_default();
        patch.position = event.position;
        match change {
            SourceEvent::Connected { business, kind, .. } => {
                patch.created = Some((*business, kind.as_str(), event.position));
            }
            SourceEvent::Disconnected { .. } => (patch.disconnected, patch.authorised) = (true, false),
            SourceEvent::Authorised { .. } => (patch.disconnected, patch.authorised) = (false, true),
            // How a source stands is asked of the source itself.
            SourceEvent::HealthChanged { .. } => {}
        }
    }

    fn apply_account(&mut self, event: &Decoded<Told>, change: &AccountEvent) {
        let patch = self.accounts.entry(AccountId::from_uuid(event.aggregate)).or_default();
        patch.position = event.position;
        match change {
            AccountEvent::Opened { business, source, currency, .. } => {
                patch.named_at = Some(event.position);
                patch.created = Some(OpenedAccount {
                    business: *business,
                    source: *source,
                    currency: *currency,
                    opened_at: event.position,
                });
            }
            AccountEvent::Renamed { .. } => patch.named_at = Some(event.position),
            AccountEvent::Closed => patch.closed = true,
            AccountEvent::DriftFound(drift) => {
                (patch.differs_from, patch.checked_at) = (Some(drift.from), event.position);
            }
            AccountEvent::DriftEnded => (patch.differs_from, patch.checked_at) = (None, event.position),
            AccountEvent::Synced(_)
            | AccountEvent::Recategorised(_)
            | AccountEvent::Split(_)
            | AccountEvent::Unsplit(_)
            | AccountEvent::MatchRefused(_)
            | AccountEvent::PaidOut(_)
            | AccountEvent::DocumentsTold(_)
            | AccountEvent::Attached(_)
            | AccountEvent::Detached(_)
            | AccountEvent::MemoSet(_) => {}
        }
    }

    fn apply_page(&mut self, event: &Decoded<Told>, page: Page) {
        let key = (page.batch, AccountId::from_uuid(event.aggregate));
        let patch = self.batches.entry(key).or_insert_with(|| BatchPatch {
            business: event.business,
            first_position: event.position,
            last_position: event.position,
            started_at: event.known_at,
            last_at: event.known_at,
            added: 0,
            amended: 0,
            removed: 0,
        });
        patch.last_position = event.position;
        patch.last_at = event.known_at;
        patch.added += page.added;
        patch.amended += page.amended;
        patch.removed += page.removed;
    }
}
