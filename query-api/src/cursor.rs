//! Cursors of pages: opaque to callers, and refused where they are not ours, or of another business's page.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::NaiveDate;
use domain::{BusinessId, DocumentId, MatchId};

use crate::Failure;
use crate::views::{BatchCursor, BatchRow, Cursor, TransactionRow};

pub fn of_transaction(business: BusinessId, row: &TransactionRow) -> String {
    encode(business, &format!("{}|{}|{}", row.day, row.amount, row.id))
}

pub fn to_transaction(business: BusinessId, text: &str) -> Result<Cursor, Failure> {
    let plain = decode(business, text)?;
    let mut parts = plain.split('|');
    let mut next = || parts.next().ok_or_else(refused);
    let cursor = Cursor {
        day: next()?.parse().map_err(|_| refused())?,
        amount: next()?.parse().map_err(|_| refused())?,
        id: next()?.parse().map_err(|_| refused())?,
    };
    if parts.next().is_some() { Err(refused()) } else { Ok(cursor) }
}

pub fn of_batch(business: BusinessId, row: &BatchRow) -> String {
    encode(business, &format!("{}|{}", row.last_position, row.id))
}

pub fn to_batch(business: BusinessId, text: &str) -> Result<BatchCursor, Failure> {
    let plain = decode(business, text)?;
    let (position, id) = plain.split_once('|').ok_or_else(refused)?;
    Ok(BatchCursor { last_position: position.parse().map_err(|_| refused())?, id: id.parse().map_err(|_| refused())? })
}

pub fn of_match(business: BusinessId, day: NaiveDate, id: MatchId) -> String {
    encode(business, &format!("m|{day}|{id}"))
}

pub fn to_match(business: BusinessId, text: &str) -> Result<(NaiveDate, MatchId), Failure> {
    let plain = decode(business, text)?;
    let (day, id) = plain.strip_prefix("m|").and_then(|plain| plain.split_once('|')).ok_or_else(refused)?;
    Ok((day.parse().map_err(|_| refused())?, id.parse().map_err(|_| refused())?))
}

pub fn of_document(business: BusinessId, payable: NaiveDate, id: DocumentId) -> String {
    encode(business, &format!("d|{payable}|{id}"))
}

pub fn to_document(business: BusinessId, text: &str) -> Result<(NaiveDate, DocumentId), Failure> {
    let plain = decode(business, text)?;
    let (day, id) = plain.strip_prefix("d|").and_then(|plain| plain.split_once('|')).ok_or_else(refused)?;
    Ok((day.parse().map_err(|_| refused())?, id.parse().map_err(|_| refused())?))
}

pub fn of_position(business: BusinessId, position: i64) -> String {
    encode(business, &format!("p|{position}"))
}

pub fn to_position(business: BusinessId, text: &str) -> Result<i64, Failure> {
    let plain = decode(business, text)?;
    plain.strip_prefix("p|").and_then(|position| position.parse().ok()).ok_or_else(refused)
}

/// A page of one business ends nowhere in another's.
fn encode(business: BusinessId, plain: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(format!("{business}|{plain}"))
}

fn decode(business: BusinessId, text: &str) -> Result<String, Failure> {
    if text.len() > 256 {
        return Err(refused());
    }
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| refused())?;
    let text = String::from_utf8(bytes).map_err(|_| refused())?;
    let (of, plain) = text.split_once('|').ok_or_else(refused)?;
    if of == business.to_string() { Ok(plain.to_owned()) } else { Err(refused()) }
}

fn refused() -> Failure {
    Failure::invalid("The cursor is not one that a page ended with.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_and_others_are_refused() {
        let (ours, theirs) = (BusinessId::new(), BusinessId::new());
        let text = encode(ours, "2011-12-09|-15.305|0196f5a0-0000-8000-8000-000000000000");
        let cursor = to_transaction(ours, &text).unwrap();
        assert_eq!((cursor.day.to_string().as_str(), cursor.amount.to_string().as_str()), ("2011-12-09", "-15.305"));
        for wrong in ["", "x", "!!!", &encode(ours, "2011-12-09|1"), &encode(ours, "2011-13-09|1|2"), &"A".repeat(300)]
        {
            assert!(to_transaction(ours, wrong).is_err(), "{wrong}");
        }
        assert!(to_batch(ours, &text).is_err());
        assert!(to_transaction(theirs, &text).is_err());
    }
}
