//! Texts of a business that was erased beside another one, looked for in everything that is left behind.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::canaries::{canary, found, logged};
use crate::connections::{choose_all, post};
use crate::harness::{Folder, Up};

const INVITE: &str =
    "mutation ($b: UUID!, $email: String!) { inviteMember(business: $b, email: $email, role: VIEWER) { id } }";
const RULE: &str = "mutation ($b: UUID!, $text: [String!]!) { setRule(business: $b, rule: {
  when: { text: $text }, category: \"rent\", kind: EXPENSE }) { position } }";
const NOTE: &str = "mutation ($b: UUID!, $of: [TransactionRef!]!, $note: String) {
  recategorise(business: $b, transactions: $of, category: \"rent\", note: $note) { changed } }";
const HOLD: &str = "mutation ($b: UUID!, $why: String!) { setLegalHold(business: $b, reason: $why) { id } }";
const LIFT: &str = "mutation ($b: UUID!, $why: String!) { liftLegalHold(business: $b, reason: $why) { id } }";
const ERASE: &str = "mutation ($b: UUID!, $name: String!) { requestErasure(business: $b, confirmation: $name) { id } }";
const SYNCED: &str = "query ($b: UUID!) { business(id: $b) { connections { transactions } } }";
const TEXTS: &str = r#"query ($b: UUID!, $words: String!) { business(id: $b) { name accounts { name }
  transactions(period: { from: "2026-01-01", to: "2026-12-31" }, search: $words) {
    nodes { account { id } id description counterparty reference } } } }"#;

/// Everything about a business that is a text of its own.
struct Planted {
    name: String,
    id: String,
    account: String,
    text: String,
    party: String,
    number: String,
    column: String,
    file: String,
    mail: String,
    rule: String,
    note: String,
    reason: String,
    /// The key of a feed: what a business trusts the program with.
    credential: String,
}

impl Planted {
    fn new(folder: &Folder) -> Result<Self> {
        let name = canary("business");
        let id = folder.business(&name, "GBP", "Europe/London")?;
        let [account, text, party, number, column, file, rule, note, reason, credential] =
            ["account", "text", "party", "number", "column", "file", "rule", "note", "reason", "credential"]
                .map(canary);
        let mail = format!("{}@workdock.example", canary("mail").to_lowercase());
        Ok(Self { name, id, account, text, party, number, column, file, mail, rule, note, reason, credential })
    }

    fn sealed(&self) -> Vec<String> {
        let Self { name, account, text, party, number, column, file, mail, rule, note, reason, credential, .. } = self;
        let texts = [name, account, text, party, number, column, file, mail, rule, note, reason, credential];
        texts.map(Clone::clone).to_vec()
    }

    /// One of several files, so that the events of both businesses stand between each other.
    fn import(&self, folder: &Folder, beside: &Path, log: &Path, part: u32) -> Result<()> {
        let Self { id, account, text, party, number, column, .. } = self;
        let (mapping, file) = (beside.join("m.toml"), beside.join(format!("{}-{part}.csv", self.file)));
        let lines: String =
            (1..=40).map(|n| format!("2026-0{part}-{:02},{n}.5{part},{text},{party},{number}\n", n % 28 + 1)).collect();
        std::fs::write(&file, format!("date,amount,{column},party,number\n{lines}"))?;
        std::fs::write(
            &mapping,
            format!(
                "name = \"Canaries\"\n[file]\ndelimiter = \",\"\nencoding = \"utf-8\"\n\
                 columns = [\"date\", \"amount\", \"{column}\", \"party\", \"number\"]\n\
                 [date]\ncolumn = \"date\"\nformat = \"%Y-%m-%d\"\n\
                 [amount]\ncolumn = \"amount\"\ndecimal = \".\"\nthousands = \"none\"\n\
                 [currency]\nalways = \"GBP\"\n\
                 [columns]\ndescription = \"{column}\"\ncounterparty = \"party\"\nreference = \"number\"\n"
            ),
        )?;
        let (mapping, file) = (mapping.to_str().context("a path")?, file.to_str().context("a path")?);
        let import = ["import", "--business", id, "--mapping", mapping, "--account", account, "--json", file];
        let output = logged(folder, log, &import);
        ensure!(output.status.success(), "{}", std::fs::read_to_string(log)?);
        Ok(())
    }

    /// What comes in through the page.
    async fn write(&self, up: &Up) -> Result<()> {
        let of = self.texts(up).await?["transactions"]["nodes"][0].take();
        let of = json!([{ "account": of["account"]["id"], "id": of["id"] }]);
        up.graphql(NOTE, json!({ "b": self.id, "of": of, "note": self.note })).await?;
        self.connect(up).await?;
        up.graphql(RULE, json!({ "b": self.id, "text": [self.rule] })).await?;
        up.graphql(INVITE, json!({ "b": self.id, "email": self.mail })).await?;
        up.graphql(HOLD, json!({ "b": self.id, "why": self.reason })).await?;
        up.graphql(LIFT, json!({ "b": self.id, "why": self.reason })).await?;
        let exported = up.get(&format!("/api/v1/businesses/{}/export", self.id)).await?;
        let archive = exported.bytes().await?;
        ensure!(memchr::memmem::find(&archive, self.text.as_bytes()).is_some(), "it exports nothing");
        Ok(())
    }

