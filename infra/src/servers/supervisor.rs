//! One supervised child: started, watched, started again when it dies, stopped by its pid.
//!
//! It lives in a thread of its own and not in a task, because the kernel's death signal (`run_as`) is tied to the
//! thread that made the child. The thread ends only after the child has.
//!
//! Guarantee: after `stop` returns, or after the value is dropped, the process is gone.

use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::sync::watch;

const LOOK_EVERY: Duration = Duration::from_millis(50);
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// A child that lived this long has recovered: the next death is waited for as briefly as the first.
const RECOVERED: Duration = Duration::from_secs(30);

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    Running {
        pid: u32,
    },
    /// Dead and to be started again; `deaths` since it last lived for long.
    Restarting {
        deaths: u32,
        reason: String,
    },
    Stopped,
}

/// What is supervised. `prepare` runs before every start and clears the way (stale pid files).
pub struct Spec {
    pub name: &'static str,
    pub command: Box<dyn Fn() -> std::io::Result<Command> + Send>,
    pub prepare: Box<dyn Fn() + Send>,
    pub stop_signal: Signal,
    /// How long it may take to stop before it is killed.
    pub patience: Duration,
    pub log: PathBuf,
}

pub struct Supervised {
    stopping: Arc<(Mutex<bool>, Condvar)>,
    thread: Option<JoinHandle<()>>,
    pub state: watch::Receiver<State>,
    pub log: PathBuf,
    pub name: &'static str,
}

impl Supervised {
    pub fn start(spec: Spec) -> std::io::Result<Self> {
        let stopping = Arc::new((Mutex::new(false), Condvar::new()));
        let (sender, state) = watch::channel(State::Restarting { deaths: 0, reason: "starting".into() });
        let (name, log, shared) = (spec.name, spec.log.clone(), Arc::clone(&stopping));
        let thread = std::thread::Builder::new()
            .name(format!("supervise-{name}"))
            .spawn(move || Loop { spec, stopping: shared, state: sender }.run())?;
        Ok(Self { stopping, thread: Some(thread), state, log, name })
    }

    /// Asks it to stop without waiting.
    pub fn begin_stop(&self) {
        let (flag, wake) = &*self.stopping;
        *locked(flag) = true;
        wake.notify_all();
    }

    /// Waits until it has stopped (blocking; bounded by the patience of its spec).
    pub fn finish_stop(&mut self) {
        self.begin_stop();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!(server = self.name, "its supervisor panicked");
        }
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        self.finish_stop();
    }
}

struct Loop {
    spec: Spec,
    stopping: Arc<(Mutex<bool>, Condvar)>,
    state: watch::Sender<State>,
}

impl Loop {
    fn run(self) {
        let mut deaths = 0_u32;
        while !self.is_stopping() {
            (self.spec.prepare)();
            let born = Instant::now();
            let reason = match (self.spec.command)().and_then(|mut command| command.spawn()) {
                Ok(child) => match self.watch(child) {
                    Some(status) => format!("ended with {status}"),
                    None => break,
                },
                Err(error) => format!("could not be started: {error}"),
            };
            deaths = if born.elapsed() > RECOVERED { 1 } else { deaths + 1 };
            tracing::warn!(server = self.spec.name, deaths, "{reason}; starting it again");
            self.state.send_replace(State::Restarting { deaths, reason });
            self.pause(LONGEST_WAIT.min(FIRST_WAIT * 2_u32.saturating_pow(deaths - 1)));
        }
        self.state.send_replace(State::Stopped);
    }

    /// Watches until the child dies by itself (its status) or was stopped (`None`).
    fn watch(&self, mut child: Child) -> Option<ExitStatus> {
        self.state.send_replace(State::Running { pid: child.id() });
        tracing::debug!(server = self.spec.name, pid = child.id(), "running");
        loop {
            match child.try_wait() {
                Ok(Some(status)) => return (!self.is_stopping()).then_some(status),
                Ok(None) => {}
                Err(error) => tracing::error!(server = self.spec.name, %error, "cannot be waited for"),
            }
            if self.is_stopping() {
                self.stop(&mut child);
                return None;
            }
            self.pause(LOOK_EVERY);
        }
    }

    /// The child is not reaped before it has ended, so its pid is its own all along.
    fn stop(&self, child: &mut Child) {
        let pid = Pid::from_raw(i32::try_from(child.id()).unwrap_or(i32::MAX));
        signal(self.spec.name, pid, self.spec.stop_signal);
        let until = Instant::now() + self.spec.patience;
        while Instant::now() < until {
            match child.try_wait() {
                Ok(None) => std::thread::sleep(Duration::from_millis(10)),
                _ => return,
            }
        }
        tracing::warn!(server = self.spec.name, "did not stop in time; killing it");
        signal(self.spec.name, pid, Signal::SIGKILL);
        if let Err(error) = child.wait() {
            tracing::error!(server = self.spec.name, %error, "cannot be waited for");
        }
    }

    fn is_stopping(&self) -> bool {
        *locked(&self.stopping.0)
    }

    fn pause(&self, time: Duration) {
        let (flag, wake) = &*self.stopping;
        let stopping = locked(flag);
        if !*stopping {
            drop(wake.wait_timeout(stopping, time).unwrap_or_else(PoisonError::into_inner));
        }
    }
}

fn locked(flag: &Mutex<bool>) -> MutexGuard<'_, bool> {
    flag.lock().unwrap_or_else(PoisonError::into_inner)
}

fn signal(name: &str, pid: Pid, signal: Signal) {
    if let Err(error) = kill(pid, signal) {
        tracing::debug!(server = name, %error, "already gone");
    }
}
