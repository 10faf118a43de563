use domain::{Code, Email, Problem};

use super::Password;
use super::common::is_common;

const SHORTEST: usize = 12;
const LONGEST: usize = 128;
/// Characters that must be left of a password without its owner's address and our name.
const OWN: usize = 8;

/// Whether a new password will do. Length counts, characters of many kinds do not (NIST SP 800-63B, OWASP ASVS 6.2).
pub fn accept(password: &Password, owner: &Email) -> Result<(), Problem> {
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
    if without_known(&text.to_lowercase(), owner).chars().count() < OWN {
        return refused("This password is made of your address or our name. Choose another.".into());
    }
    Ok(())
}

fn without_known(text: &str, owner: &Email) -> String {
    let key = owner.key();
    let local = key.split('@').next().unwrap_or_default();
    let words = [key.as_str(), local, "workdock"];
    words.iter().filter(|word| word.len() >= 4).fold(text.to_owned(), |text, word| text.replace(word, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> bool {
        accept(&Password::from(text.to_owned()), &"ada.lovelace@example.com".parse().unwrap()).is_ok()
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
}
