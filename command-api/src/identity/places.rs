//! Where in the world an address is, by a file in MaxMind's format (MMDB) that the operator gives.
//!
//! Nothing is asked over the network and no place is kept: it is looked up when an address is shown. The file is read
//! once, at the start, and held in memory. An address that it does not know has no place.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use domain::access::{Place, Places};
use maxminddb::{MaxMindDbError, Reader};
use serde::Deserialize;

use super::Identity;

pub struct PlaceFile(Reader<Vec<u8>>);

impl std::fmt::Debug for PlaceFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PlaceFile")
    }
}

#[derive(Debug, thiserror::Error)]
pub enum PlaceFileError {
    #[error("{} cannot be read", .path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{} is no file of places in MaxMind's format (MMDB)", .path.display())]
    Format { path: PathBuf, source: MaxMindDbError },
}

/// What files of different makers say of a network.
///
/// MaxMind's and DB-IP's nest: `{city: {names: {en}}, country: {iso_code}}`. Others are flat: `{city, country_code}`.
#[derive(Deserialize)]
struct Record {
    #[serde(default)]
    city: Option<Named>,
    #[serde(default)]
    country: Option<Named>,
    #[serde(default)]
    country_code: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Named {
    Flat(String),
    Nested {
        #[serde(default)]
        iso_code: Option<String>,
        #[serde(default)]
        names: Names,
    },
}

#[derive(Deserialize, Default)]
struct Names {
    #[serde(default)]
    en: Option<String>,
}

impl PlaceFile {
    pub fn open(path: &Path) -> Result<Self, PlaceFileError> {
        let of = || path.to_owned();
        let bytes = std::fs::read(path).map_err(|source| PlaceFileError::Unreadable { path: of(), source })?;
        let reader = Reader::from_source(bytes).map_err(|source| PlaceFileError::Format { path: of(), source })?;
        Ok(Self(reader))
    }

    fn find(&self, address: IpAddr) -> Option<Place> {
        let found = self.0.lookup(address.to_canonical()).and_then(|found| found.decode::<Record>());
        found
            .unwrap_or_else(|error| {
                // A file for IPv4 alone is asked for an IPv6 address, or a record has another shape.
                tracing::debug!(%error, "an address cannot be looked up in the file of places");
                None
            })?
            .place()
    }
}

impl Record {
    fn place(self) -> Option<Place> {
        let city = match self.city {
            Some(Named::Flat(name)) => Some(name),
            Some(Named::Nested { names, .. }) => names.en,
            None => None,
        };
        let country = match (self.country_code, self.country) {
            (Some(code), _) | (None, Some(Named::Flat(code))) => Some(code),
            (None, Some(Named::Nested { iso_code, .. })) => iso_code,
            (None, None) => None,
        };
        let city = city.filter(|name| !name.is_empty());
        // Some files write a name there, or nothing.
        let is_code = |code: &String| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_alphabetic());
        let country = country.filter(is_code).map(|code| code.to_ascii_uppercase());
        Place::in_world(city, country)
    }
}

impl Places for Identity {
    fn place_of(&self, address: IpAddr) -> Option<Place> {
        Place::near(address).or_else(|| self.core().places.as_ref()?.find(address))
    }
}
