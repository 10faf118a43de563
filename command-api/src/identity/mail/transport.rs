//! The way out: an SMTP server, or files in a folder where none is configured.

use std::fmt;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lettre::message::header::{ContentTransferEncoding, ContentType};
use lettre::message::{Attachment, Body, Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters, TlsVersion};
use lettre::{AsyncFileTransport, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use zeroize::Zeroizing;

use crate::mail::{Attached, Mail, MailError};

const PATIENCE: Duration = Duration::from_secs(30);
/// RFC 5322: characters of a line without its end.
const MOST_LINE: usize = 998;

/// How the connection to the server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (port 465).
    Tls,
    /// TLS is asked for, and the server must give it (port 587).
    StartTls,
    /// None: for a server on this machine.
    Plain,
}

#[derive(Clone)]
pub struct Smtp {
    pub host: String,
    pub port: u16,
    pub security: Security,
    pub user: Option<(String, Zeroizing<String>)>,
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    #[error("{0:?} is no sender of mail; write one such as Workdock <workdock@example.com>")]
    From(String),
    #[error("mail to {0} would go out unprotected; only a server on this machine is reached without TLS")]
    Unprotected(String),
    #[error("the mail server's name cannot be used for TLS")]
    Name(#[source] lettre::transport::smtp::Error),
    #[error(
        "the mail server speaks no TLS 1.3, and nothing older is used: send through a relay that does, or through one on \
         this machine with mail.smtp.security = \"plain\""
    )]
    TooOld(#[source] lettre::transport::smtp::Error),
    #[error("the folder for mail {path} cannot be made")]
    Folder { path: String, source: std::io::Error },
}

#[derive(Debug)]
pub struct Transport {
    from: Mailbox,
    way: Way,
}

enum Way {
    Smtp(Box<AsyncSmtpTransport<Tokio1Executor>>),
    Folder(AsyncFileTransport<Tokio1Executor>, PathBuf),
}

impl fmt::Debug for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Smtp(_) => f.write_str("Smtp"),
            Self::Folder(_, folder) => f.debug_tuple("Folder").field(folder).finish(),
        }
    }
}

impl Transport {
    pub fn smtp(from: &str, server: &Smtp) -> Result<Self, TransportError> {
        let host = server.host.clone();
        let local = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        let tls = || {
            let parameters = TlsParameters::builder(host.clone()).set_min_tls_version(TlsVersion::Tlsv13);
            parameters.build().map_err(TransportError::Name)
        };
        let tls = match server.security {
            Security::Tls => Tls::Wrapper(tls()?),
            Security::StartTls => Tls::Required(tls()?),
            Security::Plain if local => Tls::None,
            Security::Plain => return Err(TransportError::Unprotected(host)),
        };
        let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&server.host).port(server.port).tls(tls);
        let mut builder = builder.timeout(Some(PATIENCE));
        if let Some((user, password)) = &server.user {
            builder = builder.credentials(Credentials::new(user.clone(), password.to_string()));
        }
        Ok(Self { from: sender(from)?, way: Way::Smtp(Box::new(builder.build())) })
    }

    /// Into files of `folder` (mode 0700), one a letter: for trying things out, and where there is no mail server.
    pub fn folder(from: &str, folder: &Path) -> Result<Self, TransportError> {
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|source| TransportError::Folder { path: folder.display().to_string(), source })?;
        let way = Way::Folder(AsyncFileTransport::new(folder), folder.to_owned());
        Ok(Self { from: sender(from)?, way })
    }

    /// Where letters go that are not sent.
    pub fn as_folder(&self) -> Option<&Path> {
        match &self.way {
            Way::Smtp(_) => None,
            Way::Folder(_, folder) => Some(folder),
        }
    }

    pub async fn send(&self, mail: Mail) -> Result<(), MailError> {
        let to: lettre::Address = mail.to.expose().parse().map_err(|error| MailError::Refused(Box::new(error)))?;
        let builder = Message::builder().from(self.from.clone()).to(Mailbox::new(None, to)).subject(mail.subject);
        let message = match mail.attached {
            None => builder.header(ContentType::TEXT_PLAIN).body(as_written(mail.text)),
            Some(attached) => builder.multipart(with_file(mail.text, attached)),
        };
        let message = message.map_err(|error| MailError::Refused(Box::new(error)))?;
        match &self.way {
            Way::Smtp(server) => match server.send(message).await {
                Ok(_) => Ok(()),
                Err(error) if error.is_permanent() => Err(MailError::Refused(Box::new(error))),
                Err(error) if streams::tls::is_too_old(&error) => {
                    Err(MailError::Unavailable(Box::new(TransportError::TooOld(error))))
                }
                Err(error) => Err(MailError::Unavailable(Box::new(error))),
            },
            Way::Folder(folder, _) => match folder.send(message).await {
                Ok(_) => Ok(()),
                Err(error) => Err(MailError::Unavailable(Box::new(error))),
            },
        }
    }
}

