/// What a file may ask of the machine. Memory is bounded by these whatever the file's size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one record. A record without end is an unclosed quote, or no text at all.
    pub record_bytes: u64,
    /// Lines of one record.
    pub record_lines: u64,
    pub columns: usize,
    /// Bytes of text after unpacking: a packed file can hold a thousand times its size.
    pub text_bytes: u64,
    /// Bytes that any packed file may unpack to; more only if that is in proportion to its size.
    pub unpacked_bytes: u64,
    /// Reasons kept in a report; the rest is counted.
    pub reasons: usize,
    /// Occurrences of rows counted in memory; beyond that, in a temporary table.
    pub fingerprints: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            record_bytes: 1 << 20,
            record_lines: 1_000,
            columns: 1_024,
            text_bytes: 256 << 30,
            unpacked_bytes: 256 << 20,
            reasons: 1_000,
            fingerprints: 2_000_000,
        }
    }
}
