use chrono::{DateTime, TimeDelta, Utc};

use super::{Archived, MonthCommand, TokenHash};
use crate::access::Role;
use crate::meaning::Rule;
use crate::{AddresseeId, BusinessId, Currency, Email, FiscalMonth, InvitationId, RuleId, SeriesId, TimeZone, UserId};

#[derive(Debug, Clone)]
pub enum BusinessCommand {
    Register {
        id: BusinessId,
        name: String,
        base_currency: Currency,
        time_zone: TimeZone,
        fiscal_year_first_month: FiscalMonth,
        /// Its first owner; `None` for the local owner, who owns every business of the installation anyway.
        founder: Option<UserId>,
    },
    Rename {
        name: String,
    },
    ChangeTimeZone {
        time_zone: TimeZone,
    },
    ChangeFiscalYear {
        first_month: FiscalMonth,
    },
    Team(TeamCommand),
    Rules(RulesCommand),
    Month(MonthCommand),
    Records(RecordsCommand),
    /// `out`: these payments are none that come again, whatever they look like; `false` takes that back.
    RuleOutRecurring {
        series: SeriesId,
        out: bool,
    },
}

/// What its transactions mean.
#[derive(Debug, Clone)]
pub enum RulesCommand {
    /// Adds a rule or changes one. Before another one, or where it stands, or last.
    Set {
        rule: Rule,
        before: Option<RuleId>,
    },
    Delete {
        id: RuleId,
    },
    /// All of them in their new order.
    Order {
        ids: Vec<RuleId>,
    },
}

/// How records end, and how long they are kept.
#[derive(Debug, Clone)]
pub enum RecordsCommand {
    /// `confirmation`: the name of the business, as whoever asks for it has typed it. `grace`: what lies between this
    /// and the erasure, 30 days at most.
    RequestErasure {
        confirmation: String,
        grace: TimeDelta,
        now: DateTime<Utc>,
    },
    WithdrawErasure,
    /// From here on there is no way back.
    Erase {
        now: DateTime<Utc>,
    },
    /// `by`: the subject who asks for it.
    Hold {
        reason: String,
        by: String,
        now: DateTime<Utc>,
    },
    LiftHold {
        reason: String,
    },
    /// How long its history is kept, in months.
    Retain {
        months: u16,
    },
    /// This part of its history stands in a file, and leaves the history.
    Archive {
        archived: Archived,
        now: DateTime<Utc>,
    },
}

impl From<RecordsCommand> for BusinessCommand {
    fn from(command: RecordsCommand) -> Self {
        Self::Records(command)
    }
}

/// Who works in a business. `now` is when it was asked for: an invitation lasts from there.
#[derive(Debug, Clone)]
pub enum TeamCommand {
    Invite {
        invitation: InvitationId,
        email: Email,
        /// Whose key the address is sealed with.
        addressee: AddresseeId,
        role: Role,
        token: TokenHash,
        now: DateTime<Utc>,
    },
    /// With a new token, for another seven days.
    Resend {
        invitation: InvitationId,
        token: TokenHash,
        now: DateTime<Utc>,
    },
    Withdraw {
        invitation: InvitationId,
    },
    /// Whoever had these addresses was erased.
    EraseInvitee {
        emails: Vec<Email>,
    },
    /// `email` is an address of the user's that they have shown to be theirs.
    Accept {
        invitation: InvitationId,
        token: TokenHash,
        user: UserId,
        email: Email,
        now: DateTime<Utc>,
    },
    ChangeRole {
        user: UserId,
        role: Role,
    },
    Remove {
        user: UserId,
    },
    Leave {
        user: UserId,
    },
    RequireSecondFactor {
        required: bool,
    },
}
