//! From bytes on disk to text: unpacks gz, finds the encoding, and refuses what is no text.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use flate2::read::MultiGzDecoder;

use super::error::ReadError;
use super::limits::Limits;
use super::text::{Decode, Lines, TooMuchText};

/// Enough of a file to see what it is.
const SAMPLE: usize = 256 * 1024;

/// Counts the bytes taken from the disk, for the progress.
#[derive(Debug)]
struct Counted<R> {
    inner: R,
    bytes: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.bytes.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// What a look at the beginning of a file tells.
#[derive(Debug, Clone)]
pub struct Sniffed {
    pub packed: bool,
    pub encoding: &'static Encoding,
    /// Whether nothing else can be meant: a byte order mark, a mapping, or text that is valid UTF-8.
    pub encoding_is_sure: bool,
    /// The beginning as text with line ends of `\n`.
    pub sample: String,
    /// Whether the sample is the whole file.
    pub complete: bool,
}

/// Bytes of a file, unpacked.
fn unpacked(path: &Path, bytes: Arc<AtomicU64>) -> Result<(Box<dyn Read + Send>, bool), ReadError> {
    let mut file = File::open(path).map_err(|error| ReadError::from_io(&error))?;
    let mut magic = [0; 2];
    let read = read_up_to(&mut file, &mut magic)?;
    io::Seek::rewind(&mut file).map_err(|error| ReadError::from_io(&error))?;
    let file = BufReader::with_capacity(128 * 1024, Counted { inner: file, bytes });
    Ok(match magic[..read] == [0x1f, 0x8b] {
        true => (Box::new(MultiGzDecoder::new(file)), true),
        false => (Box::new(file), false),
    })
}

fn read_up_to(from: &mut impl Read, buffer: &mut [u8]) -> Result<usize, ReadError> {
    let mut filled = 0;
    while filled < buffer.len() {
        match from.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(ReadError::from_io(&error)),
        }
    }
    Ok(filled)
}

/// Looks at the beginning. `label` is the mapping's encoding; a byte order mark wins over it.
pub fn sniff(path: &Path, label: Option<&str>) -> Result<Sniffed, ReadError> {
    let (mut bytes, packed) = unpacked(path, Arc::default())?;
    let mut sample = vec![0; SAMPLE];
    let filled = read_up_to(&mut bytes, &mut sample)?;
    sample.truncate(filled);
    let complete = filled < SAMPLE;
    if sample.is_empty() {
        return Err(ReadError::Empty);
    }
    let given = label.and_then(|label| Encoding::for_label_no_replacement(label.as_bytes()));
    let marked = Encoding::for_bom(&sample).map(|(encoding, _)| encoding);
    let (encoding, encoding_is_sure) = match (marked, given) {
        (Some(encoding), _) | (None, Some(encoding)) => (encoding, true),
        (None, None) => guess(&sample, complete)?,
    };
    let (text, _) = encoding.decode_with_bom_removal(&sample);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    if let Some(reason) = no_text(&sample, &text) {
        return Err(ReadError::NoText(reason));
    }
    if text.trim().is_empty() && complete {
        return Err(ReadError::Empty);
    }
    Ok(Sniffed { packed, encoding, encoding_is_sure, sample: text, complete })
}

fn guess(sample: &[u8], complete: bool) -> Result<(&'static Encoding, bool), ReadError> {
    let valid = match std::str::from_utf8(sample) {
        Ok(_) => true,
        Err(error) => !complete && error.error_len().is_none(),
    };
    let nuls = sample.iter().filter(|byte| **byte == 0).count();
    if valid && nuls * 50 < sample.len() {
        return Ok((UTF_8, true));
    }
    let zeros = |odd: usize| sample.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    match (zeros(0) * 8 > sample.len(), zeros(1) * 8 > sample.len()) {
        (false, true) => return Ok((UTF_16LE, false)),
        (true, false) => return Ok((UTF_16BE, false)),
        _ if sample.contains(&0) => return Err(ReadError::NoText(kind_of(sample))),
        _ => {}
    }
    if let Some(kind) = known_kind(sample) {
        return Err(ReadError::NoText(kind));
    }
    let mut detector = chardetng::EncodingDetector::new();
    detector.feed(sample, complete);
    Ok((detector.guess(None, true), false))
}

/// The reason why a sample cannot be a statement in text.
fn no_text(bytes: &[u8], text: &str) -> Option<&'static str> {
    if let Some(kind) = known_kind(bytes) {
        return Some(kind);
    }
    let controls = text.chars().filter(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\u{c}' | '\u{85}')).count();
    (controls * 50 > text.len()).then_some("binary data")
}

fn kind_of(bytes: &[u8]) -> &'static str {
    known_kind(bytes).unwrap_or("binary data")
}

fn known_kind(bytes: &[u8]) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 10] = [
        (b"%PDF", "a PDF"),
        (b"PK\x03\x04", "a zip archive or an Excel workbook (.xlsx)"),
        (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)"),
        (b"\x89PNG", "a picture"),
        (b"\xff\xd8\xff", "a picture"),
        (b"GIF8", "a picture"),
        (b"\x7fELF", "a program"),
        (b"SQLite format 3", "a database"),
        (b"\xfd7zXZ", "packed with xz"),
        (b"\x28\xb5\x2f\xfd", "packed with zstd"),
    ];
    KINDS.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, kind)| *kind)
}

/// Text with line ends of `\n`, and how far the disk was read.
pub struct Opened {
    pub text: Lines<Box<dyn Read + Send>>,
    pub progress: Arc<AtomicU64>,
    /// The most bytes of text.
    pub most: u64,
}

/// Opens the file for one pass from its beginning.
pub fn open(path: &Path, encoding: &'static Encoding, limits: Limits) -> Result<Opened, ReadError> {
    let progress = Arc::new(AtomicU64::new(0));
    let (bytes, packed) = unpacked(path, progress.clone())?;
    let most = if packed { limits.text_bytes.min(most_unpacked(path, limits)?) } else { limits.text_bytes };
    let text: Box<dyn Read + Send> =
        if encoding == UTF_8 { Box::new(bytes) } else { Box::new(Decode::new(bytes, encoding)) };
    Ok(Opened { text: Lines::new(text, most), progress, most })
}

/// Statements pack to a tenth or a thirtieth; what unpacks to hundreds of times its size was made to fill a disk.
fn most_unpacked(path: &Path, limits: Limits) -> Result<u64, ReadError> {
    const RATIO: u64 = 200;
    let size = std::fs::metadata(path).map_err(|error| ReadError::from_io(&error))?.len();
    Ok(size.saturating_mul(RATIO).max(limits.unpacked_bytes))
}

/// Whether an I/O error is the limit of [`Lines`].
pub(crate) fn is_too_much(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<TooMuchText>())
}
