//! Items: what a user's Link session made, and in which state it is.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::simulator::World;

/// How long after linking nothing is there yet.
const FIRST_AFTER: TimeDelta = TimeDelta::seconds(2);
/// Until when only the last 30 days are, where nobody at the controls says otherwise. Plaid itself may take hours.
const ALL_AFTER: i64 = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    LoginRequired,
    ConsentExpired,
    Revoked,
    InstitutionDown,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    pub id: String,
    pub access_token: String,
    pub webhook: Option<String>,
    pub created: DateTime<Utc>,
    /// How far back its history goes.
    pub days: i64,
    pub trouble: Option<Trouble>,
    /// Seconds after which all history is there.
    #[serde(default = "all_after")]
    pub all_after: i64,
    /// Its accounts and transactions have ids of their own, as those of a second Item of the same bank have.
    #[serde(default)]
    pub renamed: bool,
}

const fn all_after() -> i64 {
    ALL_AFTER
}

impl Item {
    /// From when the last 30 days are there.
    pub fn first_at(&self) -> DateTime<Utc> {
        self.created + FIRST_AFTER
    }

    /// From when all history is there.
    pub fn all_at(&self) -> DateTime<Utc> {
        self.created + TimeDelta::try_seconds(self.all_after).unwrap_or(TimeDelta::MAX)
    }

    pub fn status(&self, now: DateTime<Utc>) -> &'static str {
        if now < self.first_at() {
            "NOT_READY"
        } else if now < self.all_at() {
            "INITIAL_UPDATE_COMPLETE"
        } else {
            "HISTORICAL_UPDATE_COMPLETE"
        }
    }
}

/// What a Link session asked for.
#[derive(Debug, Clone)]
pub struct LinkSession {
    pub token: String,
    pub webhook: Option<String>,
    pub redirect_uri: Option<String>,
    /// Of a hosted session: where the browser goes when it ends.
    pub completion: Option<String>,
    /// What the session ended with.
    pub public_token: Option<String>,
    pub finished: bool,
    pub days: i64,
    pub until: DateTime<Utc>,
    /// Update mode: the Item that is repaired.
    pub repairs: Option<String>,
}

#[derive(Debug, Clone)]
pub struct PublicToken {
    pub token: String,
    pub webhook: Option<String>,
    pub days: i64,
    pub until: DateTime<Utc>,
}

#[derive(Debug, Default)]
pub struct Items {
    items: Vec<Item>,
    pub sessions: Vec<LinkSession>,
    pub public: Vec<PublicToken>,
    /// One was removed: whoever links the bank again gets other ids.
    removed: bool,
    /// Of Items that are made from now on.
    pub all_after: Option<i64>,
}

impl Items {
    pub fn remembered(items: Vec<Item>) -> Self {
        Self { items, ..Self::default() }
    }

    pub fn all(&self) -> &[Item] {
        &self.items
    }

    pub fn by_token(&self, token: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.access_token == token)
    }

    pub fn add(&mut self, item: Item) {
        self.items.push(item);
    }

    /// Whether the next Item is one more of a bank that was linked before.
    pub fn is_relink(&self) -> bool {
        self.removed || self.items.iter().any(|item| item.trouble == Some(Trouble::Revoked))
    }

    pub fn all_after(&self) -> i64 {
        self.all_after.unwrap_or(ALL_AFTER)
    }

    pub fn remove(&mut self, id: &str) {
        self.removed = true;
        self.items.retain(|item| item.id != id);
    }

    pub fn rotate(&mut self, id: &str, token: &str) {
        for item in self.items.iter_mut().filter(|item| item.id == id) {
            token.clone_into(&mut item.access_token);
        }
    }

    pub fn trouble(&mut self, id: &str, trouble: Option<Trouble>) {
        for item in self.items.iter_mut().filter(|item| item.id == id) {
            item.trouble = trouble;
        }
    }

    /// The same trouble for every Item.
    pub fn trouble_all(&mut self, trouble: Option<Trouble>) {
        for item in &mut self.items {
            item.trouble = trouble;
        }
    }
}

pub fn access_token(world: &World) -> String {
    world.fresh("access-sandbox-")
}
