use domain::{Code, Email, Problem};

use super::Password;
use super::common::is_common;

const SHORTEST: usize = 12;
const LONGEST: usize = 128;
/// Characters that must be left of a password without what others guess first: its owner's address, and the words of the
/// installation.
const OWN: usize = 8;
/// Of shorter words too little would be left of any password.
const SHORTEST_WORD: usize = 4;

/// Words that say nothing about who chose them: our name, the host of the page, and what the installation is configured
/// with.
#[derive(Debug, Clone)]
pub struct Words(Vec<String>);

impl Words {
    pub fn new(base_url: &str, configured: &[String]) -> Self {
        let host = base_url.split("://").last().unwrap_or_default().split([':', '/']).next().unwrap_or_default();
        let given = configured.iter().flat_map(|words| words.split_whitespace());
        let all = ["workdock"].into_iter().chain(host.split('.')).chain(given);
        Self(all.map(str::to_lowercase).filter(|word| word.chars().count() >= SHORTEST_WORD).collect())
    }
}

/// Whether a new password will do. Length counts, characters of many kinds do not (NIST SP 800-63B, OWASP ASVS 6.2).
pub fn accept(password: &Password, owner: &Email, words: &Words) -> Result<(), Problem> {
    let text = password.expose();
    let length = text.chars().count();
    let refused = |why: String| Err(Problem::new(Code::Refused, why));
    if length < SHORTEST {
        return refused(format!("A password has at least {SHORTEST} characters; a few words make a good one."));
    }
    if length > LONGEST {
        return refused(format!("A password has at most {LONGEST} characters."));
    }
    if is_common(text) {
        return refused("This password is among the most common ones, which are tried first. Choose another.".into());
    }
    if without_known(&text.to_lowercase(), owner, words).chars().count() < OWN {
        return refused(
            "This password is made of your address, our name or a word of your organisation. Choose another.".into(),
        );
    }
    Ok(())
}

fn without_known(text: &str, owner: &Email, words: &Words) -> String {
    let key = owner.key();
    let local = key.split('@').next().unwrap_or_default();
    let own = [key.as_str(), local].into_iter().filter(|word| word.len() >= SHORTEST_WORD);
    own.chain(words.0.iter().map(String::as_str)).fold(text.to_owned(), |text, word| text.replace(word, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> bool {
        let words = Words::new("https://books.harbour.example:8443/x", &["Blue Heron".to_owned(), "of".to_owned()]);
        accept(&Password::from(text.to_owned()), &"ada.lovelace@example.com".parse().unwrap(), &words).is_ok()
    }

    #[test]
    fn length_and_the_list_decide() {
        assert!(check("correct horse battery"));
        assert!(check(&"ünïcödé ".repeat(3)));
        assert!(check(&"x1".repeat(64)));
        assert!(!check("elevenchars"));
        assert!(!check(&"ab".repeat(65)));
        assert!(!check("qwerty123456"));
        assert!(!check("Ada.Lovelace@example.com"));
        assert!(!check("ada.lovelace2026"));
        assert!(!check("workdock1234"));
    }

    #[test]
    fn words_of_the_installation_count_for_nothing() {
        assert!(!check("BlueHeron2026"));
        assert!(!check("harbour-2026-x"));
        assert!(check("harbour lights at dusk"));
        assert!(check("often of an offer"), "two letters are no word");
    }
}
