use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, PasswordHash, Version};
use domain::{Code, Problem};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep_until};

use super::Password;

/// 19 MiB, two passes, one lane: the floor of OWASP's Password Storage Cheat Sheet.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Hashes that may be computed at once: each takes 19 MiB and a core.
const AT_ONCE: usize = 8;

/// No wrong password is answered sooner: Argon2id takes a tenth of it, the bcrypt hash (cost 12) of an imported user most.
const WRONG_AFTER: Duration = Duration::from_millis(400);

/// Hashes and verifies, on threads of its own.
#[derive(Debug, Clone)]
pub struct Passwords {
    slots: Arc<Semaphore>,
    /// Of a password that nobody has.
    nobody: Arc<str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Wrong,
    Right,
    /// Right, and to be hashed anew: it is kept in a weaker way than new ones are.
    Weak,
}

impl Passwords {
    pub fn try_new() -> Result<Self, Problem> {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let nobody = compute(&uuid::Uuid::new_v4().to_string())?;
        Ok(Self { slots: Arc::new(Semaphore::new(cores.min(AT_ONCE))), nobody: nobody.into() })
    }

    /// The PHC string that is stored.
    pub async fn hash(&self, password: &Password) -> Result<String, Problem> {
        let password = password.clone();
        self.work(move || compute(password.expose())).await?
    }

    /// `stored`: none where there is no account or no password; the answer is then [`Verdict::Wrong`], after the same
    /// work and the same time, in whichever way the hash is kept.
    pub async fn verify(&self, stored: Option<&str>, password: &Password) -> Result<Verdict, Problem> {
        let wrong_at = Instant::now() + WRONG_AFTER;
        let (hash, exists) = (stored.unwrap_or(&self.nobody).to_owned(), stored.is_some());
        let password = password.clone();
        let verdict = self.work(move || judge(&hash, password.expose())).await?;
        if exists && verdict != Verdict::Wrong {
            return Ok(verdict);
        }
        sleep_until(wrong_at).await;
        Ok(Verdict::Wrong)
    }

    async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let slot = Arc::clone(&self.slots).acquire_owned().await.map_err(|_| broken(&"no slot"))?;
        let done = tokio::task::spawn_blocking(move || {
            let _slot = slot;
            work()
        });
        done.await.map_err(|error| broken(&error))
    }
}

fn argon2() -> Result<Argon2<'static>, argon2::Error> {
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(MEMORY_KIB, PASSES, LANES, None)?))
}

fn compute(password: &str) -> Result<String, Problem> {
    let hash = argon2().map_err(|error| broken(&error))?.hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string()).map_err(|error| broken(&error))
}

fn judge(stored: &str, password: &str) -> Verdict {
    if stored.starts_with("$2") {
        let right = bcrypt::verify(password, stored).unwrap_or(false);
        return if right { Verdict::Weak } else { Verdict::Wrong };
    }
    let Ok(hash) = PasswordHash::new(stored) else {
        tracing::error!("a stored password hash cannot be read");
        return Verdict::Wrong;
    };
    // The parameters of the stored hash are used.
    if Argon2::default().verify_password(password.as_bytes(), &hash).is_err() {
        return Verdict::Wrong;
    }
    if is_weak(&hash) { Verdict::Weak } else { Verdict::Right }
}

fn is_weak(hash: &PasswordHash) -> bool {
    let Ok(params) = Params::try_from(hash) else { return true };
    hash.algorithm.as_str() != Algorithm::Argon2id.as_str()
        || params.m_cost() < MEMORY_KIB
        || params.t_cost() < PASSES
        || params.p_cost() < LANES
}

fn broken(error: &dyn std::fmt::Display) -> Problem {
    tracing::error!(%error, "a password cannot be hashed");
    Problem::new(Code::Internal, "Passwords cannot be checked just now.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        Password::from(text.to_owned())
    }

    #[tokio::test]
    async fn a_password_is_kept_as_argon2id_with_its_parameters() {
        let passwords = Passwords::try_new().unwrap();
        let hash = passwords.hash(&password("correct horse battery")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let verify = async |text: &str| passwords.verify(Some(&hash), &password(text)).await.unwrap();
        assert_eq!(verify("correct horse battery").await, Verdict::Right);
        assert_eq!(verify("correct horse batter").await, Verdict::Wrong);
        assert_eq!(passwords.verify(None, &password("correct horse battery")).await.unwrap(), Verdict::Wrong);
    }

    #[tokio::test]
    async fn how_a_hash_is_kept_is_not_told_by_the_time_of_a_refusal() {
        let passwords = Passwords::try_new().unwrap();
        let argon2 = passwords.hash(&password("correct horse battery")).await.unwrap();
        let bcrypt = bcrypt::hash("correct horse battery", 4).unwrap();
        for stored in [None, Some(argon2.as_str()), Some(bcrypt.as_str())] {
            let begun = Instant::now();
            assert_eq!(passwords.verify(stored, &password("wrong horse battery")).await.unwrap(), Verdict::Wrong);
            assert!(begun.elapsed() >= WRONG_AFTER, "{stored:?}");
        }
    }

    #[tokio::test]
    async fn weaker_ones_are_right_once_more() {
        let passwords = Passwords::try_new().unwrap();
        let weaker = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8 * 1024, 1, 1, None).unwrap());
        let argon2i = Argon2::new(Algorithm::Argon2i, Version::V0x13, Params::new(MEMORY_KIB, 2, 1, None).unwrap());
        let text = "correct horse battery";
        let hashes = [
            weaker.hash_password(text.as_bytes()).unwrap().to_string(),
            argon2i.hash_password(text.as_bytes()).unwrap().to_string(),
            bcrypt::hash(text, 4).unwrap(),
        ];
        for hash in hashes {
            assert_eq!(passwords.verify(Some(&hash), &password(text)).await.unwrap(), Verdict::Weak, "{hash}");
            assert_eq!(passwords.verify(Some(&hash), &password("wrong")).await.unwrap(), Verdict::Wrong, "{hash}");
        }
        assert_eq!(passwords.verify(Some("$2y$nonsense"), &password(text)).await.unwrap(), Verdict::Wrong);
        assert_eq!(passwords.verify(Some("plain"), &password("plain")).await.unwrap(), Verdict::Wrong);
    }
}
