//! The file in which one business's log leaves, with its proofs: JSON, one object a line. `docs/audit.md` describes it
//! for whoever reads it without this program.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, Utc};
use domain::BusinessId;
use serde::{Deserialize, Serialize};

use super::archive::Signed;
use super::tree::{Hash, peaks};

pub(super) const FORMAT: &str = "workdock-audit/1";
/// Of a part of a log, see [`super::archive()`].
pub(super) const ARCHIVE_FORMAT: &str = "workdock-archive/1";

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Header {
    pub format: String,
    pub business: BusinessId,
    /// How many lines follow, one for each event of the business from its first on.
    pub events: i64,
    /// The signed note. Its last event is the last line's.
    pub checkpoint: String,
    /// The public key of its signer. Whoever has it from elsewhere compares.
    pub key: String,
    /// The roots of the perfect subtrees of the checkpoint's tree, from the left; folded together they give its root.
    pub peaks: Packed,
    /// That earlier checkpoints are of the same log.
    pub earlier: Vec<Earlier>,
    /// Of a part of the log: which one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive: Option<Signed>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Earlier {
    pub size: u64,
    /// The consistency proof of RFC 6962 from that size to the checkpoint's.
    pub proof: Packed,
}

/// The lines after it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Line<'a> {
    pub position: i64,
    pub business: BusinessId,
    pub business_sequence: i64,
    #[serde(borrow)]
    pub aggregate_type: Cow<'a, str>,
    #[serde(borrow)]
    pub aggregate_id: Cow<'a, str>,
    pub sequence: i64,
    #[serde(borrow)]
    pub event_type: Cow<'a, str>,
    #[serde(borrow)]
    pub event_version: Cow<'a, str>,
    pub recorded_at: DateTime<Utc>,
    /// JSON as stored, as text.
    #[serde(borrow)]
    pub metadata: Cow<'a, str>,
    #[serde(borrow)]
    pub payload: Cow<'a, str>,
    /// The hash of the event one position before, in hexadecimal digits.
    #[serde(with = "hexadecimal")]
    pub previous: Hash,
    #[serde(with = "hexadecimal")]
    pub hash: Hash,
    /// The audit path up to the first node that the events before have shown already.
    pub path: Packed,
}

mod hexadecimal {
    use std::borrow::Cow;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Hash;

    pub fn serialize<S: Serializer>(hash: &Hash, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(hash))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Hash, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        let mut hash = [0; 32];
        hex::decode_to_slice(&*text, &mut hash).map_err(|_| D::Error::custom("a hash is 64 hexadecimal digits"))?;
        Ok(hash)
    }
}

/// Hashes one after the other, in base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Cow<'_, str>", into = "String")]
pub(super) struct Packed(pub Vec<Hash>);

impl From<Packed> for String {
    fn from(Packed(hashes): Packed) -> Self {
        BASE64.encode(hashes.concat())
    }
}

impl TryFrom<Cow<'_, str>> for Packed {
    type Error = &'static str;

    fn try_from(text: Cow<'_, str>) -> Result<Self, Self::Error> {
        let invalid = "hashes are 32 bytes each, in base64";
        let bytes = BASE64.decode(text.as_bytes()).map_err(|_| invalid)?;
        let hashes = bytes.chunks(32).map(Hash::try_from).collect::<Result<_, _>>();
        hashes.map(Self).map_err(|_| invalid)
    }
}

/// How far the audit path of a leaf goes until it meets what the leaf before it has shown.
///
/// What is shown first of a peak goes up to the peak. After another leaf of the same peak, the two paths meet above
/// the highest bit in which their numbers differ, and the node below there is the sibling of one that was shown.
#[derive(Debug, Clone)]
pub(super) struct Walk {
    size: u64,
    before: Option<u64>,
}

/// Where a path ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// At this peak, counted from the left.
    Peak(usize),
    /// At the sibling of the path before.
    Sibling,
}

impl Walk {
    pub const fn new(size: u64) -> Self {
        Self { size, before: None }
    }

    /// The number of hashes in the path of the next leaf, and what they lead to. `None`: it is no leaf that follows.
    pub fn next(&mut self, leaf: u64) -> Option<(u32, End)> {
        if leaf >= self.size || self.before.is_some_and(|before| leaf <= before) {
            return None;
        }
        // The peaks are the bits of the size: a leaf's peak is at the highest bit in which it is below.
        let level_of = |leaf: u64| 63 - (self.size ^ leaf).leading_zeros();
        let level = level_of(leaf);
        let before = self.before.replace(leaf);
        match before {
            Some(before) if level_of(before) == level => Some((63 - (before ^ leaf).leading_zeros(), End::Sibling)),
            _ => {
                let peak = peaks(self.size).iter().position(|peak| peak.level == level)?;
                Some((level, End::Peak(peak)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leaf_belongs_to_the_peak_it_is_in() {
        for size in 1..70_u64 {
            for leaf in 0..size {
                let (level, end) = Walk::new(size).next(leaf).unwrap();
                let peaks = peaks(size);
                let own = peaks.iter().position(|peak| leaf >> peak.level == peak.index).unwrap();
                assert_eq!((level, end), (peaks[own].level, End::Peak(own)), "{leaf} of {size}");
            }
        }
        let mut walk = Walk::new(9);
        assert_eq!(walk.next(3), Some((3, End::Peak(0))));
        assert_eq!(walk.next(4), Some((2, End::Sibling)));
        assert_eq!(walk.next(5), Some((0, End::Sibling)));
        assert_eq!(walk.next(5), None);
        assert_eq!(walk.next(8), Some((0, End::Peak(1))));
        assert_eq!(walk.next(9), None);
    }
}
