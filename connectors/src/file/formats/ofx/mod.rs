//! OFX of either version (and QFX, which is OFX): bank, card and investment statements.
//!
//! Both versions go through one reader of tags: exports are common that are neither proper SGML nor proper XML, with
//! some values closed and others not. What is read is in `docs/importing.md`.

mod draft;
mod reader;
#[cfg(test)]
mod tests;
mod tokens;
mod values;

pub use reader::Reader;
