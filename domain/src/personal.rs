//! Texts about people, which are stored sealed.

/// What stands for a text that must be there, where the key it was sealed with is destroyed.
pub const ERASED: &str = "(erased)";

/// A text of an event that is stored sealed.
#[derive(Debug)]
pub enum Text<'a> {
    Required(&'a mut String),
    Optional(&'a mut Option<String>),
}

/// An event, or a part of one, with texts about people or about what they do: names, descriptions, addresses.
///
/// Amounts, days and categories are no such texts: figures must be computed without a key, and after it is destroyed.
pub trait Personal {
    /// Visits every such text, always in the same order: stored events depend on it for ever. Another order, or a
    /// text more, is a new version of the event.
    fn each_text(&mut self, visit: &mut dyn FnMut(Text<'_>));

    /// Puts [`ERASED`] for texts that must be there; the others are absent.
    fn erase(&mut self) {
        self.each_text(&mut |text| match text {
            Text::Required(text) => ERASED.clone_into(text),
            Text::Optional(text) => *text = None,
        });
    }
}

impl<T: Personal> Personal for Vec<T> {
    fn each_text(&mut self, visit: &mut dyn FnMut(Text<'_>)) {
        self.iter_mut().for_each(|part| part.each_text(visit));
    }
}
