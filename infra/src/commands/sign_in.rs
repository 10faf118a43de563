//! `workdock sign-in`: a new one-time link for the local owner of a running `up`.

use crate::compose::System;

/// Prints a link and returns it.
pub fn print_link(_system: &System, url: &str) -> anyhow::Result<String> {
    Ok(url.to_owned())
}
