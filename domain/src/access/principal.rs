use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use super::{Action, Recorder, Refused, Role, Told, Viewed};
use crate::security::SealedField;
use crate::{BusinessId, Code, KeyId, UserId};

/// Who asks. Made anew for each request from what is stored then, so that a right that was taken away is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    pub subject: Subject,
    pub assurance: Assurance,
    reach: Reach,
    /// What a machine's key was made for; a person is not limited.
    scopes: Option<BTreeSet<Action>>,
    recorder: Recorder,
}

/// Which businesses are theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Reach {
    /// The local owner: whoever can read the data folder holds everything in it anyway.
    Everything,
    Of(BTreeMap<BusinessId, Membership>),
}

/// What somebody is in one business.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    pub role: Role,
    /// The business asks its members for a second factor.
    pub needs_second_factor: bool,
}

/// How surely it is them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assurance {
    /// A password, or a link in a mail, alone.
    OneFactor,
    /// The password in the last ten minutes, of a user who has no second factor.
    Confirmed,
    /// A second factor, or a passkey, at sign-in, and not in the last ten minutes.
    TwoFactors,
    /// A second factor in the last ten minutes.
    SteppedUp,
}

impl Assurance {
    pub const fn has_second_factor(self) -> bool {
        matches!(self, Self::TwoFactors | Self::SteppedUp)
    }

    /// It is surely them, now: as surely as they can show it.
    pub const fn is_confirmed(self) -> bool {
        matches!(self, Self::Confirmed | Self::SteppedUp)
    }

    pub const fn is_stepped_up(self) -> bool {
        matches!(self, Self::SteppedUp)
    }
}

/// The name under which somebody stands in the audit history: `owner`, `user:<id>`, `key:<id>`, `system:<part>`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// The person who can read the data folder of this installation.
    LocalOwner,
    User(UserId),
    Key(KeyId),
    /// A part of the program that acts by itself.
    System(&'static str),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LocalOwner => f.write_str("owner"),
            Self::User(id) => write!(f, "user:{id}"),
            Self::Key(id) => write!(f, "key:{id}"),
            Self::System(part) => write!(f, "system:{part}"),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names nobody who can sign in")]
pub struct UnknownSubject(String);

/// Those who can sign in; a part of the program cannot.
impl FromStr for Subject {
    type Err = UnknownSubject;

    fn from_str(text: &str) -> Result<Self, UnknownSubject> {
        let id = |text: &str| Uuid::parse_str(text).ok();
        let subject = match text.split_once(':') {
            None if text == "owner" => Some(Self::LocalOwner),
            Some(("user", user)) => id(user).map(|user| Self::User(UserId::from_uuid(user))),
            Some(("key", key)) => id(key).map(|key| Self::Key(KeyId::from_uuid(key))),
            _ => None,
        };
        subject.ok_or_else(|| UnknownSubject(text.to_owned()))
    }
}

/// The session, or the key, that a request came with: what is begun in one is ended in the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionId(pub Uuid);

impl Principal {
    /// The person who can read the data folder of this installation: owner of every business in it.
    pub const fn local_owner() -> Self {
        Self {
            subject: Subject::LocalOwner,
            assurance: Assurance::SteppedUp,
            reach: Reach::Everything,
            scopes: None,
            recorder: Recorder::NONE,
        }
    }

    pub const fn user(id: UserId, assurance: Assurance, memberships: BTreeMap<BusinessId, Membership>) -> Self {
        Self {
            subject: Subject::User(id),
            assurance,
            reach: Reach::Of(memberships),
            scopes: None,
            recorder: Recorder::NONE,
        }
    }

    /// A machine with a key of one business. Whoever made the key had stepped up.
    pub fn key(id: KeyId, business: BusinessId, role: Role, scopes: BTreeSet<Action>) -> Self {
        let membership = Membership { role, needs_second_factor: false };
        Self {
            subject: Subject::Key(id),
            assurance: Assurance::SteppedUp,
            reach: Reach::Of(BTreeMap::from([(business, membership)])),
            scopes: Some(scopes),
            recorder: Recorder::NONE,
        }
    }

    /// What they are refused and shown from here on is told to `recorder`.
    #[must_use]
    pub fn recorded_by(self, recorder: Recorder) -> Self {
        Self { recorder, ..self }
    }

    pub(super) fn refused(&self, action: Action, business: Option<BusinessId>, code: Code) {
        let business = business.filter(|business| self.membership(*business).is_some());
        self.recorder.tell(Told::Refused(Refused { action, business, code }));
    }

    /// Says that they are shown what is sealed: called where an answer opens it.
    pub fn viewed(&self, field: SealedField, business: BusinessId) {
        self.recorder.tell(Told::Viewed(Viewed { business, field }));
    }

    pub fn membership(&self, business: BusinessId) -> Option<Membership> {
        match &self.reach {
            Reach::Everything => Some(Membership { role: Role::Owner, needs_second_factor: false }),
            Reach::Of(memberships) => memberships.get(&business).copied(),
        }
    }

    /// The businesses they are a member of; `None` for the local owner, whose they all are.
    pub const fn memberships(&self) -> Option<&BTreeMap<BusinessId, Membership>> {
        match &self.reach {
            Reach::Everything => None,
            Reach::Of(memberships) => Some(memberships),
        }
    }

    pub(super) fn has_scope(&self, action: Action) -> bool {
        self.scopes.as_ref().is_none_or(|scopes| scopes.contains(&action))
    }
}
