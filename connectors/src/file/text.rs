//! Readers that turn any encoding into UTF-8 and any line end into `\n`, in bounded memory.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use encoding_rs::{CoderResult, Decoder, Encoding};

/// Decodes to UTF-8. What is malformed becomes U+FFFD, by which a row is refused.
pub struct Decode<R> {
    inner: R,
    decoder: Decoder,
    raw: Vec<u8>,
    pending: std::ops::Range<usize>,
    ended: bool,
    finished: bool,
}

impl<R: Read> Decode<R> {
    pub fn new(inner: R, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_with_bom_removal();
        Self { inner, decoder, raw: vec![0; 64 * 1024], pending: 0..0, ended: false, finished: false }
    }
}

impl<R: Read> Read for Decode<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // The decoder wants room for a whole character.
        if buffer.len() < 8 {
            return Err(io::Error::other("a decoded text is read in larger pieces"));
        }
        while !self.finished {
            if self.pending.is_empty() && !self.ended {
                let count = self.inner.read(&mut self.raw)?;
                self.pending = 0..count;
                self.ended = count == 0;
            }
            let source = &self.raw[self.pending.clone()];
            let (result, read, written, _) = self.decoder.decode_to_utf8(source, buffer, self.ended);
            self.pending.start += read;
            self.finished = self.ended && result == CoderResult::InputEmpty;
            if written > 0 {
                return Ok(written);
            }
        }
        Ok(0)
    }
}

/// Bytes a reader may take beyond those that were used up: see [`Lines::allowance`].
pub type Allowance = Arc<AtomicU64>;

#[derive(Debug, thiserror::Error)]
#[error("too much text without the end of a row")]
pub struct TooMuchText;

/// Makes every line end `\n`, drops a byte order mark, and gives the last line an end, so that lines can be counted.
pub struct Lines<R> {
    inner: R,
    given: u64,
    allowance: Allowance,
    most: u64,
    carriage: bool,
    last: u8,
}

impl<R: Read> Lines<R> {
    /// At most `most` bytes in all.
    pub fn new(inner: R, most: u64) -> Self {
        Self { inner, given: 0, allowance: Arc::new(AtomicU64::new(u64::MAX)), most, carriage: false, last: b'\n' }
    }

    /// The offset that reading must not pass. Who uses the text moves it on with each record, so that a record
    /// without end stops here and not in memory.
    pub fn allowance(&self) -> Allowance {
        self.allowance.clone()
    }

    /// Rewrites carriage returns in place and gives the new length.
    fn normalise(&mut self, bytes: &mut [u8]) -> usize {
        if !self.carriage && memchr::memchr(b'\r', bytes).is_none() {
            return bytes.len();
        }
        let mut kept = 0;
        for at in 0..bytes.len() {
            let byte = bytes[at];
            let after_carriage = std::mem::replace(&mut self.carriage, byte == b'\r');
            if byte == b'\n' && after_carriage {
                continue;
            }
            bytes[kept] = if byte == b'\r' { b'\n' } else { byte };
            kept += 1;
        }
        kept
    }
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given > self.allowance.load(Ordering::Relaxed).min(self.most) {
            return Err(io::Error::other(TooMuchText));
        }
        loop {
            let count = self.inner.read(buffer)?;
            if count == 0 {
                if self.last == b'\n' || buffer.is_empty() {
                    return Ok(0);
                }
                buffer[0] = b'\n';
                self.last = b'\n';
                return Ok(1);
            }
            let mut kept = self.normalise(&mut buffer[..count]);
            if self.given == 0 && buffer[..kept].starts_with(b"\xef\xbb\xbf") {
                buffer.copy_within(3..kept, 0);
                kept -= 3;
            }
            if kept > 0 {
                self.given += kept as u64;
                self.last = buffer[kept - 1];
                return Ok(kept);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Gives one byte at a time, so that every pair is cut.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(buffer.len()).min(1);
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    fn lines(bytes: &[u8]) -> String {
        let mut text = String::new();
        Lines::new(bytes, u64::MAX).read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn every_line_end_becomes_one() {
        assert_eq!(lines(b"\xef\xbb\xbfa\r\nb\rc\n\r\nd"), "a\nb\nc\n\nd\n");
        assert_eq!(lines(b""), "");
    }

    #[test]
    fn a_limit_stops_an_endless_text() {
        let mut endless = Lines::new(io::repeat(b'x'), 1 << 20);
        assert!(io::copy(&mut endless, &mut io::sink()).unwrap_err().get_ref().unwrap().is::<TooMuchText>());
    }

    proptest! {
        #[test]
        fn cuts_between_reads_change_nothing(text in "[ab\r\n]{0,40}") {
            let mut dripped = String::new();
            Lines::new(Drip(text.as_bytes()), u64::MAX).read_to_string(&mut dripped).unwrap();
            prop_assert_eq!(&dripped, &lines(text.as_bytes()));
            let mut expected = text.replace("\r\n", "\n").replace('\r', "\n");
            if !expected.is_empty() && !expected.ends_with('\n') {
                expected.push('\n');
            }
            prop_assert_eq!(dripped, expected);
        }

        #[test]
        fn any_encoding_is_decoded_in_any_pieces(text in "[a-zäöü€日本語\n]{0,40}") {
            for encoding in [encoding_rs::GB18030, encoding_rs::UTF_8] {
                let (bytes, _, lost) = encoding.encode(&text);
                prop_assert!(!lost);
                let mut decoded = String::new();
                let mut reader = Decode::new(Drip(&bytes), encoding);
                let mut piece = [0; 8];
                loop {
                    match reader.read(&mut piece).unwrap() {
                        0 => break,
                        count => decoded.push_str(std::str::from_utf8(&piece[..count]).unwrap()),
                    }
                }
                prop_assert_eq!(&decoded, &text);
            }
        }
    }
}
