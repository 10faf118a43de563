//! The signer of checkpoints of this installation, and who witnesses them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use async_trait::async_trait;
use command_api::mail::{Mail, Mailer};
use domain::Email;
use sqlx::PgPool;
use streams::proof::{Notary, Signer, Witness, WitnessFile};
use streams::retention::Archives;
use uuid::Uuid;

use crate::config::{Config, Secret};

/// Opens the signer's key, made where absent. `mailer`: where the process sends letters.
pub async fn notary(config: &Config, pool: &PgPool, mailer: Option<Arc<dyn Mailer>>) -> anyhow::Result<Notary> {
    let log = streams::proof::log_id(pool).await.context("the log has no name")?;
    let path = key_path(config, log)?;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    let signer = Signer::open(&path, || name(config, log))?;
    let mut witnesses = witnesses(config)?;
    if let (Some(to), Some(mailer)) = (&config.audit.witness_mail, mailer) {
        let to = to.parse().map_err(|error| anyhow::anyhow!("audit.witness_mail: {error}"))?;
        witnesses.push(Box::new(WitnessMail { to, mailer, last: path.with_extension("mailed") }));
    }
    Ok(Notary::new(pool.clone(), signer, &path, witnesses))
}

/// Where archived parts of histories are.
pub fn archives(config: &Config) -> Archives {
    Archives::new(config.audit.archive_folder.clone().unwrap_or_else(|| config.data.join("archives")))
}

/// Beside the folder of the master keys, which is never inside the data: one file for each log.
fn key_path(config: &Config, log: Uuid) -> anyhow::Result<PathBuf> {
    let path = match &config.audit.key {
        Some(path) => path.clone(),
        None => crate::keys::folder(config)?.with_file_name("checkpoints").join(format!("{log}.key")),
    };
    crate::keys::outside(&config.data, "audit.key", &path)?;
    Ok(path)
}

/// A log's name tells it from every other.
fn name(config: &Config, log: Uuid) -> String {
    config.audit.origin.clone().unwrap_or_else(|| format!("workdock/{}", log.simple()))
}

fn witnesses(config: &Config) -> anyhow::Result<Vec<Box<dyn Witness>>> {
    let mut witnesses: Vec<Box<dyn Witness>> = Vec::new();
    if let Some(file) = &config.audit.witness_file {
        witnesses.push(Box::new(WitnessFile(file.clone())));
    }
    if let Some(url) = &config.audit.witness_url {
        witnesses.push(Box::new(WitnessServer::try_new(url.clone())?));
    }
    Ok(witnesses)
}

const PATIENCE: Duration = Duration::from_secs(20);

/// A server that takes signed notes as the body of a POST.
#[derive(Debug)]
struct WitnessServer {
    client: reqwest::Client,
    url: Secret,
}

impl WitnessServer {
    fn try_new(url: Secret) -> anyhow::Result<Self> {
        let client = crate::outgoing::client("audit.witness_url", url.expose(), PATIENCE)?;
        Ok(Self { client, url })
    }
}

#[async_trait]
impl Witness for WitnessServer {
    /// Its address may hold a password.
    fn name(&self) -> String {
        "audit.witness_url".to_owned()
    }

    async fn hand(&self, note: &str) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let request = self.client.post(self.url.expose()).header("content-type", "text/plain; charset=utf-8");
        let answer = request.body(note.to_owned()).send().await.map_err(|error| crate::outgoing::why(&error))?;
        // A redirect is not followed, so the note was not taken.
        if !answer.status().is_success() {
            return Err(format!("it answers {}", answer.status()).into());
        }
        Ok(())
    }
}

/// Between two letters.
const EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// Somebody who keeps letters: one a day, however many checkpoints there are.
struct WitnessMail {
    to: Email,
    mailer: Arc<dyn Mailer>,
    /// What was sent last; its time tells when.
    last: PathBuf,
}

impl std::fmt::Debug for WitnessMail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WitnessMail").field("last", &self.last).finish_non_exhaustive()
    }
}

