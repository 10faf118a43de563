//! Starting the binary in a folder of its own, and talking to it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};

/// The folder with the real sets, beside the project.
pub fn shared(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(file)
}

pub fn preset(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../connectors/presets").join(name)
}

/// The binary that the test runner built beside this test.
fn binary() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.ancestors().nth(2).unwrap();
    let binary = folder.join("workdock");
    assert!(binary.exists(), "{} is missing: build it first with `cargo build -p infra`", binary.display());
    binary
}

/// A data folder that nobody else uses.
pub struct Folder {
    data: tempfile::TempDir,
    keys: tempfile::TempDir,
}

impl Folder {
    pub fn new() -> Self {
        let folder = |prefix: &str| tempfile::Builder::new().prefix(prefix).tempdir().unwrap();
        Self { data: folder("workdock-e2e-"), keys: folder("workdock-keys-") }
    }

    pub fn path(&self) -> &Path {
        self.data.path()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.arg("--data").arg(self.path()).args(arguments).stdin(Stdio::null());
        command.env("WORKDOCK_KEYS__FOLDER", self.keys.path().join("keys"));
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs a command that must succeed and returns what it printed as JSON, one value a line.
    pub fn json(&self, arguments: &[&str]) -> Result<Vec<Value>> {
        let output = self.run(arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "workdock {arguments:?} failed: {errors}");
        let text = String::from_utf8(output.stdout)?;
        serde_json::Deserializer::from_str(&text)
            .into_iter()
            .collect::<Result<Vec<Value>, _>>()
            .with_context(|| format!("workdock {arguments:?} printed no JSON: {text}"))
    }

    /// Registers a business and gives its id.
    pub fn business(&self, name: &str, currency: &str, zone: &str) -> Result<String> {
        let added = self.json(&["business", "add", name, "--currency", currency, "--time-zone", zone, "--json"])?;
        Ok(added[0]["id"].as_str().context("no id")?.to_owned())
    }

    /// A connection to the store that runs on the folder, as this role; `None` while none runs.
    pub async fn store(&self, role: &str) -> Option<PgConnection> {
        let run: Value = serde_json::from_slice(&std::fs::read(self.path().join("run.json")).ok()?).ok()?;
        let password = std::fs::read_to_string(self.path().join(format!("keys/postgres_{role}"))).ok()?;
        let (port, password) = (&run["postgres_port"], password.trim());
        PgConnection::connect(&format!("postgres://{role}:{password}@127.0.0.1:{port}/workdock")).await.ok()
    }

    /// Starts `workdock up` and waits until it is ready.
    pub async fn up(&self, more: &[&str]) -> Result<Up> {
        let mut arguments = vec!["up", "--port", "0"];
        arguments.extend_from_slice(more);
        let mut command = self.command(&arguments);
        command.stderr(Stdio::inherit());
        Up::start(command).await
    }
}

/// Reads what a child prints until a line begins with `word`, and gives the rest of that line and the lines before.
async fn printed(child: &mut Child, word: &'static str) -> Result<(String, Vec<String>)> {
    let lines = BufReader::new(child.stdout.take().context("no stdout")?).lines();
    let found = tokio::task::spawn_blocking(move || {
        let (mut lines, mut before) = (lines, Vec::new());
        let found = lines.by_ref().map_while(Result::ok).find_map(|line| {
            let found = line.trim().strip_prefix(word).map(str::to_owned);
            before.push(line);
            found
        });
        // Somebody must go on reading, or the child blocks when the pipe is full.
        std::thread::spawn(move || lines.for_each(drop));
        found.map(|found| (found, before))
    });
    found.await?.with_context(|| format!("workdock ended without printing {word:?}"))
}

/// A process without a page, e.g. a role; stopped like Ctrl-C when dropped.
pub struct Process {
    child: Child,
    /// What followed the awaited word.
    pub said: String,
}

impl Process {
    /// Starts it and waits until it prints a line that begins with `word`.
    pub async fn start(mut command: Command, word: &'static str) -> Result<Self> {
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let (said, _) = printed(&mut child, word).await?;
        Ok(Self { child, said })
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Those that wait for their input end with it.
        drop(self.child.stdin.take());
        signal(self.child.id(), Signal::SIGINT);
        self.child.wait().ok();
    }
}

/// A running `workdock up` or `serve --role api`; stopped like Ctrl-C when dropped.
pub struct Up {
    child: Child,
    pub url: String,
    pub client: reqwest::Client,
    /// What it printed until it was ready.
    said: Vec<String>,
}

impl Up {
    pub async fn start(mut command: Command) -> Result<Self> {
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let (link, said) = printed(&mut child, "Sign in: ").await?;
        let (url, token) = link.split_once("/sign-in?token=").context("an odd link")?;
        let client = reqwest::Client::builder().cookie_store(true).build()?;
        let up = Self { child, url: url.to_owned(), client, said };
        up.sign_in(token).await?;
        Ok(up)
    }

    async fn sign_in(&self, token: &str) -> Result<()> {
        let answer = self
            .client
            .post(format!("{}/api/v1/session", self.url))
            .header("origin", &self.url)
            .json(&json!({ "token": token }))
            .send()
            .await?;
        ensure!(answer.status().is_success(), "sign-in answered {}", answer.status());
        Ok(())
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What followed these words in a line that it printed until it was ready.
    pub fn said(&self, words: &str) -> Option<&str> {
        self.said.iter().find_map(|line| line.trim().strip_prefix(words))
    }

    pub async fn graphql(&self, query: &str, variables: Value) -> Result<Value> {
        let answer = self
            .client
            .post(format!("{}/graphql", self.url))
            .header("origin", &self.url)
            .json(&json!({ "query": query, "variables": variables }))
            .send()
            .await?;
        let mut body: Value = answer.json().await?;
        ensure!(body.get("errors").is_none_or(Value::is_null), "GraphQL answered {body}");
        Ok(body["data"].take())
    }

    pub async fn get(&self, path: &str) -> Result<reqwest::Response> {
        Ok(self.client.get(format!("{}{path}", self.url)).send().await?)
    }

    /// Waits for readiness for as long as a restart of a server may take.
    pub async fn ready(&self) -> Result<()> {
        for _ in 0..1800 {
            if let Ok(answer) = self.get("/health/ready").await
                && answer.status().is_success()
            {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        anyhow::bail!("not ready after three minutes: {}", self.get("/health/ready").await?.text().await?)
    }

    /// The way of Ctrl-C; gives the exit code and how long it took.
    pub fn stop(mut self) -> Result<(Option<i32>, Duration)> {
        let begun = std::time::Instant::now();
        signal(self.pid(), Signal::SIGINT);
        let status = self.child.wait()?;
        Ok((status.code(), begun.elapsed()))
    }

    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        if self.child.try_wait().ok().flatten().is_none() {
            signal(self.child.id(), Signal::SIGINT);
            self.child.wait().ok();
        }
    }
}

pub fn signal(pid: u32, signal: Signal) {
    kill(Pid::from_raw(pid.try_into().unwrap()), signal).ok();
}

/// Pids of the servers that run for a data folder, by their pid files.
pub fn server_pid(folder: &Folder, server: &str) -> Option<u32> {
    let file = match server {
        "postgres" => folder.path().join("pg/postmaster.pid"),
        _ => folder.path().join("nats/nats.pid"),
    };
    let pid: u32 = std::fs::read_to_string(file).ok()?.lines().next()?.trim().parse().ok()?;
    // A file that outlived its server may name another program by now.
    let command = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    String::from_utf8_lossy(&command).contains(folder.path().to_str()?).then_some(pid)
}
