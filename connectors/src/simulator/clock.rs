//! The simulated time.

use std::sync::Mutex;
use std::time::Instant;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

#[derive(Debug)]
pub struct Clock(Mutex<Running>);

#[derive(Debug, Clone, Copy)]
struct Running {
    from: DateTime<Utc>,
    since: Instant,
    speed: u32,
}

impl Running {
    fn now(self) -> DateTime<Utc> {
        let real = i64::try_from(self.since.elapsed().as_millis()).unwrap_or(i64::MAX);
        let simulated = real.saturating_mul(i64::from(self.speed));
        self.from + TimeDelta::try_milliseconds(simulated).unwrap_or_default()
    }
}

impl Clock {
    pub fn starting(at: DateTime<Utc>, speed: u32) -> Self {
        Self(Mutex::new(Running { from: at.trunc_subsecs(3), since: Instant::now(), speed }))
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.lock().now()
    }

    pub fn speed(&self) -> u32 {
        self.lock().speed
    }

    pub fn set_speed(&self, speed: u32) {
        let mut running = self.lock();
        *running = Running { from: running.now(), since: Instant::now(), speed };
    }

    /// Jumps ahead.
    pub fn advance(&self, by: TimeDelta) {
        let mut running = self.lock();
        *running = Running { from: running.now() + by.max(TimeDelta::zero()), since: Instant::now(), ..*running };
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Running> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
