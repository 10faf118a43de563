use super::MediaType;

/// Letters of a name, its ending included.
const MOST_LETTERS: usize = 120;

/// What a file is called, made safe to be a name on any system: no folders, no invisible or direction-changing letters,
/// an ending that fits what it is.
pub fn clean_name(given: &str, media: MediaType) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let safe = |c: char| if matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*') { '_' } else { c };
    let shown: String = last.chars().filter(|c| !is_hidden(*c)).map(safe).collect();
    let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    let shown = shown.trim_matches(['.', ' ']);
    let (stem, ending) = match shown.rsplit_once('.') {
        Some((stem, ending)) if media.endings().iter().any(|known| ending.eq_ignore_ascii_case(known)) => {
            (stem, ending)
        }
        _ => (shown, media.endings()[0]),
    };
    let room = MOST_LETTERS - ending.len() - 1;
    let stem: String = stem.chars().take(room).collect();
    let stem = stem.trim_end_matches(['.', ' ']);
    let stem = if stem.is_empty() { "file" } else { stem };
    format!("{stem}.{ending}")
}

/// Controls, and letters that show nothing or turn the direction of others (so that `gpj.exe` reads `exe.jpg`).
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_made_safe_and_keep_what_people_read() {
        for (given, media, clean) in [
            ("Rechnung März.PDF", MediaType::Pdf, "Rechnung März.PDF"),
            ("../../etc/passwd", MediaType::Text, "passwd.txt"),
            ("C:\\Users\\ada\\receipt.png", MediaType::Png, "receipt.png"),
            ("invoice.exe", MediaType::Pdf, "invoice.exe.pdf"),
            ("a\u{202e}gpj.exe", MediaType::Jpeg, "agpj.exe.jpg"),
            ("  .hidden  ", MediaType::Text, "hidden.txt"),
            ("", MediaType::Webp, "file.webp"),
            ("...", MediaType::Csv, "file.csv"),
            ("a\r\nb\".csv", MediaType::Csv, "ab_.csv"),
            ("photo.jpeg", MediaType::Jpeg, "photo.jpeg"),
        ] {
            assert_eq!(clean_name(given, media), clean, "{given:?}");
        }
    }

    proptest! {
        #[test]
        fn any_name_becomes_a_short_one_without_folders_and_stays(given in any::<String>()) {
            let clean = clean_name(&given, MediaType::Pdf);
            prop_assert!(clean.chars().count() <= MOST_LETTERS && !clean.starts_with('.'));
            prop_assert!(!clean.contains(['/', '\\', '"', '\n']) && clean.to_ascii_lowercase().ends_with(".pdf"));
            prop_assert_eq!(clean_name(&clean, MediaType::Pdf), clean);
        }
    }
}
