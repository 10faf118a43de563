use std::collections::HashSet;

use chrono::{DateTime, Utc};
use cqrs_es::DomainEvent;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Retention, Salt, SealedFigure, TokenHash};
use crate::access::Role;
use crate::meaning::{Meaning, When};
use crate::personal::{OwnText, Personal, Text};
use crate::{
    AddresseeId, BusinessId, Currency, Email, FiscalMonth, InvitationId, Month, RuleId, SeriesId, TimeZone, UserId,
};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event")]
pub enum BusinessEvent {
    #[serde(rename = "business.registered")]
    Registered {
        id: BusinessId,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        name: String,
        base_currency: Currency,
        time_zone: TimeZone,
        fiscal_year_first_month: FiscalMonth,
    },
    #[serde(rename = "business.renamed")]
    Renamed {
        #[serde(default, skip_serializing_if = "String::is_empty")]
        name: String,
    },
    #[serde(rename = "business.time_zone_changed")]
    TimeZoneChanged { time_zone: TimeZone },
    #[serde(rename = "business.fiscal_year_changed")]
    FiscalYearChanged { first_month: FiscalMonth },
    #[serde(rename = "business.member_invited")]
    MemberInvited {
        invitation: InvitationId,
        /// Sealed: who was invited is nobody else's to know.
        #[serde(default = "Email::absent", skip_serializing_if = "Email::is_absent")]
        email: Email,
        /// Whose key the address is sealed with besides the business's; none in events of before people had keys.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        addressee: Option<AddresseeId>,
        role: Role,
        token: TokenHash,
        expires_at: DateTime<Utc>,
    },
    /// The token before is worth nothing from here on.
    #[serde(rename = "business.invitation_resent")]
    InvitationResent { invitation: InvitationId, token: TokenHash, expires_at: DateTime<Utc> },
    #[serde(rename = "business.invitation_withdrawn")]
    InvitationWithdrawn { invitation: InvitationId },
    /// Whoever these went to was erased: their address is shown no more, and what was open of them is over.
    #[serde(rename = "business.invitee_erased")]
    InviteeErased { invitations: Vec<InvitationId> },
    /// Who registered the business joins without an invitation.
    #[serde(rename = "business.member_joined")]
    MemberJoined {
        user: UserId,
        role: Role,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        invitation: Option<InvitationId>,
    },
    #[serde(rename = "business.role_changed")]
    RoleChanged { user: UserId, was: Role, role: Role },
    #[serde(rename = "business.member_removed")]
    MemberRemoved { user: UserId },
    #[serde(rename = "business.member_left")]
    MemberLeft { user: UserId },
    /// Whether every member must have shown a second factor to see anything.
    #[serde(rename = "business.second_factor_policy_changed")]
    SecondFactorPolicyChanged { required: bool },
    /// Added, or changed where there is one of this id.
    #[serde(rename = "business.rule_set")]
    RuleSet {
        rule: RuleId,
        when: When,
        then: Meaning,
        /// Stands before this one from here on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<RuleId>,
    },
    #[serde(rename = "business.rule_deleted")]
    RuleDeleted { rule: RuleId },
    #[serde(rename = "business.rules_ordered")]
    RulesOrdered { rules: Vec<RuleId> },
    /// The month's figures as they were known at the position.
    #[serde(rename = "business.month_closed")]
    MonthClosed {
        month: Month,
        figures: Vec<SealedFigure>,
        position: i64,
        /// With the event's hash, what the report's code is made of.
        salt: Salt,
        /// A signed note over the log up to that position or a later one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        checkpoint: Option<String>,
    },
    #[serde(rename = "business.month_reopened")]
    MonthReopened {
        month: Month,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    /// These payments are none that come again, whatever they look like; or that is taken back.
    #[serde(rename = "business.recurring_ruled_out")]
    RecurringRuledOut { series: SeriesId, out: bool },
    /// Everything of it goes at `due_at`, unless that is withdrawn.
    #[serde(rename = "business.erasure_requested")]
    ErasureRequested { due_at: DateTime<Utc> },
    #[serde(rename = "business.erasure_withdrawn")]
    ErasureWithdrawn,
    /// Nothing of it may be read or kept from here on; the last of its events.
    #[serde(rename = "business.erased")]
    Erased,
    /// Nothing is erased while it stands.
    #[serde(rename = "business.legal_hold_set")]
    LegalHoldSet {
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
        by: String,
        since: DateTime<Utc>,
    },
    #[serde(rename = "business.legal_hold_lifted")]
    LegalHoldLifted {
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    /// How many months of its history are kept where people read it.
    #[serde(rename = "business.retention_changed")]
    RetentionChanged { months: Retention },
    /// A part of its history stands in a file with its proof, and left the history with this event.
    #[serde(rename = "business.history_archived")]
    HistoryArchived {
        file: String,
        first_position: i64,
        last_position: i64,
        /// Numbers among the events of the business.
        first_sequence: i64,
        last_sequence: i64,
        /// All of it was known before.
        before: DateTime<Utc>,
        /// Of the file, in hexadecimal digits.
        sha256: String,
        bytes: i64,
    },
}

impl BusinessEvent {
    /// The type of the event with which a business ends.
    pub const ERASED: &str = "business.erased";
    /// The type of the event with which a part of a history leaves it.
    pub const HISTORY_ARCHIVED: &str = "business.history_archived";
}

impl BusinessEvent {
    /// Takes the address out of an invitation that is one of these.
    pub fn forget_invitee(&mut self, of: &HashSet<InvitationId>) {
        if let Self::MemberInvited { invitation, email, .. } = self
            && of.contains(invitation)
        {
            *email = Email::erased();
        }
    }
}

impl DomainEvent for BusinessEvent {
    fn event_type(&self) -> String {
        match self {
            Self::Registered { .. } => "business.registered",
            Self::Renamed { .. } => "business.renamed",
            Self::TimeZoneChanged { .. } => "business.time_zone_changed",
            Self::FiscalYearChanged { .. } => "business.fiscal_year_changed",
            Self::MemberInvited { .. } => "business.member_invited",
            Self::InvitationResent { .. } => "business.invitation_resent",
            Self::InvitationWithdrawn { .. } => "business.invitation_withdrawn",
            Self::InviteeErased { .. } => "business.invitee_erased",
            Self::MemberJoined { .. } => "business.member_joined",
            Self::RoleChanged { .. } => "business.role_changed",
            Self::MemberRemoved { .. } => "business.member_removed",
            Self::MemberLeft { .. } => "business.member_left",
            Self::SecondFactorPolicyChanged { .. } => "business.second_factor_policy_changed",
            Self::RuleSet { .. } => "business.rule_set",
            Self::RuleDeleted { .. } => "business.rule_deleted",
            Self::RulesOrdered { .. } => "business.rules_ordered",
            Self::MonthClosed { .. } => "business.month_closed",
            Self::MonthReopened { .. } => "business.month_reopened",
            Self::RecurringRuledOut { .. } => "business.recurring_ruled_out",
            Self::ErasureRequested { .. } => "business.erasure_requested",
            Self::ErasureWithdrawn => "business.erasure_withdrawn",
            Self::Erased => Self::ERASED,
            Self::LegalHoldSet { .. } => "business.legal_hold_set",
            Self::LegalHoldLifted { .. } => "business.legal_hold_lifted",
            Self::RetentionChanged { .. } => "business.retention_changed",
            Self::HistoryArchived { .. } => Self::HISTORY_ARCHIVED,
        }
        .to_owned()
    }

    /// The second versions hold their texts sealed.
    fn event_version(&self) -> String {
        match self {
            Self::Registered { .. }
            | Self::Renamed { .. }
            | Self::MemberInvited { .. }
            | Self::MonthReopened { .. } => "2",
            _ => "1",
        }
        .to_owned()
    }
}

impl Personal for BusinessEvent {
    fn each_text(&mut self, visit: &mut dyn FnMut(Text<'_>)) {
        match self {
            Self::Registered { name, .. } | Self::Renamed { name } => visit(Text::Required(name)),
            Self::MemberInvited { email, .. } => visit(Text::Required(email.text())),
            Self::RuleSet { when, .. } => when.each_text(visit),
            Self::MonthReopened { reason, .. }
            | Self::LegalHoldSet { reason, .. }
            | Self::LegalHoldLifted { reason } => visit(Text::Required(reason)),
            Self::TimeZoneChanged { .. }
            | Self::FiscalYearChanged { .. }
            | Self::InvitationResent { .. }
            | Self::InvitationWithdrawn { .. }
            | Self::InviteeErased { .. }
            | Self::MemberJoined { .. }
            | Self::RoleChanged { .. }
            | Self::MemberRemoved { .. }
            | Self::MemberLeft { .. }
            | Self::SecondFactorPolicyChanged { .. }
            | Self::RuleDeleted { .. }
            | Self::RulesOrdered { .. }
            | Self::MonthClosed { .. }
            | Self::RecurringRuledOut { .. }
            | Self::ErasureRequested { .. }
            | Self::ErasureWithdrawn
            | Self::Erased
            | Self::RetentionChanged { .. }
            | Self::HistoryArchived { .. } => {}
        }
    }

    fn own_text(&mut self) -> Option<OwnText<'_>> {
        match self {
            Self::MemberInvited { email, addressee: Some(addressee), .. } => {
                Some(OwnText { whose: addressee.as_uuid(), text: email.text() })
            }
            _ => None,
        }
    }
}
