//! Chance without surprise: each part of each day has dice of its own, so that a change of one part leaves all others
//! as they were.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

use super::Seed;

#[derive(Debug)]
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// `scope` names the part, `n` its day, customer or moment.
    pub fn of(seed: Seed, scope: &str, n: i64) -> Self {
        let mut hash = Sha256::new();
        hash.update(seed.0.to_be_bytes());
        hash.update(n.to_be_bytes());
        hash.update(scope);
        Self(ChaCha8Rng::from_seed(hash.finalize().into()))
    }

    /// Both ends included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.gen_range(low..=high.max(low))
    }

    /// True in so many cases of a thousand.
    pub fn permille(&mut self, chance: i64) -> bool {
        self.between(0, 999) < chance
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let last = i64::try_from(from.len()).unwrap_or(i64::MAX) - 1;
        let index = usize::try_from(self.between(0, last)).unwrap_or(0);
        &from[index]
    }

    /// The amount, up to so many thousandths more or less.
    pub fn around(&mut self, amount: i64, spread: i64) -> i64 {
        amount * self.between(1000 - spread, 1000 + spread) / 1000
    }

    /// A whole number whose mean is the given thousandths.
    pub fn count(&mut self, thousandths: i64) -> i64 {
        let expected = self.around(thousandths, 280);
        expected / 1000 + i64::from(self.permille(expected % 1000))
    }
}