#[async_trait]
impl Witness for WitnessMail {
    fn name(&self) -> String {
        "audit.witness_mail".to_owned()
    }

    async fn hand(&self, note: &str) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        if age(&self.last).is_some_and(|age| age < EVERY) {
            return Ok(());
        }
        let text = format!(
            "Keep this letter: it holds a signed checkpoint over the log of a Workdock installation. Whatever is \
             changed before it, later logs no longer fit. To compare, write the lines below into a file and give it to \
             `workdock audit export --checkpoint` and `workdock audit verify --checkpoint`.\n\n{note}"
        );
        let subject = "A checkpoint of the audit log".to_owned();
        self.mailer.send(Mail::new(self.to.clone(), subject, text)).await?;
        Ok(std::fs::write(&self.last, note)?)
    }
}

/// `None`: there is no such file.
fn age(file: &Path) -> Option<Duration> {
    let written = file.metadata().and_then(|found| found.modified()).ok()?;
    // A clock that was put back: as if it were written now.
    Some(written.elapsed().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use command_api::mail::MailError;

    use super::*;

    #[derive(Default)]
    struct Letters(Mutex<Vec<Mail>>);

    #[async_trait]
    impl Mailer for Letters {
        async fn send(&self, mail: Mail) -> Result<(), MailError> {
            self.0.lock().unwrap().push(mail);
            Ok(())
        }
    }

    /// Hands two notes to a server whose first answer is this.
    async fn handed(first: axum::http::StatusCode) -> (Vec<bool>, Vec<String>) {
        let taken = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&taken);
        let answer = async move |note: String| {
            let mut kept = kept.lock().unwrap();
            kept.push(note);
            let status = if kept.len() == 1 { first } else { axum::http::StatusCode::OK };
            (status, [("location", "/elsewhere")])
        };
        // Whatever is asked, so that a redirect that is followed shows.
        let router = axum::Router::new().fallback(answer);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://user:hunter2@{}/notes", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let witness = WitnessServer::try_new(Secret::new(&url)).unwrap();
        let mut told = Vec::new();
        for note in ["note 1", "note 2"] {
            let answer = witness.hand(note).await;
            assert!(answer.as_ref().err().is_none_or(|error| !error.to_string().contains("hunter2")), "{answer:?}");
            told.push(answer.is_ok());
        }
        let taken = taken.lock().unwrap().clone();
        (told, taken)
    }

    #[tokio::test]
    async fn a_server_gets_each_note_at_its_own_address_and_what_it_did_not_take_is_told() {
        let notes = vec!["note 1".to_owned(), "note 2".to_owned()];
        for (status, took) in [(200, true), (500, false), (307, false), (302, false)] {
            let status = axum::http::StatusCode::from_u16(status).unwrap();
            assert_eq!(handed(status).await, (vec![took, true], notes.clone()), "{status}");
        }
        assert!(WitnessServer::try_new(Secret::new("http://witness.example/notes")).is_err());
        let away = WitnessServer::try_new(Secret::new("http://user:hunter2@127.0.0.1:1/notes")).unwrap();
        let error = away.hand("note").await.unwrap_err();
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }

    #[tokio::test]
    async fn one_letter_a_day_whatever_is_signed_and_however_often_it_starts() {
        let folder = tempfile::tempdir().unwrap();
        let (last, letters) = (folder.path().join("log.mailed"), Arc::new(Letters::default()));
        let witness =
            || WitnessMail { to: "auditor@example.com".parse().unwrap(), mailer: letters.clone(), last: last.clone() };
        witness().hand("note 1").await.unwrap();
        witness().hand("note 2").await.unwrap();
        assert_eq!(letters.0.lock().unwrap().len(), 1);
        let yesterday = std::time::SystemTime::now() - EVERY;
        std::fs::File::options().write(true).open(&last).unwrap().set_modified(yesterday).unwrap();
        witness().hand("note 3").await.unwrap();
        let letters = letters.0.lock().unwrap();
        assert_eq!(letters.len(), 2);
        assert!(letters[1].text.ends_with("note 3") && !letters[1].text.contains("note 1"));
    }
}
