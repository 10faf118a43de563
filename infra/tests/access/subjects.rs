//! Every place where the program speaks to NATS. No user does: the server takes the program's own connection only, and
//! what a viewer hears has passed the read side's authorisation.

use std::collections::BTreeSet;

use super::world::{assert_same, sources};

/// File, and what it says or hears there.
const SPEAKS: &[&str] = &[
    // <prefix>.events.<business>.<aggregate>.<id>.<event>: the log, for the program's projections.
    "streams/src/sequencer/publish.rs",
    "streams/src/sequencer/repair.rs",
    // <prefix>.metrics.<business>: that a business's figures changed, and <prefix>.deadletter.<projection>.<business>.
    "streams/src/projection/publish.rs",
    "streams/src/projection/feed.rs",
    // <prefix>.checkpoints: what the interfaces ask of whoever has the key that signs. Answered to the asker alone.
    "streams/src/proof/signatory.rs",
    // Hears <prefix>.metrics.<business> for the subscription `changed`, whose field is in `fields.rs`.
    "query-api/src/live/hub.rs",
];

const CALLS: &[&str] =
    &[".send_publish(", "nats.publish(", "nats.subscribe(", "subjects: vec![", "create_consumer", "filter_subject"];

#[test]
fn every_file_that_speaks_to_nats_says_to_whom() {
    let speaks = |text: &str| CALLS.iter().any(|call| text.contains(call));
    let found = sources().into_iter().filter(|(_, text)| speaks(text)).map(|(path, _)| path.display().to_string());
    assert_same("subjects", &found.collect(), &SPEAKS.iter().map(|path| (*path).to_owned()).collect::<BTreeSet<_>>());
}
