//! `workdock certs dev`: a local authority, and certificates of it for this machine.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};

use super::output;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Make an authority of your own, and certificates for this machine's server and its clients
    Dev {
        /// Folder that they are put in
        #[arg(long, value_name = "DIR", default_value = "certs")]
        out: PathBuf,
        /// More names and addresses of the server
        #[arg(long = "host", value_name = "NAME")]
        hosts: Vec<String>,
    },
}

pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let Command::Dev { out, hosts } = arguments.command;
    make(&out, hosts)?;
    let at = |name: &str| out.join(name).display().to_string();
    output::line(&format!("Made {}, server.pem, server.key, client.pem and client.key.", at("ca.pem")))?;
    output::line(&format!(
        "Serve with WORKDOCK_HTTP__TLS__CERT={} and WORKDOCK_HTTP__TLS__KEY={}; trust ca.pem in your browser.",
        at("server.pem"),
        at("server.key")
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// Days that certificates of the authority are valid: shorter than browsers refuse.
const DAYS: u64 = 397;

fn make(out: &Path, hosts: Vec<String>) -> anyhow::Result<()> {
    std::fs::create_dir_all(out).with_context(|| format!("{} cannot be made", out.display()))?;
    let mut params = params(Vec::new(), "Workdock development authority")?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    // Its key is not kept: whoever trusts it trusts these certificates and no others.
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
    write(&out.join("ca.pem"), &authority.pem(), 0o644)?;
    let own = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let server = own.into_iter().chain(hosts).collect();
    for (name, hosts, usage) in [
        ("server", server, ExtendedKeyUsagePurpose::ServerAuth),
        ("client", vec!["workdock".to_owned()], ExtendedKeyUsagePurpose::ClientAuth),
    ] {
        let mut params = self::params(hosts, &format!("Workdock {name}"))?;
        params.extended_key_usages = vec![usage];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &authority)?;
        write(&out.join(format!("{name}.pem")), &certificate.pem(), 0o644)?;
        write(&out.join(format!("{name}.key")), &key.serialize_pem(), 0o600)?;
    }
    Ok(())
}

fn params(hosts: Vec<String>, name: &str) -> anyhow::Result<CertificateParams> {
    let mut params = CertificateParams::new(hosts)?;
    params.distinguished_name.remove(DnType::CommonName);
    params.distinguished_name.push(DnType::CommonName, name);
    let now = std::time::SystemTime::now();
    let days = |days: u64| std::time::Duration::from_secs(days * 86_400);
    params.not_before = (now - days(1)).into();
    params.not_after = (now + days(DAYS)).into();
    Ok(params)
}

/// Replaced as a whole, so that a server that reads it meanwhile sees the old or the new one.
fn write(path: &Path, text: &str, mode: u32) -> anyhow::Result<()> {
    let half = path.with_extension("half");
    let write = || {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&half)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&half, path)
    };
    write().with_context(|| format!("{} cannot be written", path.display()))
}

#[cfg(test)]
#[path = "certs_tests.rs"]
mod tests;
