//! Accounts as this installation is configured for them: their key, their journal and their mail.

use std::sync::Arc;

use anyhow::Context;
use async_trait::async_trait;
use command_api::identity::{self, Identity, KeySealer, Parts, PlaceFile, Settings, Smtp, Transport};
use streams::sealing::{Keys, SealError, Sealer};
use uuid::Uuid;

use super::Platform;
use crate::config::{Config, SmtpSecurity};

/// The file that knows where addresses are, where one is configured.
pub fn places(config: &Config) -> anyhow::Result<Option<PlaceFile>> {
    const ADVICE: &str = "identity.places is the path of a file in MaxMind's format (MMDB), such as a city or country \
                          database; correct it, or leave it out: then sessions show addresses alone";
    config.identity.places.as_deref().map(PlaceFile::open).transpose().context(ADVICE)
}

/// `url`: where this process listens, for links where no other address is configured.
pub async fn open(
    config: &Config,
    platform: &Platform,
    url: &str,
    places: Option<PlaceFile>,
) -> anyhow::Result<Identity> {
    let base_url = config.identity.base_url.as_deref().unwrap_or(url).trim_end_matches('/').to_owned();
    let parts = Parts {
        pool: platform.app.clone(),
        settings: Settings { base_url, own_words: config.identity.own_words.clone() },
        sealer: Arc::new(AccountSealer::new(&platform.keys).await?),
        keys: platform.keys.clone(),
        journal: Arc::new(platform.commands.journal()),
        transport: transport(config)?,
        places,
    };
    Ok(Identity::try_new(parts)?)
}

/// Seals accounts with the installation's data keys, which are renewed as those of a business are.
#[derive(Debug)]
struct AccountSealer {
    keys: Sealer,
    /// The same for ever, as digests are: hashes by which accounts are found, and what was sealed before the data keys did it.
    fixed: KeySealer,
}

impl AccountSealer {
    async fn new(keys: &Keys) -> anyhow::Result<Self> {
        let keys = keys.installation();
        let key = keys.digest("identity", b"sealing key, version 1").await;
        let key = key.context("the key that accounts are found by cannot be had")?;
        Ok(Self { keys, fixed: KeySealer::from_key(&key) })
    }
}

#[async_trait]
impl identity::Sealer for AccountSealer {
    async fn seal(&self, context: &str, plain: &[u8]) -> Result<Vec<u8>, identity::SealError> {
        let sealed = self.keys.seal(&field(context), Uuid::nil(), plain).await;
        sealed.map(String::into_bytes).map_err(|error| refused(context, error))
    }

    async fn open(&self, context: &str, sealed: &[u8]) -> Result<Vec<u8>, identity::SealError> {
        let text = std::str::from_utf8(sealed).unwrap_or_default();
        match self.keys.open(&field(context), Uuid::nil(), text).await {
            Ok(plain) => Ok(plain.to_vec()),
            Err(SealError::Malformed) => self.fixed.open(context, sealed).await,
            Err(error) => Err(refused(context, error)),
        }
    }

    fn index(&self, context: &str, text: &[u8]) -> [u8; 32] {
        self.fixed.index(context, text)
    }
}

/// Whose it is stands in the context already.
fn field(context: &str) -> String {
    format!("access.{context}")
}

fn refused(context: &str, error: SealError) -> identity::SealError {
    match error {
        SealError::Forged | SealError::Erased(_) => identity::SealError::Closed(context.to_owned()),
        error => identity::SealError::Unavailable(Box::new(error)),
    }
}

fn transport(config: &Config) -> anyhow::Result<Transport> {
    let from = &config.mail.from;
    let Some(smtp) = &config.mail.smtp else {
        let folder = config.data.join("mail");
        let transport = Transport::folder(from, &folder)?;
        tracing::info!("no mail server is configured ([mail.smtp]): letters are written to {}", folder.display());
        return Ok(transport);
    };
    let security = match smtp.security {
        SmtpSecurity::Tls => identity::Security::Tls,
        SmtpSecurity::Starttls => identity::Security::StartTls,
        SmtpSecurity::Plain => identity::Security::Plain,
    };
    let password = smtp.password.as_ref().map(|password| password.expose().to_owned()).unwrap_or_default();
    let user = smtp.user.clone().map(|user| (user, password.into()));
    Ok(Transport::smtp(from, &Smtp { host: smtp.host.clone(), port: smtp.port, security, user })?)
}

#[cfg(test)]
mod tests {
    use command_api::identity::Sealer as _;

    use super::*;

    #[tokio::test]
    async fn accounts_are_sealed_with_the_newest_key_and_open_with_every_one_of_before() {
        let database = streams::testing::Database::create().await;
        let pool = database.pool();
        let keys = streams::testing::keys(&pool);
        let sealer = AccountSealer::new(&keys).await.unwrap();
        let first = sealer.seal("email:1", b"ada@example.com").await.unwrap();
        let version = keys.rotate_data_key(Uuid::nil()).await.unwrap();
        let second = sealer.seal("email:1", b"ada@example.com").await.unwrap();
        assert!(first.starts_with(b"v1.1.") && second.starts_with(format!("v1.{version}.").as_bytes()));
        // What was sealed by the program before it renewed these keys.
        let oldest = sealer.fixed.seal("email:1", b"ada@example.com").await.unwrap();
        for sealed in [&first, &second, &oldest] {
            assert_eq!(sealer.open("email:1", sealed).await.unwrap(), b"ada@example.com");
            assert!(matches!(sealer.open("email:2", sealed).await, Err(identity::SealError::Closed(_))));
        }
        // By which an account is found: the same in a process that never saw the first key.
        let anew = AccountSealer::new(&streams::testing::keys(&pool)).await.unwrap();
        assert_eq!(anew.index("email", b"ada"), sealer.index("email", b"ada"));
        assert_eq!(anew.open("email:1", &first).await.unwrap(), b"ada@example.com");
    }

    #[test]
    fn a_file_of_places_that_is_none_is_told_with_its_setting_and_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let (missing, text) = (folder.path().join("missing.mmdb"), folder.path().join("text.mmdb"));
        std::fs::write(&text, "address,city").unwrap();
        let told = |path: &std::path::Path| {
            let mut config = Config::default();
            config.identity.places = Some(path.to_owned());
            format!("{:#}", places(&config).unwrap_err())
        };
        for (path, why) in
            [(&missing, "cannot be read: No such file"), (&text, "is no file of places in MaxMind's format")]
        {
            let told = told(path);
            assert!(told.starts_with("identity.places is the path of a file"), "{told}");
            assert!(told.contains(&format!("{} {why}", path.display())), "{told}");
        }
        assert!(places(&Config::default()).unwrap().is_none());
    }
}
