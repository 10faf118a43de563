//! PostgreSQL's binary formats of the values that rows are made of (`COPY … (format binary)`, and array elements).

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgHasArrayType, PgTypeInfo};
use sqlx::{Encode, Postgres, Type};
use uuid::Uuid;

/// A decimal in exactly the bytes that `COPY` sends, so that a row is the same whichever way it went. (The driver's
/// own encoding forgets the decimals of a zero.)
#[derive(Debug, Clone, Copy)]
pub(super) struct Exact(pub Decimal);

impl Type<Postgres> for Exact {
    fn type_info() -> PgTypeInfo {
        <Decimal as Type<Postgres>>::type_info()
    }
}

impl PgHasArrayType for Exact {
    fn array_type_info() -> PgTypeInfo {
        <Decimal as PgHasArrayType>::array_type_info()
    }
}

impl Encode<'_, Postgres> for Exact {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        put_numeric(buffer, self.0);
        Ok(IsNull::No)
    }
}

/// Rows in the making.
#[derive(Debug)]
pub(super) struct CopyBuffer {
    bytes: Vec<u8>,
}

impl CopyBuffer {
    pub(super) fn new() -> Self {
        let mut bytes = Vec::with_capacity(2 * Self::FULL);
        bytes.extend_from_slice(b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0");
        Self { bytes }
    }

    /// Above this it is worth sending.
    pub(super) const FULL: usize = 128 * 1024;

    pub(super) fn is_full(&self) -> bool {
        self.bytes.len() >= Self::FULL
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
    }

    pub(super) fn begin_row(&mut self, columns: i16) {
        self.bytes.extend_from_slice(&columns.to_be_bytes());
    }

    pub(super) fn end(&mut self) {
        self.bytes.extend_from_slice(&(-1_i16).to_be_bytes());
    }

    pub(super) fn null(&mut self) {
        self.bytes.extend_from_slice(&(-1_i32).to_be_bytes());
    }

    pub(super) fn uuid(&mut self, value: Uuid) {
        self.value(value.as_bytes());
    }

    pub(super) fn bigint(&mut self, value: i64) {
        self.value(&value.to_be_bytes());
    }

    pub(super) fn int(&mut self, value: i32) {
        self.value(&value.to_be_bytes());
    }

    pub(super) fn bool(&mut self, value: bool) {
        self.value(&[u8::from(value)]);
    }

    pub(super) fn date(&mut self, value: NaiveDate) {
        self.int(days_since_2000(value));
    }

    pub(super) fn moment(&mut self, value: DateTime<Utc>) {
        /// 2000-01-01T00:00:00Z in microseconds since 1970.
        const EPOCH: i64 = 946_684_800_000_000;
        self.bigint(value.timestamp_micros() - EPOCH);
    }

    pub(super) fn text(&mut self, value: &str) {
        self.value(value.as_bytes());
    }

    pub(super) fn numeric(&mut self, value: Decimal) {
        let at = self.bytes.len();
        self.bytes.extend_from_slice(&[0; 4]);
        put_numeric(&mut self.bytes, value);
        let length = i32::try_from(self.bytes.len() - at - 4).unwrap_or(i32::MAX);
        self.bytes[at..at + 4].copy_from_slice(&length.to_be_bytes());
    }

    fn value(&mut self, value: &[u8]) {
        // A payload is far below 2 GiB; a wrong length would be refused by the server, not stored.
        let length = i32::try_from(value.len()).unwrap_or(i32::MAX);
        self.bytes.extend_from_slice(&length.to_be_bytes());
        self.bytes.extend_from_slice(value);
    }
}

fn days_since_2000(day: NaiveDate) -> i32 {
    /// 2000-01-01 counted from 0001-01-01 = 1, as chrono counts.
    const EPOCH: i32 = 730_120;
    chrono::Datelike::num_days_from_ce(&day) - EPOCH
}

/// `numeric`: base-10000 digits, the weight of the first, the sign, and the decimals to show.
fn put_numeric(buffer: &mut Vec<u8>, value: Decimal) {
    let scale = value.scale();
    let mut mantissa = value.mantissa().unsigned_abs();
    let groups = scale.div_ceil(4);
    // At most 2^96 * 1000: no overflow.
    mantissa *= 10_u128.pow(groups * 4 - scale);
    let mut digits = [0_u16; 9];
    let mut first = digits.len();
    while mantissa != 0 {
        first -= 1;
        digits[first] = low_digit(&mut mantissa);
    }
    let mut last = digits.len();
    while last > first && digits[last - 1] == 0 {
        last -= 1;
    }
    let count = last - first;
    // The groups before the point, less one: the weight of the first digit.
    let weight = if count == 0 { 0 } else { small(digits.len() - first) - small(groups as usize) - 1 };
    let sign: u16 = if value.is_sign_negative() && count > 0 { 0x4000 } else { 0 };
    buffer.extend_from_slice(&small(count).to_be_bytes());
    buffer.extend_from_slice(&weight.to_be_bytes());
    buffer.extend_from_slice(&sign.to_be_bytes());
    buffer.extend_from_slice(&small(scale as usize).to_be_bytes());
    for digit in &digits[first..last] {
        buffer.extend_from_slice(&digit.to_be_bytes());
    }
}

/// Divides by 10,000; the remainder is the next digit. 64 bits where they do: 128-bit division is a call.
#[allow(clippy::cast_possible_truncation, reason = "remainders below 10,000")]
fn low_digit(mantissa: &mut u128) -> u16 {
    if let Ok(short) = u64::try_from(*mantissa) {
        *mantissa = u128::from(short / 10_000);
        (short % 10_000) as u16
    } else {
        let digit = (*mantissa % 10_000) as u16;
        *mantissa /= 10_000;
        digit
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "at most 28 decimals and 9 digits")]
fn small(count: usize) -> i16 {
    count as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<i16> {
        let mut bytes = Vec::new();
        put_numeric(&mut bytes, text.parse().unwrap());
        bytes.chunks(2).map(|pair| i16::from_be_bytes([pair[0], pair[1]])).collect()
    }

    #[test]
    fn decimals_become_base_10000() {
        assert_eq!(words("0"), [0, 0, 0, 0]);
        assert_eq!(words("0.00"), [0, 0, 0, 2]);
        assert_eq!(words("1"), [1, 0, 0, 0, 1]);
        assert_eq!(words("-15.30"), [2, 0, 0x4000, 2, 15, 3000]);
        assert_eq!(words("0.001"), [1, -1, 0, 3, 10]);
        assert_eq!(words("0.00000001"), [1, -2, 0, 8, 1]);
        assert_eq!(words("120000"), [1, 1, 0, 0, 12]);
        assert_eq!(words("10666684.544"), [3, 1, 0, 3, 1066, 6684, 5440]);
        assert_eq!(words("79228162514264337593543950335"), [8, 7, 0, 0, 7, 9228, 1625, 1426, 4337, 5935, 4395, 335]);
    }

    #[test]
    fn days_are_counted_from_2000() {
        assert_eq!(days_since_2000("2000-01-01".parse().unwrap()), 0);
        assert_eq!(days_since_2000("1999-12-31".parse().unwrap()), -1);
    }
}
