//! The configuration of every command: defaults < `workdock.toml` < `WORKDOCK_*` variables < arguments.
//!
//! A variable names a key with `__` between its parts: `WORKDOCK_HTTP__PORT=9000`. Unknown keys are refused, so that a
//! mistyped one is noticed; `WORKDOCK_CONFIG`, `WORKDOCK_TEST_*` and `WORKDOCK_BENCH_*` mean other things.

mod accounts;
mod erasure;
mod files;
mod keys;
mod metrics;
mod secret;
mod sources;
mod tls;

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Env, Format, Toml};
use ipnet::IpNet;
use serde::Deserialize;

pub use accounts::{IdentityConfig, Mail, SmtpConfig, SmtpSecurity};
pub use erasure::Erasure;
pub use files::{Files, MOST_FILE};
pub use keys::{KeyServiceKind, Keys};
pub use metrics::Metrics;
pub use secret::Secret;
pub use sources::Sources;
pub use tls::{ClientTls, Tls};

use crate::http::{ForwardedHeader, Limits};

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Folder of the embedded servers' data, keys and logs.
    pub data: PathBuf,
    /// Folder where fetched server programs are kept; by default in the user's cache.
    pub cache: Option<PathBuf>,
    pub http: Http,
    pub log: Log,
    pub postgres: Postgres,
    pub nats: Nats,
    pub keys: Keys,
    pub audit: Audit,
    pub erasure: Erasure,
    pub files: Files,
    pub metrics: Metrics,
    pub identity: IdentityConfig,
    pub mail: Mail,
    pub sources: Sources,
    /// Whose clients we are: `[providers.plaid]`.
    pub providers: connectors::provider::Settings,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    pub listen: IpAddr,
    pub port: u16,
    /// Networks of proxies of ours, which say whose request they pass on (`10.0.0.0/8`).
    pub trusted_proxies: Vec<IpNet>,
    pub forwarded_header: ForwardedHeader,
    /// Origins whose pages may read our answers (`https://books.example`); none where empty.
    pub allowed_origins: Vec<String>,
    pub limits: Limits,
    /// Absent: plain HTTP, on loopback alone.
    pub tls: Option<Tls>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    pub format: LogFormat,
    /// As in `RUST_LOG`: `info`, `warn,streams=debug`.
    pub filter: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Human,
    Json,
}

/// Given servers. Absent: the embedded one.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Postgres {
    /// What the services connect as (`postgres://workdock:…@host/workdock`).
    pub url: Option<Secret>,
    /// What migrations and rebuilds connect as; `url` where absent.
    pub owner_url: Option<Secret>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Nats {
    pub url: Option<Secret>,
    /// Of a given server: what it is trusted by, and what it is shown.
    pub tls: Option<ClientTls>,
    /// First part of the names of streams and subjects.
    pub prefix: String,
}

/// Signed checkpoints over the log.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Audit {
    /// Where the signing key is kept, apart from the data; by default `checkpoints/<log>.key` beside the folder of the
    /// master keys.
    pub key: Option<PathBuf>,
    /// The name that a new key gets, e.g. `books.example.com/log`.
    pub origin: Option<String>,
    /// Where archived parts of histories are kept; by default `archives` in the data folder.
    pub archive_folder: Option<PathBuf>,
    /// A file to which checkpoints are appended, best on another disk.
    pub witness_file: Option<PathBuf>,
    /// A server that checkpoints are posted to.
    pub witness_url: Option<Secret>,
    /// An address that is sent a checkpoint once a day.
    pub witness_mail: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: PathBuf::from(".workdock"),
            cache: None,
            http: Http::default(),
            log: Log::default(),
            postgres: Postgres::default(),
            nats: Nats::default(),
            keys: Keys::default(),
            audit: Audit::default(),
            erasure: Erasure::default(),
            metrics: Metrics::default(),
            files: Files::default(),
            identity: IdentityConfig::default(),
            mail: Mail::default(),
            sources: Sources::default(),
            providers: connectors::provider::Settings::default(),
        }
    }
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: IpAddr::from([127, 0, 0, 1]),
            port: 8080,
            trusted_proxies: Vec::new(),
            forwarded_header: ForwardedHeader::default(),
            allowed_origins: Vec::new(),
            limits: Limits::default(),
            tls: None,
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Human, filter: "warn,infra=info".into() }
    }
}

impl Default for Nats {
    fn default() -> Self {
        Self { url: None, tls: None, prefix: "WORKDOCK".into() }
    }
}

impl Http {
    /// What crosses a network is encrypted.
    pub fn check(&self) -> anyhow::Result<()> {
        anyhow::ensure!(
            self.tls.is_some() || self.listen.is_loopback(),
            "plain HTTP is served on loopback only, and http.listen is {}: give http.tls.cert and http.tls.key \
             (`workdock certs dev` makes some for trying out), or listen on 127.0.0.1 behind a proxy of this machine",
            self.listen
        );
        Ok(())
    }
}

