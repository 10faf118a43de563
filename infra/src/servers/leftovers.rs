//! Servers that an earlier, killed `workdock` left behind on this data folder.
//!
//! Called only by the holder of the folder's lock, so whatever still runs here belongs to nobody. A pid from a file is
//! believed only when that process's command line names our folder: pids are reused.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Stops the server whose pid stands in the first line of `pid_file`.
/// `mark`: text that its command line must hold.
///
/// The file of a dead process stays: PostgreSQL itself reads from it which shared memory the dead one used, and waits
/// for its last backends. Only where another program now has that pid, which PostgreSQL would take for a living
/// server, it is removed, after a pause that is long for a backend without its parent.
pub fn clear(name: &str, pid_file: &Path, mark: &str, gentle: Signal) {
    let Ok(text) = fs::read_to_string(pid_file) else { return };
    let pid = text.lines().next().and_then(|line| line.trim().parse::<i32>().ok()).filter(|pid| *pid > 1);
    let Some(pid) = pid else { return };
    if is_ours(pid, mark) {
        tracing::warn!(server = name, pid, "left behind by an earlier run; stopping it");
        end(pid, mark, gentle);
    } else if !matches!(kill(Pid::from_raw(pid), None), Err(nix::errno::Errno::ESRCH)) {
        std::thread::sleep(Duration::from_secs(1));
        if let Err(error) = fs::remove_file(pid_file) {
            tracing::warn!(server = name, file = %pid_file.display(), %error, "stale pid file stays");
        }
    }
}

fn end(pid: i32, mark: &str, gentle: Signal) {
    for (signal, patience) in [(gentle, 10), (Signal::SIGQUIT, 3), (Signal::SIGKILL, 3)] {
        if kill(Pid::from_raw(pid), signal).is_err() {
            return;
        }
        let until = Instant::now() + Duration::from_secs(patience);
        while Instant::now() < until {
            if !is_ours(pid, mark) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

fn is_ours(pid: i32, mark: &str) -> bool {
    let line = match fs::read(format!("/proc/{pid}/cmdline")) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).replace('\0', " "),
        Err(_) => {
            let output = std::process::Command::new("ps").args(["-p", &pid.to_string(), "-o", "args="]).output();
            output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default()
        }
    };
    line.contains(mark)
}
