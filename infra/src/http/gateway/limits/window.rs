//! Counting in a window that slides: what is left of the minute before counts in proportion.

use std::collections::HashMap;

/// Milliseconds.
pub const WINDOW: u64 = 60_000;

/// Requests of one process in two windows that follow each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Windows since 1970.
    pub window: u64,
    pub current: u32,
    previous: u32,
}

impl Counts {
    /// Moves on to `window`; an earlier one leaves it as it is.
    fn advance(&mut self, window: u64) {
        if window > self.window {
            self.previous = if window == self.window + 1 { self.current } else { 0 };
            self.current = 0;
            self.window = window;
        }
    }

    /// (previous, current), seen from `window`.
    fn seen_from(mut self, window: u64) -> (u64, u64) {
        self.advance(window);
        (self.previous.into(), self.current.into())
    }
}

/// All that is known of one who is counted.
#[derive(Debug, Default)]
pub struct Cell {
    own: Counts,
    /// How much of `own.current` the others heard of.
    told: u32,
    others: HashMap<u64, Counts>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// So many more would be allowed; the window ends in so many milliseconds.
    Allowed { remaining: u32, resets: u64 },
    /// The next is allowed after so many milliseconds.
    Refused { retry: u64 },
}

impl Decision {
    pub const fn is_allowed(self) -> bool {
        matches!(self, Self::Allowed { .. })
    }
}

impl Cell {
    /// Counts one request, unless it would be one too many: what is refused does not count.
    pub fn count(&mut self, limit: u32, now: u64) -> Decision {
        let (window, elapsed) = (now / WINDOW, now % WINDOW);
        if window > self.own.window {
            self.told = 0;
        }
        self.own.advance(window);
        // A process that is gone stops counting by itself.
        self.others.retain(|_, counts| counts.window + 1 >= window);
        let all = self.others.values().chain([&self.own]).map(|counts| counts.seen_from(window));
        let (previous, current) = all.fold((0, 0), |sum, counts| (sum.0 + counts.0, sum.1 + counts.1));
        let used = (previous * (WINDOW - elapsed)).div_ceil(WINDOW) + current;
        let limit = u64::from(limit);
        if used >= limit {
            return Decision::Refused { retry: wait(previous, current, limit, elapsed) };
        }
        self.own.current = self.own.current.saturating_add(1);
        Decision::Allowed { remaining: u32::try_from(limit - used - 1).unwrap_or(u32::MAX), resets: WINDOW - elapsed }
    }

    pub const fn untold(&self) -> u32 {
        self.own.current - self.told
    }

    /// What the others are told: it replaces what they heard before.
    pub fn tell(&mut self) -> (u64, u32) {
        self.told = self.own.current;
        (self.own.window, self.own.current)
    }

    /// What others told of both windows together.
    #[cfg(test)]
    pub fn heard_of(&self, now: u64) -> u64 {
        let all = self.others.values().map(|counts| counts.seen_from(now / WINDOW));
        all.map(|(previous, current)| previous + current).sum()
    }

    /// What another process told; in whatever order it comes, counts only grow within a window.
    pub fn hear(&mut self, process: u64, window: u64, current: u32) {
        let counts = self.others.entry(process).or_default();
        if counts.window == 0 {
            counts.window = window;
        }
        counts.advance(window);
        if window == counts.window {
            counts.current = counts.current.max(current);
        }
    }
}

/// Milliseconds until one more fits: within this window, as the one before slides out, or else in the next.
fn wait(previous: u64, current: u64, limit: u64, elapsed: u64) -> u64 {
    // The share of a past window that still counts may be at most `room` of its `count`.
    let leaves = |room: u64, count: u64| WINDOW - (room * WINDOW / count.max(1)).min(WINDOW);
    if current < limit {
        return leaves(limit - current - 1, previous).saturating_sub(elapsed).max(1);
    }
    WINDOW - elapsed + leaves(limit - 1, current)
}
