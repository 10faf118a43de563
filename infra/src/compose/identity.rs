//! Accounts as this installation is configured for them: their key, their journal and their mail.

use std::sync::Arc;

use anyhow::Context;
use command_api::identity::{Identity, KeySealer, Parts, Settings, Smtp, Transport};
use streams::security::SecurityLog;

use super::Platform;
use crate::config::{Config, SmtpSecurity};

/// `url`: where this process listens, for links where no other address is configured.
pub async fn open(config: &Config, platform: &Platform, url: &str) -> anyhow::Result<Identity> {
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
