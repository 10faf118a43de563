//! What is known of a business when its transactions are decided: its rules, and what was learned from its choices.

use std::collections::HashMap;
use std::sync::Arc;

use domain::BusinessId;
use domain::meaning::{Facts, Learned, Ruleset, words_of};
use sqlx::PgPool;
use streams::log;
use streams::rules::RulesReader;
use streams::sealing::Keys;

use super::learn::{Example, Model};
use super::tables::{self, Standing};
use super::{Config, Failure};

/// Choices that are learned from, the newest of them.
const MOST_CHOICES: i64 = 2_000;
/// Businesses that are kept in memory.
const MOST_KEPT: usize = 1_000;
/// Events that are read at once.
const AT_ONCE: usize = 64;

#[derive(Debug, Default)]
pub(super) struct Brain {
    pub rules: Ruleset,
    model: Option<Model>,
}

impl Brain {
    /// Whether it decides nothing at all.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty() && self.model.is_none()
    }

    pub fn learned(&self, facts: &Facts<'_>) -> Option<Learned> {
        self.model.as_ref().and_then(|model| model.ask(facts.words, facts.amount))
    }
}

pub(super) struct Brains {
    pool: PgPool,
    keys: Keys,
    rules: RulesReader,
    kept: HashMap<BusinessId, Arc<Brain>>,
}

impl Brains {
    pub fn new(config: &Config) -> Self {
        let (pool, keys) = (config.pool.clone(), config.commands.keys().clone());
        Self { rules: RulesReader::new(pool.clone(), keys.clone()), pool, keys, kept: HashMap::new() }
    }

    pub const fn keys(&self) -> &Keys {
        &self.keys
    }

    pub fn forget(&mut self, business: BusinessId) {
        self.kept.remove(&business);
    }

    pub async fn of(&mut self, business: BusinessId) -> Result<Arc<Brain>, Failure> {
        if let Some(kept) = self.kept.get(&business) {
            return Ok(Arc::clone(kept));
        }
        let (rules, _) = self.rules.of(business).await?;
        let mut examples = Vec::new();
        let choices = tables::choices(&self.pool, business, MOST_CHOICES).await?;
        for (choice, words) in choices.iter().zip(self.words(&choices).await?) {
            examples.push(Example { id: choice.id, words, amount: choice.amount, meaning: choice.meaning.clone() });
        }
        let rules = Ruleset::new(rules.list().iter().cloned());
        let brain = Arc::new(Brain { rules, model: Model::learn(examples) });
        if self.kept.len() >= MOST_KEPT {
            self.kept.clear();
        }
        self.kept.insert(business, Arc::clone(&brain));
        Ok(brain)
    }

    /// What stands in the texts of each, opened.
    pub async fn words(&self, rows: &[Standing]) -> Result<Vec<String>, Failure> {
        let mut positions: Vec<_> = rows.iter().map(|row| row.position).collect();
        positions.sort_unstable();
        positions.dedup();
        let mut texts = HashMap::with_capacity(positions.len());
        for positions in positions.chunks(AT_ONCE) {
            for event in log::at_each(&self.pool, positions).await? {
                texts.insert(event.position, self.keys.texts_of(&event).await?);
            }
        }
        let words = |row: &Standing| {
            let first = usize::try_from(row.place).unwrap_or_default() * 3;
            let texts = texts.get(&row.position).and_then(|texts| texts.get(first..first + 3));
            words_of(texts.into_iter().flatten().map(Option::as_deref))
        };
        Ok(rows.iter().map(words).collect())
    }
}
