use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};

/// How far the sequencer of this process is.
#[derive(Debug, Default)]
pub struct Status {
    leading: AtomicBool,
    head: AtomicI64,
    published: AtomicI64,
    trouble: Mutex<Option<String>>,
}

impl Status {
    /// Whether this process gives positions; a standby does not, and is well.
    pub fn is_leading(&self) -> bool {
        self.leading.load(Ordering::Acquire)
    }

    /// The newest position that was given, as the leader knows it.
    pub fn head(&self) -> i64 {
        self.head.load(Ordering::Acquire)
    }

    /// The newest position that JetStream has acknowledged.
    pub fn published(&self) -> i64 {
        self.published.load(Ordering::Acquire)
    }

    /// Positions that wait for publication.
    pub fn lag(&self) -> i64 {
        (self.head() - self.published()).max(0)
    }

    /// What keeps it from working, for a person; `None` while all is well.
    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn leads(&self) {
        self.leading.store(true, Ordering::Release);
        metrics::gauge!("workdock_sequencer_leading").set(1);
        self.well();
    }

    pub(super) fn resigned(&self) {
        self.leading.store(false, Ordering::Release);
        metrics::gauge!("workdock_sequencer_leading").set(0);
    }

    pub(super) fn troubled(&self, trouble: String) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(trouble);
    }

    pub(super) fn well(&self) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    pub(super) fn assigned(&self, head: i64) {
        self.head.store(head, Ordering::Release);
        self.report();
    }

    pub(super) fn published_up_to(&self, position: i64) {
        self.published.store(position, Ordering::Release);
        self.report();
    }

    /// Positions fit into a float exactly up to 2^53.
    #[allow(clippy::cast_precision_loss)]
    fn report(&self) {
        metrics::gauge!("workdock_log_head_position").set(self.head() as f64);
        metrics::gauge!("workdock_log_published_position").set(self.published() as f64);
        metrics::gauge!("workdock_log_unpublished_events").set(self.lag() as f64);
    }
}
