//! How a server program is started, given that PostgreSQL refuses to run as root.
//!
//! An ordinary user starts it plainly. Root prefers a user namespace in which it appears as `nobody`: the files stay
//! root's, nothing is chowned, and a home of mode 0700 above the data folder is no obstacle. Where namespaces are
//! forbidden (some containers), the server runs as the account `nobody`, in a data folder of that account.
//!
//! Every server is told to end when `workdock` dies by any means (`setpriv --pdeathsig`), where that program exists;
//! the next start stops what was left behind anyway (`leftovers`).

use std::ffi::OsStr;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use super::ServersError;

/// The id of `nobody`, which has a name on every system: initdb looks for it.
const UNSHARE: [&str; 5] = ["unshare", "-U", "--map-user=65534", "--map-group=65534", "--"];

/// The account a server runs under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunAs {
    /// As the caller.
    Plain,
    /// As the caller (root), shown to itself as `nobody`.
    UserNamespace,
    /// As another account; only root can do so.
    Account { uid: u32, gid: u32 },
}

impl RunAs {
    /// Chooses for a data folder that may exist already: its owner decides, because PostgreSQL wants to own its files.
    pub fn choose(folder: &Path) -> Result<Self, ServersError> {
        let user = nix::unistd::geteuid();
        if !user.is_root() {
            // initdb wants its user to have a name, which one given as a bare number (`docker run -u 1234`) lacks.
            let nameless = !matches!(nix::unistd::User::from_uid(user), Ok(Some(_)));
            return Ok(if nameless && succeeds(UNSHARE[0], &[&UNSHARE[1..], &["true"]].concat()) {
                Self::UserNamespace
            } else {
                Self::Plain
            });
        }
        if let Ok(existing) = folder.metadata()
            && existing.uid() != 0
        {
            return Ok(Self::Account { uid: existing.uid(), gid: existing.gid() });
        }
        if succeeds(UNSHARE[0], &[&UNSHARE[1..], &["true"]].concat()) {
            return Ok(Self::UserNamespace);
        }
        let nobody = nix::unistd::User::from_name("nobody").ok().flatten();
        match nobody {
            Some(user) if succeeds("setpriv", &["--reuid=nobody", "--clear-groups", "--", "true"]) => {
                Ok(Self::Account { uid: user.uid.as_raw(), gid: user.gid.as_raw() })
            }
            _ => Err(ServersError::Root),
        }
    }

    /// A command in a process group of its own (the terminal's Ctrl-C does not reach it), without the caller's
    /// PostgreSQL variables, ended with `death_signal` when the thread that spawns it ends.
    pub fn command(self, program: &Path, death_signal: Option<&str>) -> Command {
        let mut words: Vec<&OsStr> = Vec::new();
        let (uid, gid) = match self {
            Self::Account { uid, gid } => (format!("--reuid={uid}"), format!("--regid={gid}")),
            _ => (String::new(), String::new()),
        };
        let signal = death_signal.filter(|_| has_setpriv()).unwrap_or_default();
        match self {
            Self::Plain => {}
            // The namespace comes first: entering it clears the death signal.
            Self::UserNamespace => {
                words.extend(UNSHARE.map(OsStr::new));
            }
            Self::Account { .. } => {
                words.extend(["setpriv", &uid, &gid, "--clear-groups", "--"].map(OsStr::new));
            }
        }
        if !signal.is_empty() {
            words.extend(["setpriv", "--pdeathsig", signal, "--"].map(OsStr::new));
        }
        words.push(program.as_os_str());
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).stdin(Stdio::null()).process_group(0).current_dir("/");
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"PG")) {
            command.env_remove(name);
        }
        command.env("LC_ALL", "C");
        command
    }

    /// Gives a file or folder to the server's account, where that is another one than ours.
    pub fn own(self, path: &Path) -> std::io::Result<()> {
        match self {
            Self::Account { uid, gid } => std::os::unix::fs::chown(path, Some(uid), Some(gid)),
            Self::Plain | Self::UserNamespace => Ok(()),
        }
    }
}

fn has_setpriv() -> bool {
    static FOUND: OnceLock<bool> = OnceLock::new();
    *FOUND.get_or_init(|| succeeds("setpriv", &["--pdeathsig", "TERM", "--", "true"]))
}

fn succeeds(program: &str, arguments: &[&str]) -> bool {
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
