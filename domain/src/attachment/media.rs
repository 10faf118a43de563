//! What a file is, by what it begins with: never by what it is said to be alone.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The types that are kept beside transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum MediaType {
    #[serde(rename = "application/pdf")]
    Pdf,
    #[serde(rename = "image/png")]
    Png,
    #[serde(rename = "image/jpeg")]
    Jpeg,
    #[serde(rename = "image/webp")]
    Webp,
    #[serde(rename = "text/plain")]
    Text,
    #[serde(rename = "text/csv")]
    Csv,
}

impl MediaType {
    pub const ALL: [Self; 6] = [Self::Pdf, Self::Png, Self::Jpeg, Self::Webp, Self::Text, Self::Csv];

    /// As in `Content-Type`, without parameters.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
            Self::Text => "text/plain",
            Self::Csv => "text/csv",
        }
    }

    /// What names of such files end with; the first is put on where none of them is there.
    pub(super) const fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Png => &["png"],
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Webp => &["webp"],
            Self::Text => &["txt"],
            Self::Csv => &["csv"],
        }
    }

    /// What the name of such a file ends with.
    pub const fn ending(self) -> &'static str {
        self.endings()[0]
    }

    const fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Csv)
    }

    /// By its first bytes, of which twelve are enough.
    fn of_magic(start: &[u8]) -> Option<Self> {
        match start {
            [b'%', b'P', b'D', b'F', b'-', ..] => Some(Self::Pdf),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::Webp),
            _ => None,
        }
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not kept beside transactions: PDF, PNG, JPEG, WebP, plain text and CSV are")]
pub struct UnknownMediaType(pub String);

impl FromStr for MediaType {
    type Err = UnknownMediaType;