impl Config {
    /// Reads the file (which must exist where it is named) and the environment, and checks what can be checked.
    pub fn load(file: Option<&Path>) -> anyhow::Result<Self> {
        if let Some(file) = file {
            anyhow::ensure!(file.is_file(), "{}: there is no such file", file.display());
        }
        let environment = Env::prefixed("WORKDOCK_")
            .filter(|key| key != "CONFIG" && key != "DATA" && !key.starts_with("TEST_") && !key.starts_with("BENCH_"))
            .split("__");
        let mut figment = Figment::new();
        let file = file.unwrap_or(Path::new("workdock.toml"));
        if file.is_file() {
            figment = figment.merge(Toml::file_exact(file));
        }
        let config: Self = figment.merge(environment).extract()?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> anyhow::Result<()> {
        self.identity.check()?;
        self.erasure.check()?;
        self.files.check()?;
        self.http.check()?;
        self.sources.check()?;
        self.providers.check()?;
        anyhow::ensure!(
            self.postgres.url.is_some() == self.nats.url.is_some(),
            "give both postgres.url and nats.url, or neither: with neither, workdock runs both servers itself"
        );
        for origin in &self.http.allowed_origins {
            let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
            anyhow::ensure!(
                host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '*', '?', '#', '@'])),
                "http.allowed_origins: {origin:?} is no origin; write scheme and host, e.g. https://books.example"
            );
        }
        let prefix = &self.nats.prefix;
        anyhow::ensure!(
            !prefix.is_empty()
                && prefix.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_'),
            "nats.prefix must be upper-case letters, digits and underscores, not {prefix:?}"
        );
        Ok(())
    }

    /// Where fetched programs go: never inside the data folder or a clone.
    pub fn cache(&self) -> PathBuf {
        let from = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        self.cache
            .clone()
            .or_else(|| from("XDG_CACHE_HOME").map(|path| path.join("workdock")))
            .or_else(|| from("HOME").map(|path| path.join(".cache/workdock")))
            .unwrap_or_else(|| PathBuf::from("/var/tmp/workdock"))
    }
}

#[cfg(test)]
#[allow(clippy::result_large_err)] // figment::Jail's own error type
mod tests {
    use super::*;
    use figment::Jail;

    #[test]
    fn environment_wins_over_file_and_file_over_default() {
        Jail::expect_with(|jail| {
            jail.create_file("workdock.toml", "data = \"here\"\n[http]\nport = 9000\n")?;
            jail.set_env("WORKDOCK_HTTP__PORT", "9001");
            jail.set_env("WORKDOCK_TEST_POSTGRES", "postgres://elsewhere");
            jail.set_env("WORKDOCK_BENCH_FILE", "lines.csv");
            let config = Config::load(None).expect("a valid configuration");
            assert_eq!((config.data, config.http.port), (PathBuf::from("here"), 9001));
            assert_eq!(config.http.listen, IpAddr::from([127, 0, 0, 1]));
            Ok(())
        });
    }

    #[test]
    fn unknown_keys_are_refused() {
        Jail::expect_with(|jail| {
            jail.set_env("WORKDOCK_HTTP__PROT", "9001");
            let error = Config::load(None).expect_err("a mistyped key").to_string();
            assert!(error.contains("prot"), "{error}");
            Ok(())
        });
    }

    #[test]
    fn one_given_server_without_the_other_is_refused() {
        Jail::expect_with(|jail| {
            jail.set_env("WORKDOCK_NATS__URL", "nats://127.0.0.1:4222");
            assert!(Config::load(None).is_err());
            Ok(())
        });
    }

    #[test]
    fn mail_and_the_address_of_the_page_are_configured() {
        Jail::expect_with(|jail| {
            jail.set_env("WORKDOCK_MAIL__SMTP__HOST", "mail.example.com");
            jail.set_env("WORKDOCK_MAIL__SMTP__PASSWORD", "hunter2");
            jail.set_env("WORKDOCK_IDENTITY__BASE_URL", "https://workdock.example");
            let config = Config::load(None).expect("a valid configuration");
            assert!(!format!("{config:?}").contains("hunter2"));
            let smtp = config.mail.smtp.expect("a server");
            assert_eq!((smtp.port, smtp.security), (587, SmtpSecurity::Starttls));
            jail.set_env("WORKDOCK_IDENTITY__BASE_URL", "https://workdock.example/app");
            assert!(Config::load(None).is_err());
            Ok(())
        });
    }

    #[test]
    fn secrets_do_not_print() {
        Jail::expect_with(|jail| {
            jail.set_env("WORKDOCK_NATS__URL", "nats://user:hunter2@127.0.0.1:4222");
            jail.set_env("WORKDOCK_POSTGRES__URL", "postgres://user:hunter2@127.0.0.1/db");
            let config = Config::load(None).expect("a valid configuration");
            assert!(!format!("{config:?}").contains("hunter2"));
            assert!(config.nats.url.is_some_and(|url| url.expose().contains("hunter2")));
            Ok(())
        });
    }
}
