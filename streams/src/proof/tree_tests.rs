#![allow(clippy::cast_possible_truncation)]
use proptest::prelude::*;

use super::*;

/// The leaves of the reference tree of the Certificate Transparency project, which other implementations test with.
const LEAVES: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

/// Its roots, by size.
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn reference() -> Vec<Hash> {
    LEAVES.iter().map(|leaf| leaf_hash(&hex::decode(leaf).unwrap())).collect()
}

fn shown(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(hex::encode).collect()
}

fn resolve(leaves: &[Hash], spans: &[Span]) -> Vec<Hash> {
    spans.iter().map(|span| root_of(&leaves[span.start as usize..span.end as usize])).collect()
}

fn inclusion(leaves: &[Hash], leaf: u64) -> Vec<Hash> {
    resolve(leaves, &inclusion_spans(leaf, leaves.len() as u64))
}

fn consistency(leaves: &[Hash], old: u64) -> Vec<Hash> {
    resolve(leaves, &consistency_spans(old, leaves.len() as u64))
}

#[test]
fn roots_are_those_of_the_reference() {
    assert_eq!(hex::encode(empty_root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    let leaves = reference();
    let mut growing = Peaks::default();
    assert_eq!(growing.root(), empty_root());
    for size in 1..=8 {
        growing.push(leaves[size - 1]);
        assert_eq!((growing.size(), hex::encode(growing.root()).as_str()), (size as u64, ROOTS[size - 1]));
        assert_eq!(hex::encode(root_of(&leaves[..size])), ROOTS[size - 1]);
        let peaks: Vec<_> = peaks(size as u64)
            .iter()
            .map(|node| root_of(&leaves[(node.index << node.level) as usize..][..1 << node.level]))
            .collect();
        assert_eq!(fold_peaks(&peaks), root_of(&leaves[..size]));
    }
}

/// Paths and proofs that the reference gives for this tree.
#[test]
fn proofs_are_those_of_the_reference() {
    let leaves = reference();
    assert_eq!(
        shown(&inclusion(&leaves, 0)),
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ]
    );
    assert_eq!(
        shown(&inclusion(&leaves, 5)),
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ]
    );
    assert_eq!(
        shown(&inclusion(&leaves[..3], 2)),
        ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]
    );
    assert_eq!(
        shown(&consistency(&leaves, 1)),
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ]
    );
    assert_eq!(
        shown(&consistency(&leaves, 6)),
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ]
    );
    assert_eq!(
        shown(&consistency(&leaves[..5], 2)),
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ]
    );
}

fn leaves(count: usize) -> Vec<Hash> {
    (0..count).map(|n| leaf_hash(&n.to_be_bytes())).collect()
}

#[test]
fn every_leaf_and_every_prefix_of_small_trees_is_proven() {
    for size in 1..=33 {
        let leaves = leaves(size);
        let root = root_of(&leaves);
        for index in 0..size as u64 {
            let proof = inclusion(&leaves, index);
            assert_eq!(verify_inclusion(&leaves[index as usize], index, size as u64, &proof, &root), Ok(()));
        }
        for old in 0..=size {
            let old_root = root_of(&leaves[..old]);
            let proof = consistency(&leaves, old as u64);
            assert_eq!(verify_consistency((old as u64, &old_root), (size as u64, &root), &proof), Ok(()));
        }
    }
}

proptest! {
    /// No proof of one thing proves another.
    #[test]
    fn a_changed_proof_proves_nothing(size in 2_usize..200, index in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), bit in 0_u32..256) {
        let leaves = leaves(size);
        let (size, root) = (size as u64, root_of(&leaves));
        let index = index.index(leaves.len()) as u64;
        let leaf = leaves[index as usize];
        let good = inclusion(&leaves, index);
        let mut bad = good.clone();
        let at = at.index(bad.len());
        bad[at][(bit / 8) as usize] ^= 1 << (bit % 8);
        prop_assert!(verify_inclusion(&leaf, index, size, &bad, &root).is_err());
        prop_assert!(verify_inclusion(&leaf, index, size, &good[..at], &root).is_err());
        prop_assert!(verify_inclusion(&leaf, (index + 1) % size, size, &good, &root).is_err());
        prop_assert!(verify_inclusion(&leaf_hash(b"other"), index, size, &good, &root).is_err());
    }

    #[test]
    fn a_changed_prefix_is_no_prefix(size in 2_usize..200, old in any::<prop::sample::Index>(), bit in 0_u32..256) {
        let leaves = leaves(size);
        let (size, root) = (size as u64, root_of(&leaves));
        let old = 1 + old.index(leaves.len() - 1) as u64;
        let mut old_root = root_of(&leaves[..old as usize]);
        let proof = consistency(&leaves, old);
        old_root[(bit / 8) as usize] ^= 1 << (bit % 8);
        prop_assert!(verify_consistency((old, &old_root), (size, &root), &proof).is_err());
        old_root[(bit / 8) as usize] ^= 1 << (bit % 8);
        prop_assert!(verify_consistency((old, &old_root), (size, &leaf_hash(b"other")), &proof).is_err());
        prop_assert!(verify_consistency((old, &old_root), (size, &root), &proof[1..]).is_err());
    }
}