    /// Parameters such as `charset` are passed over.
    fn from_str(text: &str) -> Result<Self, UnknownMediaType> {
        let bare = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let found = Self::ALL.into_iter().find(|media| media.as_str() == bare);
        found.ok_or_else(|| UnknownMediaType(bare.chars().filter(|c| c.is_ascii_graphic()).take(100).collect()))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotThatType {
    #[error("this file is {found}, not {declared}")]
    Another { declared: MediaType, found: MediaType },
    #[error("this file is not {0}")]
    NotDeclared(MediaType),
    #[error("this is no PDF, PNG, JPEG, WebP, plain text (UTF-8) or CSV")]
    Unknown,
    #[error("the file is empty")]
    Empty,
}

/// Looks at a file as it arrives, piece by piece, in memory that does not grow with it.
#[derive(Debug, Default)]
pub struct Sniffer {
    start: Vec<u8>,
    text: Utf8,
}

const MAGIC: usize = 12;

impl Sniffer {
    pub fn look(&mut self, piece: &[u8]) {
        let room = MAGIC.saturating_sub(self.start.len()).min(piece.len());
        self.start.extend_from_slice(&piece[..room]);
        self.text.look(piece);
    }

    /// `declared`: what it is said to be, where that is said. `ends_with_csv`: its name says that it is a table.
    ///
    /// # Errors
    /// Where it is none of the types, or another one than was declared.
    pub fn finish(self, declared: Option<MediaType>, ends_with_csv: bool) -> Result<MediaType, NotThatType> {
        if self.start.is_empty() {
            return Err(NotThatType::Empty);
        }
        let found = MediaType::of_magic(&self.start);
        let found = found.or_else(|| self.text.is_text().then_some(MediaType::Text));
        match (found, declared) {
            (None, Some(declared)) => Err(NotThatType::NotDeclared(declared)),
            (None, None) => Err(NotThatType::Unknown),
            // No byte tells a table from other text.
            (Some(MediaType::Text), Some(declared)) if declared.is_text() => Ok(declared),
            (Some(MediaType::Text), None) if ends_with_csv => Ok(MediaType::Csv),
            (Some(found), Some(declared)) if found != declared => Err(NotThatType::Another { declared, found }),
            (Some(found), _) => Ok(found),
        }
    }
}

/// Whether everything so far is UTF-8 without control characters that no text has.
#[derive(Debug, Default)]
struct Utf8 {
    is_broken: bool,
    /// The beginning of a character whose rest is in the next piece.
    open: Vec<u8>,
}

impl Utf8 {
    fn look(&mut self, piece: &[u8]) {
        if self.is_broken {
            return;
        }
        let joined;
        let bytes = if self.open.is_empty() {
            piece
        } else {
            joined = [self.open.as_slice(), piece].concat();
            &joined
        };
        let (whole, rest) = match std::str::from_utf8(bytes) {
            Ok(whole) => (whole, &[][..]),
            Err(error) if error.error_len().is_none() => {
                let (whole, rest) = bytes.split_at(error.valid_up_to());
                (std::str::from_utf8(whole).unwrap_or_default(), rest)
            }
            Err(_) => {
                self.is_broken = true;
                return;
            }
        };
        self.is_broken = whole.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}'));
        self.open = rest.to_vec();
    }

    const fn is_text(&self) -> bool {
        !self.is_broken && self.open.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

    fn sniff(pieces: &[&[u8]], declared: Option<MediaType>) -> Result<MediaType, NotThatType> {
        let mut sniffer = Sniffer::default();
        pieces.iter().for_each(|piece| sniffer.look(piece));
        sniffer.finish(declared, false)
    }

    #[test]
    fn each_type_is_known_by_what_it_begins_with() {
        for (bytes, media) in [
            (b"%PDF-1.7\n%\xe2\xe3".as_slice(), MediaType::Pdf),
            (PNG, MediaType::Png),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", MediaType::Jpeg),
            (b"RIFF\x24\0\0\0WEBPVP8 ", MediaType::Webp),
            ("Quittung über 12 €".as_bytes(), MediaType::Text),
        ] {
            assert_eq!(sniff(&[bytes], None), Ok(media));
            let bytes: Vec<&[u8]> = bytes.chunks(1).collect();
            assert_eq!(sniff(&bytes, Some(media)), Ok(media), "byte by byte");
        }
    }

    #[test]
    fn a_lie_about_the_type_is_refused() {
        let (png, pdf) = (MediaType::Png, MediaType::Pdf);
        assert_eq!(sniff(&[PNG], Some(pdf)), Err(NotThatType::Another { declared: pdf, found: png }));
        assert_eq!(sniff(&[b"MZ\x90\0"], Some(pdf)), Err(NotThatType::NotDeclared(pdf)));
        assert_eq!(sniff(&[b"<html>"], Some(png)), Err(NotThatType::Another { declared: png, found: MediaType::Text }));
        assert_eq!(sniff(&[b"PK\x03\x04\x14"], None), Err(NotThatType::Unknown));
        assert_eq!(
            sniff(&[b"text\0with a nought"], Some(MediaType::Text)),
            Err(NotThatType::NotDeclared(MediaType::Text))
        );
        assert_eq!(sniff(&["half a €".as_bytes().split_last().unwrap().1], None), Err(NotThatType::Unknown));
        assert_eq!(sniff(&[], None), Err(NotThatType::Empty));
        assert!("image/svg+xml".parse::<MediaType>().is_err() && "text/html".parse::<MediaType>().is_err());
        assert_eq!("Text/CSV; charset=utf-8".parse(), Ok(MediaType::Csv));
    }

    #[test]
    fn text_is_a_table_where_that_is_said() {
        let sniffer = || {
            let mut sniffer = Sniffer::default();
            sniffer.look(b"a,b\n1,2\n");
            sniffer
        };
        assert_eq!(sniffer().finish(Some(MediaType::Csv), false), Ok(MediaType::Csv));
        assert_eq!(sniffer().finish(None, true), Ok(MediaType::Csv));
        assert_eq!(sniffer().finish(None, false), Ok(MediaType::Text));
    }

    proptest! {
        #[test]
        fn where_a_file_is_cut_makes_no_difference(bytes in prop::collection::vec(any::<u8>(), 1..64), at in 0_usize..64) {
            let (one, other) = bytes.split_at(at.min(bytes.len()));
            prop_assert_eq!(sniff(&[&bytes], None), sniff(&[one, other], None));
        }

        #[test]
        fn text_stays_text_wherever_it_is_cut(text in "[a-zäöü€ 😀\n]{1,30}", at in 0_usize..64) {
            let bytes = text.as_bytes();
            let (one, other) = bytes.split_at(at.min(bytes.len()));
            prop_assert_eq!(sniff(&[one, other], None), Ok(MediaType::Text));
        }
    }
}
