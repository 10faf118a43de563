//! The texts of an event as the bytes that are sealed: one after the other in the order of [`Personal::each_text`],
//! each as its length in bytes plus one (LEB128) and its UTF-8; 0 alone is an absent one.
//!
//! One ciphertext for all texts of a page costs one nonce and one tag, and no member name is written for any of them.

use domain::personal::{Personal, Text};

use super::SealError;

/// Takes all texts out of the event and puts them behind `out`; whether there were any.
pub(crate) fn take(event: &mut impl Personal, out: &mut Vec<u8>) -> bool {
    let mut any = false;
    event.each_text(&mut |text| match text {
        Text::Required(text) => {
            any = true;
            put(out, Some(&std::mem::take(text)));
        }
        Text::Optional(text) => {
            any |= text.is_some();
            put(out, text.take().as_deref());
        }
    });
    any
}

/// Puts them in again.
///
/// # Errors
/// Malformed where they are not the texts of such an event.
pub(crate) fn restore(event: &mut impl Personal, bytes: &[u8]) -> Result<(), SealError> {
    let mut rest = Some(bytes);
    event.each_text(&mut |place| {
        let Some((text, after)) = rest.and_then(next) else {
            rest = None;
            return;
        };
        rest = Some(after);
        match (place, text) {
            (Text::Required(place), Some(text)) => text.clone_into(place),
            (Text::Required(_), None) => rest = None,
            (Text::Optional(place), text) => *place = text.map(str::to_owned),
        }
    });
    if rest.is_some_and(<[u8]>::is_empty) { Ok(()) } else { Err(SealError::Malformed) }
}

/// All of them.
pub(crate) fn list(mut bytes: &[u8]) -> Result<Vec<Option<String>>, SealError> {
    let mut texts = Vec::new();
    while !bytes.is_empty() {
        let (text, rest) = next(bytes).ok_or(SealError::Malformed)?;
        texts.push(text.map(str::to_owned));
        bytes = rest;
    }
    Ok(texts)
}

/// Those that an event holds as they are.
pub(crate) fn held(event: &mut impl Personal) -> Vec<Option<String>> {
    let mut texts = Vec::new();
    event.each_text(&mut |text| {
        texts.push(match text {
            Text::Required(text) => Some(std::mem::take(text)),
            Text::Optional(text) => text.take(),
        });
    });
    texts
}

fn put(out: &mut Vec<u8>, text: Option<&str>) {
    let mut length = text.map_or(0, |text| text.len() as u64 + 1);
    while length > 0x7f {
        out.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    out.push((length & 0x7f) as u8);
    out.extend_from_slice(text.unwrap_or_default().as_bytes());
}

/// The first text, and what follows it.
fn next(bytes: &[u8]) -> Option<(Option<&str>, &[u8])> {
    let end = bytes.iter().position(|byte| byte & 0x80 == 0).filter(|end| *end < 9)?;
    let (digits, rest) = bytes.split_at(end + 1);
    let length = digits.iter().rev().fold(0_u64, |length, digit| length << 7 | u64::from(digit & 0x7f));
    let Some(length) = length.checked_sub(1) else { return Some((None, rest)) };
    let (text, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    Some((Some(std::str::from_utf8(text).ok()?), rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone, Default, PartialEq)]
    struct Some3(String, Option<String>, Option<String>);

    impl Personal for Some3 {
        fn each_text(&mut self, visit: &mut dyn FnMut(Text<'_>)) {
            visit(Text::Required(&mut self.0));
            visit(Text::Optional(&mut self.1));
            visit(Text::Optional(&mut self.2));
        }
    }

    fn texts() -> impl Strategy<Value = Vec<Some3>> {
        let text = prop_oneof![".{0,5}", ".{120,300}"];
        let one = (text, any::<Option<String>>(), any::<Option<String>>());
        proptest::collection::vec(one.prop_map(|(a, b, c)| Some3(a, b, c)), 0..5)
    }

    proptest! {
        #[test]
        fn what_is_taken_can_be_put_in_again(events in texts(), cut in any::<proptest::sample::Index>()) {
            let (mut stripped, mut bytes) = (events.clone(), Vec::new());
            take(&mut stripped, &mut bytes);
            prop_assert!(stripped.iter().all(|event| *event == Some3::default()));
            restore(&mut stripped, &bytes).unwrap();
            prop_assert_eq!(&stripped, &events);
            if !bytes.is_empty() {
                let shorter = &bytes[..cut.index(bytes.len())];
                prop_assert!(restore(&mut stripped, shorter).is_err());
            }
            prop_assert!(restore(&mut stripped, &[&bytes[..], &[0]].concat()).is_err());
        }
    }
}
