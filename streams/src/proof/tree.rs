//! The Merkle tree of RFC 6962, section 2.1, as arithmetic: which nodes a root, an audit path and a consistency proof
//! are made of, and how whoever holds nothing but a root checks them (RFC 9162, 2.1.3.2 and 2.1.4.2).
//!
//! A tree of any size falls into perfect subtrees, its *peaks*: one for each bit of its size, from the largest on the
//! left. Every node that RFC 6962 asks for is a perfect subtree or some of them folded together.

use sha2::{Digest, Sha256};

/// A SHA-256.
pub type Hash = [u8; 32];

/// A perfect subtree: the `index`-th of those with `2^level` leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Node {
    pub level: u32,
    pub index: u64,
}

/// Leaves from `start` until before `end`, which RFC 6962 writes `D[start:end]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub start: u64,
    pub end: u64,
}

/// Why a proof does not prove it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Disproof {
    #[error("there is no such leaf in a tree of that size")]
    OutOfRange,
    #[error("the proof has the wrong number of hashes")]
    Length,
    #[error("the proof leads to another root")]
    Root,
    #[error("the proof leads to another root of the older tree")]
    OldRoot,
}

pub fn leaf_hash(entry: &[u8]) -> Hash {
    let mut hash = Sha256::new();
    hash.update([0]);
    hash.update(entry);
    hash.finalize().into()
}

pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut hash = Sha256::new();
    hash.update([1]);
    hash.update(left);
    hash.update(right);
    hash.finalize().into()
}

/// The root of a tree without leaves.
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// Folds neighbouring subtrees, each larger than the one to its right, into one hash.
pub fn fold_peaks(peaks: &[Hash]) -> Hash {
    let mut from_right = peaks.iter().rev();
    match from_right.next() {
        None => empty_root(),
        Some(last) => from_right.fold(*last, |right, left| node_hash(left, &right)),
    }
}

/// The root over hashes of leaves.
pub fn root_of(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            node_hash(&root_of(left), &root_of(right))
        }
    }
}

/// The largest power of two below `size`, which is at least 2.
const fn split(size: u64) -> u64 {
    1 << (63 - (size - 1).leading_zeros())
}

/// The peaks of a tree that grows leaf by leaf: a few hashes, however large it is.
#[derive(Debug, Clone, Default)]
pub struct Peaks {
    size: u64,
    hashes: Vec<Hash>,
}

impl Peaks {
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.hashes.pop() {
                hash = node_hash(&left, &hash);
            }
        }
        self.hashes.push(hash);
        self.size += 1;
    }

    pub const fn size(&self) -> u64 {
        self.size
    }

    pub fn root(&self) -> Hash {
        fold_peaks(&self.hashes)
    }
}

impl Span {
    const fn len(self) -> u64 {
        self.end - self.start
    }

    /// The perfect subtrees that it falls into, from the left. Spans of RFC 6962 begin at a multiple of their size.
    pub fn nodes(self) -> Vec<Node> {
        let mut nodes = Vec::new();
        let mut start = self.start;
        while start < self.end {
            let level = 63 - (self.end - start).leading_zeros();
            nodes.push(Node { level, index: start >> level });
            start += 1 << level;
        }
        nodes
    }
}

/// The peaks of a tree.
pub fn peaks(size: u64) -> Vec<Node> {
    Span { start: 0, end: size }.nodes()
}

/// `PATH(leaf, D[0:size])`: what the audit path of a leaf is made of, nearest first.
pub fn inclusion_spans(leaf: u64, size: u64) -> Vec<Span> {
    let (mut tree, mut spans) = (Span { start: 0, end: size }, Vec::new());
    while tree.len() > 1 {
        let middle = tree.start + split(tree.len());
        let (left, right) = (Span { end: middle, ..tree }, Span { start: middle, ..tree });
        let (inside, beside) = if leaf < middle { (left, right) } else { (right, left) };
        spans.push(beside);
        tree = inside;
    }
    spans.reverse();
    spans
}

/// `PROOF(old, D[0:new])`: what shows that the tree of `old` leaves is the beginning of the one of `new`.
pub fn consistency_spans(old: u64, new: u64) -> Vec<Span> {
    if old == 0 || old >= new {
        return Vec::new();
    }
    let (mut tree, mut spans, mut whole) = (Span { start: 0, end: new }, Vec::new(), true);
    while old < tree.end {
        let middle = tree.start + split(tree.len());
        let (left, right) = (Span { end: middle, ..tree }, Span { start: middle, ..tree });
        if old <= middle {
            spans.push(right);
            tree = left;
        } else {
            spans.push(left);
            tree = right;
            whole = false;
        }
    }
    if !whole {
        spans.push(tree);
    }
    spans.reverse();
    spans
}

/// Whether `leaf`, the `index`-th from 0, is in the tree of `size` leaves with this root.
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> Result<(), Disproof> {
    if index >= size {
        return Err(Disproof::OutOfRange);
    }
    let (mut own, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in proof {
        if last == 0 {
            return Err(Disproof::Length);
        }
        if own & 1 == 1 || own == last {
            hash = node_hash(sibling, &hash);
            while own & 1 == 0 && own != 0 {
                own >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        own >>= 1;
        last >>= 1;
    }
    match (last == 0, hash == *root) {
        (false, _) => Err(Disproof::Length),
        (_, false) => Err(Disproof::Root),
        _ => Ok(()),
    }
}

/// Whether the tree of `old` leaves is the beginning of the one of `new` leaves.
pub fn verify_consistency(
    (old, old_root): (u64, &Hash),
    (new, new_root): (u64, &Hash),
    proof: &[Hash],
) -> Result<(), Disproof> {
    if old > new {
        return Err(Disproof::OutOfRange);
    }
    if old == 0 || old == new {
        let is_beginning = if old == 0 { *old_root == empty_root() } else { old_root == new_root };
        return if !is_beginning {
            Err(Disproof::OldRoot)
        } else if proof.is_empty() {
            Ok(())
        } else {
            Err(Disproof::Length)
        };
    }
    // A perfect older tree is a node of the newer one, and is left out of the proof.
    let given = if old.is_power_of_two() { Some(old_root) } else { None };
    let mut hashes = given.into_iter().chain(proof);
    let (mut own, mut last) = (old - 1, new - 1);
    while own & 1 == 1 {
        own >>= 1;
        last >>= 1;
    }
    let first = hashes.next().ok_or(Disproof::Length)?;
    let (mut older, mut newer) = (*first, *first);
    for hash in hashes {
        if last == 0 {
            return Err(Disproof::Length);
        }
        if own & 1 == 1 || own == last {
            older = node_hash(hash, &older);
            newer = node_hash(hash, &newer);
            while own & 1 == 0 && own != 0 {
                own >>= 1;
                last >>= 1;
            }
        } else {
            newer = node_hash(&newer, hash);
        }
        own >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(Disproof::Length);
    }
    if older != *old_root {
        return Err(Disproof::OldRoot);
    }
    if newer == *new_root { Ok(()) } else { Err(Disproof::Root) }
}

#[cfg(test)]
#[path = "tree_tests.rs"]
mod tests;
