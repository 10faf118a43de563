//! Texts of statements: one line, single spaces, of bounded length.

/// The longest text of a line that is kept; banks print some hundred characters.
const MOST: usize = 4_000;

/// Runs of white space and control characters become one space; `None` where nothing is left.
pub fn tidy(text: &str) -> Option<String> {
    let mut tidied = String::with_capacity(text.len().min(MOST));
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if !tidied.is_empty() {
            tidied.push(' ');
        }
        tidied.push_str(word);
        if tidied.len() > MOST {
            let end = tidied.floor_char_boundary(MOST);
            tidied.truncate(end);
            tidied.push('…');
            break;
        }
    }
    (!tidied.is_empty()).then_some(tidied)
}

/// Joins what there is, leaving out what an earlier one says already.
pub fn joined<'a>(texts: impl IntoIterator<Item = Option<&'a str>>) -> Option<String> {
    let mut joined: Option<String> = None;
    for text in texts.into_iter().flatten() {
        match &mut joined {
            None => joined = Some(text.to_owned()),
            Some(all) if all.contains(text) => {}
            Some(all) => {
                all.push(' ');
                all.push_str(text);
            }
        }
    }
    joined.and_then(|text| tidy(&text))
}

/// What banks print where they have no reference.
pub fn is_no_reference(text: &str) -> bool {
    let text = text.trim();
    let words = ["NONREF", "NOTPROVIDED", "NOT PROVIDED", "NOREF", "NONE", "N/A", "-"];
    text.bytes().all(|byte| byte == b'0') || words.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// Entities of HTML that occur in statements, decoded as often as they were encoded (twice at most).
pub fn decode_entities(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..2 {
        if !text.contains('&') {
            break;
        }
        text = once(&text);
    }
    text
}

fn once(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let end = after.bytes().take(10).position(|byte| byte == b';');
        match end.and_then(|end| entity(&after[..end]).map(|c| (c, end))) {
            Some((c, end)) => {
                decoded.push(c);
                rest = &after[end + 1..];
            }
            None => {
                decoded.push('&');
                rest = after;
            }
        }
    }
    decoded.push_str(rest);
    decoded
}

/// The character of an entity's name, without `&` and `;`.
pub fn entity(name: &str) -> Option<char> {
    const NAMED: [(&str, char); 28] = [
        ("amp", '&'),
        ("lt", '<'),
        ("gt", '>'),
        ("quot", '"'),
        ("apos", '\''),
        ("nbsp", ' '),
        ("euro", '€'),
        ("pound", '£'),
        ("yen", '¥'),
        ("cent", '¢'),
        ("sect", '§'),
        ("copy", '©'),
        ("reg", '®'),
        ("deg", '°'),
        ("ndash", '–'),
        ("mdash", '—'),
        ("auml", 'ä'),
        ("ouml", 'ö'),
        ("uuml", 'ü'),
        ("Auml", 'Ä'),
        ("Ouml", 'Ö'),
        ("Uuml", 'Ü'),
        ("szlig", 'ß'),
        ("eacute", 'é'),
        ("egrave", 'è'),
        ("agrave", 'à'),
        ("ccedil", 'ç'),
        ("ntilde", 'ñ'),
    ];
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code).filter(|c| *c != '\0');
    }
    NAMED.iter().find(|(known, _)| *known == name).map(|(_, c)| *c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_are_decoded_as_often_as_they_were_encoded() {
        assert_eq!(decode_entities("TPAY &amp;lt;DEFTPYMT&amp;gt;"), "TPAY <DEFTPYMT>");
        assert_eq!(decode_entities("B.C. HYDRO &amp; POWER & Co; AT&T"), "B.C. HYDRO & POWER & Co; AT&T");
        assert_eq!(decode_entities("M&uuml;ller &#8364;&#x20AC; &bogus; &"), "Müller €€ &bogus; &");
    }

    #[test]
    fn texts_are_one_line_and_short() {
        assert_eq!(tidy("  a\t\n b\u{a0}c\u{7} ").as_deref(), Some("a b c"));
        assert_eq!(tidy(" \n"), None);
        assert!(tidy(&"é ".repeat(100_000)).unwrap().len() < MOST + 8);
        assert_eq!(joined([Some("a b"), None, Some("b"), Some("c")]).as_deref(), Some("a b c"));
    }
}
