//! Tries again what may pass: exponential waits with full jitter, and what the provider itself asks for.

use std::time::Duration;

use rand::Rng;

use super::ProviderError;

#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Requests for one answer, the first included.
    pub tries: u32,
    /// The longest first wait; doubled with each try.
    pub first: Duration,
    /// The longest wait, also where the provider asks for a longer one: then the next round asks again.
    pub most: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { tries: 5, first: Duration::from_millis(500), most: Duration::from_secs(60) }
    }
}

impl Patience {
    /// A random wait up to twice that of the try before.
    fn wait(self, attempt: u32, asked: Option<Duration>) -> Duration {
        let most = self.first.saturating_mul(1 << attempt.min(16)).min(self.most);
        let millis = u64::try_from(most.as_millis()).unwrap_or(u64::MAX);
        let jittered = Duration::from_millis(rand::thread_rng().gen_range(0..=millis));
        jittered.max(asked.unwrap_or_default())
    }
}

/// The first answer that is not a passing failure, or the last failure.
pub async fn retried<T, F>(patience: Patience, mut ask: impl FnMut() -> F) -> Result<T, ProviderError>
where
    F: Future<Output = Result<T, ProviderError>>,
{
    for attempt in 0..patience.tries.saturating_sub(1) {
        let error = match ask().await {
            Err(error) if error.is_passing() => error,
            answer => return answer,
        };
        let asked = if let ProviderError::RateLimited { wait } = error { wait } else { None };
        if asked.is_some_and(|wait| wait > patience.most) {
            return Err(error);
        }
        tokio::time::sleep(patience.wait(attempt, asked)).await;
    }
    ask().await
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    const QUICK: Patience = Patience { tries: 5, first: Duration::from_millis(1), most: Duration::from_millis(20) };

    async fn failing(times: u32, error: ProviderError) -> (Result<(), ProviderError>, u32) {
        let asked = AtomicU32::new(0);
        let result = retried(QUICK, || async {
            if asked.fetch_add(1, Ordering::Relaxed) < times { Err(error.clone()) } else { Ok(()) }
        });
        (result.await, asked.load(Ordering::Relaxed))
    }

    #[tokio::test]
    async fn what_passes_is_tried_five_times() {
        let down = ProviderError::unavailable("503");
        assert_eq!(failing(4, down.clone()).await, (Ok(()), 5));
        assert_eq!(failing(5, down.clone()).await, (Err(down), 5));
    }

    #[tokio::test]
    async fn what_does_not_pass_is_asked_once() {
        let revoked = ProviderError::Revoked { code: "ITEM_NOT_FOUND".into() };
        assert_eq!(failing(1, revoked.clone()).await, (Err(revoked), 1));
    }

    #[tokio::test]
    async fn a_wait_that_is_asked_for_is_kept_or_left_to_the_next_round() {
        let begun = std::time::Instant::now();
        let soon = ProviderError::RateLimited { wait: Some(Duration::from_millis(20)) };
        assert_eq!(failing(1, soon).await.1, 2);
        assert!(begun.elapsed() >= Duration::from_millis(20));
        let later = ProviderError::RateLimited { wait: Some(Duration::from_secs(60)) };
        assert_eq!(failing(1, later.clone()).await, (Err(later), 1));
    }
}
