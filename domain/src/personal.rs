//! Texts about people, which are stored sealed.

use uuid::Uuid;

/// What stands for a text that must be there, where the key it was sealed with is destroyed.
pub const ERASED: &str = "(erased)";

/// What stands for the address of a person who was erased.
pub const ERASED_PERSON: &str = "(erased person)";

/// A text of an event that is stored sealed.
#[derive(Debug)]
pub enum Text<'a> {
    Required(&'a mut String),
    Optional(&'a mut Option<String>),
}

/// A text that names a person: it is sealed with a key of theirs too, so that it goes with them or with the business,
/// whichever goes first.
#[derive(Debug)]
pub struct OwnText<'a> {
    /// Whose key it is.
    pub whose: Uuid,
    pub text: &'a mut String,
}

/// An event, or a part of one, with texts about people or about what they do: names, descriptions, addresses.
///
/// Amounts, days and categories are no such texts: figures must be computed without a key, and after it is destroyed.
pub trait Personal {
    /// Visits every such text, always in the same order: stored events depend on it for ever. Another order, or a
    /// text more, is a new version of the event.
    fn each_text(&mut self, visit: &mut dyn FnMut(Text<'_>));

    /// The one of these texts that names a person who has a key for it.
    fn own_text(&mut self) -> Option<OwnText<'_>> {
        None
    }

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
