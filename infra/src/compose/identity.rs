//! Accounts as this installation is configured for them: their key, their journal and their mail.

use std::sync::Arc;

use anyhow::Context;
use command_api::identity::{Identity, KeySealer, Parts, PlaceFile, Settings, Smtp, Transport};
use streams::security::SecurityLog;

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
    // The same for ever, as digests are: what wraps it may be rotated.
    let key = platform.keys.installation().digest("identity", b"sealing key, version 1").await;
    let key = key.context("the key that accounts are sealed with cannot be had")?;
    let base_url = config.identity.base_url.as_deref().unwrap_or(url).trim_end_matches('/').to_owned();
    let parts = Parts {
        pool: platform.app.clone(),
        settings: Settings { base_url, own_words: config.identity.own_words.clone() },
        sealer: Arc::new(KeySealer::from_key(&key)),
        journal: Arc::new(SecurityLog::new(platform.app.clone(), platform.keys.clone())),
        transport: transport(config)?,
        places,
    };
    Ok(Identity::try_new(parts)?)
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
        SmtpSecurity::Tls => command_api::identity::Security::Tls,
        SmtpSecurity::Starttls => command_api::identity::Security::StartTls,
        SmtpSecurity::Plain => command_api::identity::Security::Plain,
    };
    let password = smtp.password.as_ref().map(|password| password.expose().to_owned()).unwrap_or_default();
    let user = smtp.user.clone().map(|user| (user, password.into()));
    Ok(Transport::smtp(from, &Smtp { host: smtp.host.clone(), port: smtp.port, security, user })?)
}

#[cfg(test)]
mod tests {
    use super::*;

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
