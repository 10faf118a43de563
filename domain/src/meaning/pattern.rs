//! Texts that rules look for.

/// The most letters of a pattern.
pub const MOST_LETTERS: usize = 200;

/// A text in which `*` stands for any run of characters, found anywhere, letters of either case being the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Vec<String>);

impl Pattern {
    pub fn new(text: &str) -> Self {
        Self(text.split('*').filter(|part| !part.is_empty()).map(str::to_lowercase).collect())
    }

    /// `lower`: in lower case already. Parts are found one after the other, leftmost first.
    pub fn is_in(&self, lower: &str) -> bool {
        let mut rest = lower;
        for part in &self.0 {
            match rest.find(part.as_str()) {
                Some(at) => rest = &rest[at + part.len()..],
                None => return false,
            }
        }
        true
    }
}

/// A transaction's texts as patterns and searches see them: one after the other with a space between, in lower case.
pub fn words_of<'a>(texts: impl IntoIterator<Item = Option<&'a str>>) -> String {
    let mut words = String::new();
    for text in texts.into_iter().flatten() {
        if !words.is_empty() {
            words.push(' ');
        }
        words.extend(text.chars().flat_map(char::to_lowercase));
    }
    words
}
