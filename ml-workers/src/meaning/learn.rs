//! Naive Bayes on the words of what a business's users chose.
//!
//! The same choices give the same model, whose name says which they were; a decision carries the name.

// Probabilities; no amount of money is computed here.
#![allow(clippy::float_arithmetic)]

use std::collections::{BTreeMap, BTreeSet};

use domain::TransactionId;
use domain::meaning::{Learned, Meaning};
use rust_decimal::Decimal;
use sha2::{Digest, Sha256};
use smartcore::linalg::basic::matrix::DenseMatrix;
use smartcore::naive_bayes::multinomial::{MultinomialNB, MultinomialNBParameters};

/// Below it nothing is learned: a few choices say nothing of the next transaction.
const LEAST_CHOICES: usize = 8;
/// Words that are told apart, the most frequent ones.
const MOST_WORDS: usize = 2_000;
/// Below it nothing is decided.
const LEAST_PERCENT: u8 = 80;
/// Words are not as independent as naive Bayes takes them to be, so that it is surer than it should be.
const MOST_PERCENT: u8 = 95;

/// A choice that stands.
#[derive(Debug, Clone)]
pub struct Example {
    pub id: TransactionId,
    /// By [`domain::meaning::words_of`].
    pub words: String,
    pub amount: Decimal,
    pub meaning: Meaning,
}

#[derive(Debug)]
pub struct Model {
    name: String,
    words: BTreeMap<String, usize>,
    meanings: Vec<Meaning>,
    /// By meaning: the logarithms of its share, and of each word's share in it.
    priors: Vec<f64>,
    shares: Vec<Vec<f64>>,
}

impl Model {
    /// `None` where there is too little to learn from.
    pub fn learn(mut examples: Vec<Example>) -> Option<Self> {
        examples.sort_by_key(|example| example.id);
        let meanings: Vec<_> =
            examples.iter().map(|example| &example.meaning).collect::<BTreeSet<_>>().into_iter().cloned().collect();
        if examples.len() < LEAST_CHOICES || meanings.len() < 2 {
            return None;
        }
        let words = vocabulary(&examples);
        let rows: Vec<Vec<u32>> =
            examples.iter().map(|example| counts(&words, &example.words, example.amount)).collect();
        let classes = examples.iter().map(|example| meanings.binary_search(&example.meaning).unwrap_or_default());
        let classes: Vec<u32> = classes.filter_map(|class| u32::try_from(class).ok()).collect();
        let matrix = DenseMatrix::from_2d_vec(&rows).ok()?;
        let learned = MultinomialNB::fit(&matrix, &classes, MultinomialNBParameters::default());
        let learned: MultinomialNB<u32, u32, DenseMatrix<u32>, Vec<u32>> = learned.ok()?;
        let all = share(examples.len());
        let priors = learned.class_count().iter().map(|count| share(*count) - all).collect();
        Some(Self { name: name(&examples), words, meanings, priors, shares: learned.feature_log_prob().clone() })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// What a transaction means by these words; `None` where they say too little.
    pub fn ask(&self, words: &str, amount: Decimal) -> Option<Learned> {
        if !tokens(words).any(|token| self.words.contains_key(token)) {
            return None;
        }
        let counts = counts(&self.words, words, amount);
        let likely: Vec<f64> =
            self.priors.iter().zip(&self.shares).map(|(prior, shares)| prior + sum(shares, &counts)).collect();
        let (best, most) = likely.iter().copied().enumerate().max_by(|(_, a), (_, b)| a.total_cmp(b))?;
        let others: f64 = likely.iter().map(|other| (other - most).exp()).sum();
        let percent = percent(1.0 / others);
        let to = self.meanings.get(best)?.clone();
        // Money that comes in is no expense, whatever its words.
        let way = to.kind.usual_sign().is_none_or(|sign| sign == amount.is_sign_positive());
        (percent >= LEAST_PERCENT && way).then(|| Learned { to, model: self.name.clone(), percent })
    }
}

fn sum(shares: &[f64], counts: &[u32]) -> f64 {
    shares.iter().zip(counts).filter(|(_, count)| **count > 0).map(|(share, count)| share * f64::from(*count)).sum()
}

fn share(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)).ln()
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 100")]
fn percent(probability: f64) -> u8 {
    ((probability * 100.0).floor().clamp(0.0, 100.0) as u8).min(MOST_PERCENT)
}

