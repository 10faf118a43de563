//! Is a password among the common ones?
//!
//! `common.bin` holds the first five bytes of SHA-256 of each of the 20,000 most common passwords of twelve characters
//! or more, in lower case, sorted: from the list of ten million passwords in OWASP SecLists (D. Miessler, J. Haddix;
//! collected by M. Burnett). A password that is not among them is taken for one once in 55 million.

use sha2::{Digest, Sha256};

static HASHES: &[u8] = include_bytes!("common.bin");
const WIDTH: usize = 5;

pub fn is_common(password: &str) -> bool {
    let digest = Sha256::digest(password.to_lowercase().as_bytes());
    let wanted = &digest[..WIDTH];
    let (mut low, mut high) = (0, HASHES.len() / WIDTH);
    while low < high {
        let middle = usize::midpoint(low, high);
        match HASHES[middle * WIDTH..(middle + 1) * WIDTH].cmp(wanted) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_whole_and_sorted() {
        assert_eq!(HASHES.len(), 20_000 * WIDTH);
        assert!(HASHES.chunks(WIDTH).is_sorted());
    }

    #[test]
    fn common_ones_are_found_in_any_case() {
        for common in ["qwerty123456", "Q1w2e3r4t5y6", "123456654321", "leavemealone"] {
            assert!(is_common(common), "{common}");
        }
        assert!(!is_common("correct horse battery staple"));
    }
}
