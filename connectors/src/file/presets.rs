//! Mappings that come with the program. They are chosen only where the whole header row is theirs.

use super::mapping::{Mapping, MappingError};

macro_rules! presets {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../presets/", $name, ".toml")))),*]
    };
}

const PRESETS: [(&str, &str); 17] = presets![
    "amex_us",
    "bank_of_america",
    "barclays",
    "chase_card",
    "chase_checking",
    "czech_bank",
    "dkb",
    "ing_nl",
    "lloyds",
    "monzo",
    "n26",
    "rabobank",
    "revolut",
    "sparkasse",
    "starling",
    "uk_online_retail",
    "wise",
];

/// All of them, by name.
pub fn all() -> Result<Vec<(&'static str, Mapping)>, MappingError> {
    PRESETS.iter().map(|(name, text)| Ok((*name, Mapping::from_toml(text)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_valid_and_says_for_which_header_it_is() {
        for (name, mapping) in all().unwrap() {
            assert!(mapping.file.columns.is_some() && mapping.file.delimiter.is_some(), "{name}");
            assert!(mapping.date.format.is_some() && mapping.amount.style().unwrap().is_some(), "{name}");
        }
    }
}
