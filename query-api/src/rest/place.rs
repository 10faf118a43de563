//! Where an address is.

use domain::access::Place;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Place)]
pub struct PlaceBody {
    kind: PlaceKind,
    /// In English.
    city: Option<String>,
    /// ISO 3166-1, two letters.
    country: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PlaceKind {
    ThisMachine,
    LocalNetwork,
    /// The only one with a city or a country.
    World,
}

impl From<Place> for PlaceBody {
    fn from(place: Place) -> Self {
        match place {
            Place::ThisMachine => Self { kind: PlaceKind::ThisMachine, city: None, country: None },
            Place::LocalNetwork => Self { kind: PlaceKind::LocalNetwork, city: None, country: None },
            Place::World { city, country } => Self { kind: PlaceKind::World, city, country },
        }
    }
}
