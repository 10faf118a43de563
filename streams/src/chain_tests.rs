use proptest::prelude::*;

use super::*;

/// The texts of a link, in the order of the canonical bytes.
type Texts = [String; 6];

fn link(numbers: [i64; 3], texts: &Texts) -> Link<'_> {
    let [aggregate_type, aggregate_id, event_type, event_version, metadata, payload] = texts;
    Link {
        position: numbers[0],
        business: Uuid::from_u128(7),
        business_sequence: numbers[1],
        aggregate_type,
        aggregate_id,
        sequence: numbers[2],
        event_type,
        event_version,
        recorded_at: DateTime::from_timestamp_micros(1_700_000_000_000_001).unwrap(),
        metadata,
        payload,
    }
}

fn texts() -> impl Strategy<Value = Texts> {
    prop::array::uniform6("[ab\u{e9}]{0,3}")
}

proptest! {
    /// Length prefixes: whatever moves from one part to the next changes the bytes.
    #[test]
    fn different_parts_have_different_bytes(a in texts(), b in texts(), n in prop::array::uniform3(1..3_i64), m in prop::array::uniform3(1..3_i64)) {
        let bytes = |numbers, texts: &Texts| {
            let mut bytes = Vec::new();
            link(numbers, texts).write_canonical(&GENESIS, |part| bytes.extend_from_slice(part));
            bytes
        };
        prop_assert_eq!(bytes(n, &a) == bytes(m, &b), a == b && n == m);
    }

    #[test]
    fn the_hash_covers_the_one_before(texts in texts(), previous in prop::array::uniform32(any::<u8>())) {
        let link = link([2, 2, 2], &texts);
        prop_assert_eq!(link.hash(&previous) == link.hash(&GENESIS), previous == GENESIS);
    }
}

/// Fixed for ever: an auditor's program must agree with it. Computed by hand from the table with another program.
#[test]
fn the_specification_holds() {
    let texts = ["business", "018f0000-0000-7000-8000-000000000001", "business.renamed", "1", "{}", r#"{"name":"A"}"#];
    let hash = link([1, 1, 1], &texts.map(str::to_owned)).hash(&GENESIS);
    assert_eq!(hex::encode(hash), "d1606f24f5726d4de2fcdf98f643f6528bddb8b1dda2896f60757efddfaa8020");
}
