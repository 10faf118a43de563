use std::path::Path;

use chrono::{DateTime, Utc};
use domain::rates::RateSource;
use domain::{BusinessId, Code, Currency, Problem};
use streams::{CommandError, Commands, Meta};

use super::{RatesFile, RatesReport, csv, xml};

/// The most bytes of a file: the European Central Bank's largest has some 8 MB.
pub const MOST_BYTES: u64 = 64 << 20;

#[derive(Debug, thiserror::Error)]
pub enum RatesFileError {
    #[error(
        "this is no file of euro reference rates; fetch eurofxref-hist.csv or eurofxref-hist.xml from the European \
         Central Bank"
    )]
    NoRates,
    #[error("this is a packed file; unpack it and import what is in it")]
    Packed,
    #[error("the file is larger than {MOST_BYTES} bytes; no file of reference rates is")]
    TooLarge,
    #[error("the file cannot be read: {0}; nothing of it was imported")]
    Unreadable(String),
    #[error(transparent)]
    Command(#[from] CommandError),
}

impl RatesFileError {
    pub fn problem(&self) -> Problem {
        let code = match self {
            Self::NoRates | Self::Packed | Self::Unreadable(_) => Code::Invalid,
            Self::TooLarge => Code::TooLarge,
            Self::Command(error) => return error.problem(),
        };
        Problem::new(code, self.to_string())
    }
}

/// Reads a file of either form; no rate is checked by what is known.
pub fn read(text: &[u8]) -> Result<RatesFile, RatesFileError> {
    let euro: Currency = "EUR".parse().map_err(|_| RatesFileError::NoRates)?;
    let begins = text.trim_ascii_start();
    let begins = begins.strip_prefix(b"\xef\xbb\xbf").unwrap_or(begins);
    if begins.starts_with(b"PK\x03\x04") || begins.starts_with(b"\x1f\x8b") {
        return Err(RatesFileError::Packed);
    }
    if begins.starts_with(b"<") { xml::read(begins, euro) } else { csv::read(begins, euro) }
}

/// Records what a file holds and is not known. The same file again records nothing.
///
/// # Errors
/// Nothing is recorded of a file that cannot be read. A fault of the store may leave some years recorded; the same
/// file again brings the others.
pub async fn import(
    commands: &Commands,
    business: BusinessId,
    path: &Path,
    name: &str,
    (now, meta): (DateTime<Utc>, &Meta),
) -> Result<RatesReport, RatesFileError> {
    let unreadable = |error: std::io::Error| RatesFileError::Unreadable(error.to_string());
    if tokio::fs::metadata(path).await.map_err(unreadable)?.len() > MOST_BYTES {
        return Err(RatesFileError::TooLarge);
    }
    let text = tokio::fs::read(path).await.map_err(unreadable)?;
    let mut file = read(&text)?;
    let read = file.rates.len() as u64 + file.refused_count;
    let mut rates = Vec::with_capacity(file.rates.len());
    for line in std::mem::take(&mut file.rates) {
        match line.quoted.check(now) {
            Ok(()) => rates.push(line.quoted),
            Err(reason) => file.refuse(line.line, reason.to_string()),
        }
    }
    let recorded = commands.record_rates(business, RateSource::Ecb, &rates, None, (now, meta)).await?;
    let mut position = None;
    for receipt in &recorded.receipts {
        position = commands.position_of(receipt).await?.map(|positions| positions.last).max(position);
    }
    Ok(RatesReport {
        file: name.to_owned(),
        format: file.format.to_owned(),
        read,
        taken: recorded.taken,
        refused: file.refused,
        refused_count: file.refused_count,
        first: rates.iter().map(|rate| rate.day).min(),
        last: rates.iter().map(|rate| rate.day).max(),
        position,
    })
}