fn with_file(text: String, attached: Attached) -> MultiPart {
    let text = SinglePart::builder().header(ContentType::TEXT_PLAIN).body(as_written(text));
    // In base64: no server on the way folds its lines.
    let json = Body::new_with_encoding(attached.json.into_bytes(), ContentTransferEncoding::Base64);
    let file = Attachment::new(attached.name);
    let of_json = ContentType::parse("application/json").unwrap_or(ContentType::TEXT_PLAIN);
    match json {
        Ok(json) => MultiPart::mixed().singlepart(text).singlepart(file.body(json, of_json)),
        // Base64 takes every byte.
        Err(_) => MultiPart::mixed().singlepart(text),
    }
}

/// Text that needs no encoding goes out as it is: a link stays whole on its line for whoever reads the source.
fn as_written(text: String) -> Body {
    let fits = |line: &str| line.len() <= MOST_LINE && !line.contains('\0');
    if text.is_ascii() && text.lines().all(fits) {
        let text = text.lines().flat_map(|line| [line, "\r\n"]).collect::<String>();
        return Body::dangerous_pre_encoded(text.into_bytes(), ContentTransferEncoding::SevenBit);
    }
    Body::new(text)
}

fn sender(from: &str) -> Result<Mailbox, TransportError> {
    from.parse().map_err(|_| TransportError::From(from.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn mail_leaves_this_machine_protected_only() {
        let smtp = |host: &str, security| Smtp { host: host.into(), port: 25, security, user: None };
        let open = |host, security| Transport::smtp("Workdock <workdock@example.com>", &smtp(host, security));
        assert!(open("127.0.0.1", Security::Plain).is_ok());
        assert!(matches!(open("mail.example.com", Security::Plain), Err(TransportError::Unprotected(_))));
        assert!(open("mail.example.com", Security::StartTls).is_ok());
        assert!(matches!(Transport::smtp("nobody", &smtp("localhost", Security::Plain)), Err(TransportError::From(_))));
    }
    #[tokio::test]
    async fn a_server_with_an_older_tls_than_1_3_gets_no_letter_and_the_reason_says_what_to_do() {
        let smtp = |port| Smtp { host: "127.0.0.1".into(), port, security: Security::Tls, user: None };
        let sent = async |port| {
            let transport = Transport::smtp("Workdock <workdock@example.com>", &smtp(port)).unwrap();
            let to = "ada@example.com".parse().unwrap();
            match transport.send(Mail::new(to, "A".into(), "B".into())).await {
                Err(MailError::Unavailable(reason)) => reason.to_string(),
                other => panic!("{other:?}"),
            }
        };
        let told = sent(streams::testing::old_tls()).await;
        assert!(told.starts_with("the mail server speaks no TLS 1.3") && told.contains("relay"), "{told}");
        assert!(!sent(1).await.contains("TLS"));
    }
}
