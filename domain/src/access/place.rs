use std::net::IpAddr;

/// Where an address is, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Loopback.
    ThisMachine,
    /// An address that means something within one network only.
    LocalNetwork,
    /// Somewhere in the world: at least one of both is known.
    World {
        /// Its English name.
        city: Option<String>,
        /// ISO 3166-1, two letters.
        country: Option<String>,
    },
}

impl Place {
    /// What an address says by itself: whether it is near. Of all others it says nothing.
    pub fn near(address: IpAddr) -> Option<Self> {
        let (loopback, local) = match address.to_canonical() {
            IpAddr::V4(v4) => (v4.is_loopback(), v4.is_private() || v4.is_link_local()),
            IpAddr::V6(v6) => (v6.is_loopback(), v6.is_unique_local() || v6.is_unicast_link_local()),
        };
        match (loopback, local) {
            (true, _) => Some(Self::ThisMachine),
            (false, true) => Some(Self::LocalNetwork),
            (false, false) => None,
        }
    }
}

/// Whoever can say where addresses are.
pub trait Places: Send + Sync {
    /// `None`: nobody here knows.
    fn place_of(&self, address: IpAddr) -> Option<Place>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_itself_whether_it_is_near() {
        let near = |address: &str| Place::near(address.parse().unwrap());
        for address in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(near(address), Some(Place::ThisMachine), "{address}");
        }
        let local = ["10.1.2.3", "172.31.0.9", "192.168.1.5", "169.254.7.7", "fd12::7", "fe80::1", "::ffff:10.0.0.1"];
        for address in local {
            assert_eq!(near(address), Some(Place::LocalNetwork), "{address}");
        }
        for address in ["8.8.8.8", "172.32.0.9", "192.169.0.1", "2001:db8::1", "::ffff:8.8.8.8"] {
            assert_eq!(near(address), None, "{address}");
        }
    }
}
