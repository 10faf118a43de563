//! The embedded servers as a user meets them: the binary is run, and what must survive is done to it.
#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sqlx::{Connection, PgConnection};

/// `workdock servers --data DIR -- sh`, held open by its standard input.
struct Running {
    child: Child,
    postgres: String,
    nats: String,
}

impl Running {
    fn start(data: &Path, path: Option<&Path>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_workdock"));
        command.args(["servers", "--data"]).arg(data);
        command.args(["--", "/bin/sh", "-c", "echo $WORKDOCK_TEST_POSTGRES; echo $WORKDOCK_TEST_NATS; read line"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        if let Some(path) = path {
            command.env("PATH", path);
        }
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut line = || lines.next().expect("an address is printed").unwrap();
        Self { postgres: line(), nats: line(), child }
    }

    fn nats_port(&self) -> u16 {
        self.nats.rsplit(':').next().unwrap().parse().unwrap()
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(i32::try_from(self.child.id()).unwrap()), signal).unwrap();
    }

    fn wait(mut self) -> Option<i32> {
        // Waiting closes the standard input, which would end the command by itself.
        let input = self.child.stdin.take();
        let code = self.child.wait().unwrap().code();
        drop(input);
        code
    }
}

fn first_line_pid(file: &Path) -> i32 {
    std::fs::read_to_string(file).unwrap().lines().next().unwrap().parse().unwrap()
}

fn pids(data: &Path) -> [i32; 2] {
    [first_line_pid(&data.join("pg/postmaster.pid")), first_line_pid(&data.join("nats/nats.pid"))]
}

/// Neither running nor a zombie: a zombie has no command line.
fn is_gone(pid: i32) -> bool {
    std::fs::read(format!("/proc/{pid}/cmdline")).map_or(true, |line| line.is_empty())
}

fn within(time: Duration, what: &str, mut reached: impl FnMut() -> bool) {
    let until = Instant::now() + time;
    while !reached() {
        assert!(Instant::now() < until, "{what}: not within {time:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

async fn connection(url: &str) -> PgConnection {
    let until = Instant::now() + Duration::from_secs(180);
    loop {
        match PgConnection::connect(url).await {
            Ok(connection) => return connection,
            Err(error) => assert!(Instant::now() < until, "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn rows(url: &str) -> i64 {
    sqlx::query_scalar("select count(*) from kept").fetch_one(&mut connection(url).await).await.unwrap()
}

async fn keep_rows(url: &str) {
    let mut connection = connection(url).await;
    sqlx::raw_sql("create table kept as select generate_series(1, 1000)").execute(&mut connection).await.unwrap();
}

#[test]
fn the_exit_status_is_the_commands_own() {
    let run = |script: &str| {
        Command::new(env!("CARGO_BIN_EXE_workdock"))
            .args(["servers", "--ephemeral", "--", "sh", "-c", script])
            .status()
            .unwrap()
            .code()
    };
    assert_eq!(run("exit 7"), Some(7));
    assert_eq!(run("kill -9 $$"), Some(137));
}

#[tokio::test]
async fn servers_killed_come_back_on_their_ports_with_their_data() {
    let data = tempfile::tempdir().unwrap();
    let running = Running::start(data.path(), None);
    keep_rows(&running.postgres).await;
    for _ in 0..2 {
        let before = pids(data.path());
        for pid in before {
            kill(Pid::from_raw(pid), Signal::SIGKILL).unwrap();
        }
        within(Duration::from_secs(120), "both servers run again", || {
            let port = std::net::TcpStream::connect(("127.0.0.1", running.nats_port()));
            let now = std::fs::read_to_string(data.path().join("pg/postmaster.pid")).unwrap_or_default();
            port.is_ok() && now.lines().next().is_some_and(|pid| pid != before[0].to_string())
        });
        assert_eq!(rows(&running.postgres).await, 1000);
    }
    let last = pids(data.path());
    running.signal(Signal::SIGTERM);
    assert_eq!(running.wait(), Some(143), "the signal is passed on to the command");
    assert!(last.into_iter().all(is_gone), "nothing is left behind");
    assert!(!data.path().join("run.json").exists());
}

#[tokio::test]
async fn a_killed_workdock_leaves_no_servers_and_finds_its_data_again() {
    let data = tempfile::tempdir().unwrap();
    let first = Running::start(data.path(), None);
    keep_rows(&first.postgres).await;
    let (postgres, nats, servers) = (first.postgres.clone(), first.nats.clone(), pids(data.path()));
    first.signal(Signal::SIGKILL);
    first.wait();
    within(Duration::from_secs(120), "the servers end with workdock", || servers.into_iter().all(is_gone));
    let second = Running::start(data.path(), None);
    assert_eq!((&second.postgres, &second.nats), (&postgres, &nats), "same ports, same passwords");
    assert_eq!(rows(&second.postgres).await, 1000);
    second.signal(Signal::SIGTERM);
    second.wait();
}

#[tokio::test]
async fn servers_left_behind_are_stopped_by_the_next_start() {
    // A PATH without setpriv: nothing tells the servers that workdock died.
    let bare = tempfile::tempdir().unwrap();
    for program in ["unshare", "true", "sh"] {
        symlink(which(program), bare.path().join(program)).unwrap();
    }
    if let Some(nats) = find_on_path("nats-server") {
        symlink(nats, bare.path().join("nats-server")).unwrap();
    }
    let data = tempfile::tempdir().unwrap();
    let first = Running::start(data.path(), Some(bare.path()));
    keep_rows(&first.postgres).await;
    let left = pids(data.path());
    first.signal(Signal::SIGKILL);
    first.wait();
    assert!(!left.into_iter().any(is_gone), "this test wants servers that outlive workdock");
    let second = Running::start(data.path(), None);
    assert!(left.into_iter().all(is_gone), "the next start stopped them");
    assert_eq!(rows(&second.postgres).await, 1000);
    second.signal(Signal::SIGTERM);
    second.wait();
}

#[test]
fn one_process_at_a_time_runs_the_servers_of_a_folder() {
    let data = tempfile::tempdir().unwrap();
    let first = Running::start(data.path(), None);
    let second = Command::new(env!("CARGO_BIN_EXE_workdock"))
        .args(["servers", "--data"])
        .arg(data.path())
        .args(["--", "true"])
        .output()
        .unwrap();
    assert!(!second.status.success());
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(said.contains("in use by another workdock"), "{said}");
    first.signal(Signal::SIGTERM);
    first.wait();
}

#[test]
fn passwords_are_readable_by_their_owner_only() {
    use std::os::unix::fs::MetadataExt;
    let data = tempfile::tempdir().unwrap();
    let running = Running::start(data.path(), None);
    let mut seen = 0;
    for folder in ["keys", "nats"] {
        for entry in std::fs::read_dir(data.path().join(folder)).unwrap() {
            let entry = entry.unwrap();
            if entry.file_name() == "nats.pid" || entry.metadata().unwrap().is_dir() {
                continue;
            }
            assert_eq!(entry.metadata().unwrap().mode() & 0o777, 0o600, "{}", entry.path().display());
            seen += 1;
        }
    }
    assert_eq!(seen, 5, "four keys and the settings of nats-server");
    running.signal(Signal::SIGTERM);
    running.wait();
}

/// What the program says there is for the program alone; tests get a server of their own, which is open.
#[tokio::test]
async fn the_running_systems_nats_takes_nobody_without_its_password() {
    let (data, keys) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut command = Command::new(env!("CARGO_BIN_EXE_workdock"));
    command
        .args(["up", "--port", "0", "--data"])
        .arg(data.path())
        .env("WORKDOCK_KEYS__FOLDER", keys.path().join("keys"));
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    let (run, mut port) = (data.path().join("run.json"), None);
    within(Duration::from_secs(180), "the servers run", || {
        let text = std::fs::read_to_string(&run).unwrap_or_default();
        let run: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        port = run["nats_port"].as_u64();
        port.is_some()
    });
    let at = format!("127.0.0.1:{}", port.unwrap());
    let password = std::fs::read_to_string(data.path().join("keys/nats")).unwrap();
    let connect = async |user: &str, password: &str| {
        let options = async_nats::ConnectOptions::with_user_and_password(user.to_owned(), password.to_owned());
        options.connect(&at).await.map(drop).map_err(|error| error.kind())
    };
    let until = Instant::now() + Duration::from_secs(60);
    while let Err(error) = connect("workdock", password.trim()).await {
        assert!(Instant::now() < until, "{error:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let refused = Err(async_nats::ConnectErrorKind::AuthorizationViolation);
    for (user, guess) in [("workdock", ""), ("workdock", "a guess"), ("somebody", password.trim())] {
        assert_eq!(connect(user, guess).await, refused, "{user} {guess}");
    }
    assert_eq!(async_nats::connect(&at).await.map(drop).map_err(|error| error.kind()), refused, "nobody");
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGTERM).unwrap();
    child.wait().unwrap();
}

fn which(program: &str) -> PathBuf {
    find_on_path(program).unwrap_or_else(|| panic!("{program} is needed"))
}

fn find_on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}
