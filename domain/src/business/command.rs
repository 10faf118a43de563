use chrono::{DateTime, Utc};

use super::{MonthCommand, TokenHash};
use crate::access::Role;
use crate::meaning::Rule;
use crate::{BusinessId, Currency, Email, FiscalMonth, InvitationId, RuleId, TimeZone, UserId};

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

/// Who works in a business. `now` is when it was asked for: an invitation lasts from there.
#[derive(Debug, Clone)]
pub enum TeamCommand {
    Invite {
        invitation: InvitationId,
        email: Email,
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
