//! What a panic says may hold what was being worked on: an amount, a name. Said is where it happened, and nothing else.

use std::panic::PanicHookInfo;

/// In place of the hook that prints the text. Called once, when logging has begun.
pub fn install() {
    std::panic::set_hook(Box::new(tell));
}

fn tell(panic: &PanicHookInfo<'_>) {
    let at = panic.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(at, "panicked; what it says is kept back, it may be somebody's text");
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Said(Arc<Mutex<Vec<u8>>>);

    impl Write for Said {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_panic_tells_where_it_happened_and_not_what_it_says() {
        let said = Said::default();
        let writer = said.clone();
        let log = tracing_subscriber::fmt().with_writer(move || writer.clone()).with_ansi(false).finish();
        let before = std::panic::take_hook();
        install();
        let text = "ZqcanaryOfAPanic";
        let caught = tracing::subscriber::with_default(log, || {
            let caught = std::panic::catch_unwind(|| -> () { panic!("cannot go on with {text}") });
            caught.map_err(|panic| drop(crate::http::told_of_panic(panic)))
        });
        std::panic::set_hook(before);
        let said = String::from_utf8(said.0.lock().unwrap().clone()).unwrap();
        assert!(said.contains("infra/src/panics.rs:"), "{said}");
        assert!(caught.is_err() && !said.contains(text), "{said}");
    }
}
