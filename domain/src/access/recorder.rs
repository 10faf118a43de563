use std::fmt;
use std::sync::Arc;

use super::Action;
use crate::security::SealedField;
use crate::{BusinessId, Code};

/// That somebody's rights did not suffice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    pub action: Action,
    /// One that they are a member of: of others not even their history hears.
    pub business: Option<BusinessId>,
    pub code: Code,
}

/// That somebody was shown what is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Viewed {
    pub business: BusinessId,
    pub field: SealedField,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    Refused(Refused),
    Viewed(Viewed),
}

/// Whoever records refusals and views. It travels with a principal, so that the one function of rights can tell it and
/// no handler has to.
#[derive(Clone)]
pub struct Recorder(Option<Arc<dyn Fn(Told) + Send + Sync>>);

impl Recorder {
    /// Nobody.
    pub(super) const NONE: Self = Self(None);

    pub fn new(tell: impl Fn(Told) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(tell)))
    }

    pub(super) fn tell(&self, told: Told) {
        if let Some(tell) = &self.0 {
            tell(told);
        }
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recorder")
    }
}

/// Who records says nothing about who asks.
impl PartialEq for Recorder {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Recorder {}