    /// Gives a key to the program, and waits until a sync was done with it.
    async fn connect(&self, up: &Up) -> Result<()> {
        let with_key = format!("/api/v1/businesses/{}/connections/key", self.id);
        let found = post(up, &with_key, &json!({ "provider": "till", "key": self.credential })).await?;
        choose_all(up, &self.id, &found).await?;
        for _ in 0..300 {
            let shown = up.graphql(SYNCED, json!({ "b": self.id })).await?["business"]["connections"].take();
            if shown[0]["transactions"] == json!(1) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        anyhow::bail!("its feed was never read")
    }

    async fn texts(&self, up: &Up) -> Result<Value> {
        Ok(up.graphql(TEXTS, json!({ "b": self.id, "words": self.text })).await?["business"].take())
    }

    /// All of them, read anew.
    async fn opens(&self, up: &Up) -> Result<()> {
        let texts = self.texts(up).await?;
        let first = &texts["transactions"]["nodes"][0];
        // Its till's account stands before the one of its files.
        let shown = [&texts["name"], &texts["accounts"][1]["name"], &first["description"], &first["counterparty"]];
        let given = [&self.name, &self.account, &self.text, &self.party].map(|text| json!(text));
        ensure!(shown.into_iter().eq(given.iter()) && first["reference"] == json!(self.number), "{texts}");
        Ok(())
    }

    fn figures(&self, folder: &Folder) -> Result<Vec<Value>> {
        folder.json(&["metrics", "--business", &self.id, "--bucket", "day", "--format", "json"])
    }
}

/// A till that tells of one payment, whoever asks.
pub struct Till(JoinHandle<()>, String);

impl Till {
    pub async fn open() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/payments", listener.local_addr()?);
        let body = r#"[{"number": "1", "day": "2026-03-01", "amount": "12.50"}]"#;
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        let serve = async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let mut asked = Vec::new();
                while !asked.ends_with(b"\r\n\r\n") && socket.read_buf(&mut asked).await.is_ok_and(|read| read > 0) {}
                // Whoever is cut off asks again.
                drop(socket.write_all(answer.as_bytes()).await);
            }
        };
        Ok(Self(tokio::spawn(serve), url))
    }

    /// As a person does it in `workdock.toml`.
    pub fn described(&self) -> impl Iterator<Item = (String, &str)> {
        let described = [
            ("TITLE", "Till"),
            ("URL", &self.1),
            ("FORMAT", "json"),
            ("CURRENCY", "GBP"),
            ("FIELDS__ID", "/number"),
            ("FIELDS__DATE", "/day"),
            ("FIELDS__AMOUNT", "/amount"),
        ];
        described.into_iter().map(|(name, value)| (format!("WORKDOCK_PROVIDERS__FEED__TILL__{name}"), value))
    }
}

impl Drop for Till {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn start(folder: &Folder, log: &Path, till: &Till) -> Result<Up> {
    let mut command = folder.command(&["-vv", "up", "--port", "0"]);
    command.envs(till.described());
    command.env("WORKDOCK_ERASURE__GRACE_DAYS", "0").stderr(File::options().create(true).append(true).open(log)?);
    let up = Up::start(command).await?;
    up.ready().await?;
    Ok(up)
}

/// Letters are with their readers; where there is no mail server, they lie in this folder in their stead.
pub fn without_letters(places: Vec<String>, folder: &Folder) -> Vec<String> {
    let mail = folder.path().join("mail").display().to_string();
    places.into_iter().filter(|place| !place.starts_with(&mail)).collect()
}

#[tokio::test]
async fn nothing_of_an_erased_business_is_readable_anywhere_and_the_other_keeps_everything() -> Result<()> {
    let (folder, beside) = (Folder::new(), tempfile::tempdir()?);
    let (till, log) = (Till::open().await?, beside.path().join("log"));
    let (gone, stays) = (Planted::new(&folder)?, Planted::new(&folder)?);
    for part in 1..=3 {
        gone.import(&folder, beside.path(), &log, part)?;
        stays.import(&folder, beside.path(), &log, part)?;
    }
    // What is not sealed is found, so the search finds what is there.
    assert!(!found(folder.path(), &["account.synced".to_owned()]).is_empty());

    let up = start(&folder, &log, &till).await?;
    gone.write(&up).await?;
    stays.write(&up).await?;
    let figures = stays.figures(&folder)?;
    assert!(!figures.is_empty());
    up.graphql(ERASE, json!({ "b": gone.id, "name": gone.name })).await?;
    let mut step = Value::Null;
    for _ in 0..120 {
        folder.run(&["erase", "run"]);
        step = folder.json(&["erase", "list", "--json"])?[0][0]["step"].take();
        if step == "certified" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert_eq!(step, "certified");
    stays.opens(&up).await?;
    assert_eq!(stays.figures(&folder)?, figures);
    let asked = up.graphql(TEXTS, json!({ "b": gone.id, "words": gone.text })).await;
    assert!(asked.as_ref().map_or(true, |data| data["business"].is_null()), "{asked:?}");
    assert_eq!(up.stop()?.0, Some(0));
    nothing_left(&folder, &log, &gone)?;

    // Everything is folded anew from the log.
    for projection in ["metrics", "entities", "audit"] {
        let rebuilt = logged(&folder, &log, &["replay", "--rebuild", projection, "--json"]);
        assert!(rebuilt.status.success(), "{projection}: {}", std::fs::read_to_string(&log)?);
    }
    let verified = logged(&folder, &log, &["replay", "--verify", "--json"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
    assert_eq!(stays.figures(&folder)?, figures);
    let up = start(&folder, &log, &till).await?;
    stays.opens(&up).await?;
    assert_eq!(up.stop()?.0, Some(0));
    nothing_left(&folder, &log, &gone)
}

fn nothing_left(folder: &Folder, log: &Path, gone: &Planted) -> Result<()> {
    assert_eq!(without_letters(found(folder.path(), &gone.sealed()), folder), Vec::<String>::new());
    let logged = std::fs::read_to_string(log)?;
    let said: Vec<_> = gone.sealed().into_iter().filter(|text| logged.contains(text.as_str())).collect();
    assert_eq!(said, Vec::<String>::new());
    Ok(())
}
