use std::net::IpAddr;

use serde::Serialize;

/// Where an address is, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Place {
    kind: PlaceKind,
    /// In English.
    city: Option<String>,
    /// ISO 3166-1, two letters.
    country: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PlaceKind {
    ThisMachine,
    LocalNetwork,
    /// The only one with a city or a country.
    World,
}

impl Place {
    /// `None` where neither is known.
    pub fn in_world(city: Option<String>, country: Option<String>) -> Option<Self> {
        (city.is_some() || country.is_some()).then_some(Self { kind: PlaceKind::World, city, country })
    }

    /// What an address says by itself: whether it is near. Of all others it says nothing.
    pub fn near(address: IpAddr) -> Option<Self> {
        let (loopback, local) = match address.to_canonical() {
            IpAddr::V4(v4) => (v4.is_loopback(), v4.is_private() || v4.is_link_local()),
            IpAddr::V6(v6) => (v6.is_loopback(), v6.is_unique_local() || v6.is_unicast_link_local()),
        };
        // Loopback is this machine; a local address means something within one network only.
        let kind = match (loopback, local) {
            (true, _) => PlaceKind::ThisMachine,
            (false, true) => PlaceKind::LocalNetwork,
            (false, false) => return None,
        };
        Some(Self { kind, city: None, country: None })
    }
}

/// Whoever can say where addresses are.
pub trait Places: Send + Sync {
    /// `None`: nobody here knows.
    fn place_of(&self, address: IpAddr) -> Option<Place>;

    /// Of an address as it was written down.
    fn place_of_text(&self, address: Option<&str>) -> Option<Place> {
        self.place_of(address?.parse().ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_itself_whether_it_is_near() {
        let near = |address: &str| Place::near(address.parse().unwrap()).map(|place| place.kind);
        for address in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(near(address), Some(PlaceKind::ThisMachine), "{address}");
        }
        let local = ["10.1.2.3", "172.31.0.9", "192.168.1.5", "169.254.7.7", "fd12::7", "fe80::1", "::ffff:10.0.0.1"];
        for address in local {
            assert_eq!(near(address), Some(PlaceKind::LocalNetwork), "{address}");
        }
        for address in ["8.8.8.8", "172.32.0.9", "192.169.0.1", "2001:db8::1", "::ffff:8.8.8.8"] {
            assert_eq!(near(address), None, "{address}");
        }
    }
}
