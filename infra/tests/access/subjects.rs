//! Every place where the program speaks to NATS, on which subjects, in which of its processes, and who may use them. No
//! user does: the server takes the program's own connection only (`servers.rs`), and what a viewer hears has passed the
//! read side's authorisation.

use std::collections::BTreeSet;

use super::world::{assert_same, sources};

/// Who hears or causes what is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    /// The program alone, whoever asks it for what.
    Program,
    /// Those who may read the business: checked where its subscription begins, by the field in `fields.rs`.
    Readers,
    /// Owners and auditors: checked by the routes that ask (`routes.rs`) before anything is asked here.
    Auditors,
}

use Who::{Auditors, Program, Readers};

/// File, subject, process, and who.
const SPEAKS: &[(&str, &str, &str, Who)] = &[
    ("streams/src/sequencer/publish.rs", "<prefix>.events.<business>.<aggregate>.<id>.<event>", "sequencer", Program),
    // Makes the stream of the log, and makes it anew where it is another than the log.
    ("streams/src/sequencer/repair.rs", "<prefix>.events.>", "sequencer", Program),
    // Deletes the events of a business that was erased, and its dead letters.
    ("streams/src/erasure/stream.rs", "<prefix>.events.>, <prefix>.deadletter.*.<business>", "sequencer", Program),
    // That a business's figures changed; and, with what could not be folded, the stream of dead letters.
    (
        "streams/src/projection/publish.rs",
        "<prefix>.metrics.<business>, <prefix>.deadletter.<projection>.<business>",
        "projector",
        Program,
    ),
    ("streams/src/projection/feed.rs", "<prefix>.events.>", "projector", Program),
    // Hears that figures changed, for the subscription `changed`.
    ("query-api/src/live/hub.rs", "<prefix>.metrics.<business>", "api", Readers),
    // Asks for a checkpoint, and answers where the key is. A month's closing asks too, for its owners.
    ("streams/src/proof/signatory.rs", "<prefix>.checkpoints", "api, sequencer", Auditors),
    // Counts of requests, by hashes of who made them.
    ("infra/src/http/gateway/limits/shared.rs", "$KV.<prefix>_LIMITS.<rule>.<who>.<process>", "api", Program),
];

/// What is said, heard, made or taken away.
const CALLS: &[&str] = &[
    ".send_publish(",
    "nats.publish(",
    "nats.request(",
    "nats.subscribe(",
    ".queue_subscribe(",
    "subjects: vec![",
    "create_stream(",
    "delete_stream(",
    "create_consumer",
    "filter_subject",
    "create_key_value(",
    "get_key_value(",
    "store.put(",
    ".watch_with_history(",
    ".delete_message(",
    ".purge()",
];

/// The roles in which a process can run (`workdock serve --role`).
const ROLES: &[&str] = &["sequencer", "projector", "api"];

#[test]
fn every_file_that_speaks_to_nats_says_on_which_subjects_and_for_whom() {
    let speaks = |text: &str| CALLS.iter().any(|call| text.contains(call));
    let found = sources().into_iter().filter(|(_, text)| speaks(text)).map(|(path, _)| path.display().to_string());
    let listed: BTreeSet<String> = SPEAKS.iter().map(|(path, ..)| (*path).to_owned()).collect();
    assert_same("subjects", &found.collect(), &listed);
    for (path, subjects, processes, _) in SPEAKS {
        assert!(subjects.split(", ").all(|subject| subject.contains("<prefix>")), "{path}");
        assert!(processes.split(", ").all(|process| ROLES.contains(&process)), "{path}");
    }
}