/// Words of at least three characters with a letter: numbers differ from one transaction to the next.
fn tokens(words: &str) -> impl Iterator<Item = &str> {
    let pieces = words.split(|c: char| !c.is_alphanumeric());
    pieces.filter(|piece| piece.chars().count() >= 3 && piece.chars().any(char::is_alphabetic))
}

/// The direction of the money, which no text has as a word.
const fn way(amount: Decimal) -> &'static str {
    if amount.is_sign_negative() { "-" } else { "+" }
}

fn vocabulary(examples: &[Example]) -> BTreeMap<String, usize> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for example in examples {
        for token in tokens(&example.words).collect::<BTreeSet<_>>() {
            *seen.entry(token).or_default() += 1;
        }
    }
    let mut words: Vec<_> = seen.into_iter().collect();
    words.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    words.truncate(MOST_WORDS);
    let words = words.into_iter().map(|(word, _)| word).chain(["+", "-"]);
    words.map(str::to_owned).zip(0..).collect()
}

fn counts(words: &BTreeMap<String, usize>, text: &str, amount: Decimal) -> Vec<u32> {
    let mut counts = vec![0; words.len()];
    for token in tokens(text).chain([way(amount)]) {
        if let Some(place) = words.get(token) {
            counts[*place] += 1;
        }
    }
    counts
}

/// Which choices it was learned from: no text is in it.
fn name(examples: &[Example]) -> String {
    let mut hash = Sha256::new();
    for example in examples {
        hash.update(example.id.as_uuid().as_bytes());
        hash.update(example.meaning.kind.as_str());
        hash.update(example.meaning.category.as_str());
    }
    let digest = hash.finalize();
    format!("nb1-{}-{}", examples.len(), hex::encode(&digest[..6]))
}

#[cfg(test)]
mod tests {
    use domain::Kind;

    use super::*;

    fn example(n: u8, words: &str, cents: i64, category: &str) -> Example {
        let kind = if cents < 0 { Kind::Expense } else { Kind::Revenue };
        let meaning = Meaning { kind, category: category.parse().unwrap() };
        Example {
            id: TransactionId::derive([[n].as_slice()]),
            words: words.to_owned(),
            amount: Decimal::new(cents, 2),
            meaning,
        }
    }

    fn examples() -> Vec<Example> {
        let hosting = (0..5).map(|n| example(n, &format!("nimbus cloud hosting invoice {n}"), -4_900, "software"));
        let coffee = (5..10).map(|n| example(n, &format!("green bean traders gmbh {n}"), -120_000, "purchases"));
        let sales = (10..14).map(|n| example(n, &format!("cafe order {n}"), 3_500, "sales"));
        hosting.chain(coffee).chain(sales).collect()
    }

    #[test]
    fn it_says_what_was_chosen_for_such_words() {
        let model = Model::learn(examples()).unwrap();
        let learned = model.ask("nimbus cloud hosting invoice 77", Decimal::new(-5_100, 2)).unwrap();
        assert_eq!(learned.to.category.as_str(), "software");
        assert!(learned.percent >= LEAST_PERCENT, "{learned:?}");
        assert_eq!(model.ask("something else entirely", Decimal::NEGATIVE_ONE), None);
        assert_eq!(model.ask("nimbus cloud hosting refund", Decimal::ONE), None, "money in is no expense");
    }

    #[test]
    fn the_same_choices_in_any_order_are_the_same_model() {
        let (one, mut turned) = (Model::learn(examples()).unwrap(), examples());
        turned.reverse();
        let other = Model::learn(turned).unwrap();
        assert_eq!(one.name(), other.name());
        let ask = |model: &Model| model.ask("green bean traders 99", Decimal::new(-100, 2));
        assert_eq!(ask(&one), ask(&other));
        assert!(ask(&one).is_some());
    }

    #[test]
    fn a_few_choices_say_nothing() {
        assert!(Model::learn(examples().into_iter().take(5).collect()).is_none());
        assert!(Model::learn(Vec::new()).is_none());
    }
}
