//! Makes sure that the folder of the built UI exists: `cargo build` works without the UI, which then says how to
//! build it. `make` builds the UI first.

use std::path::Path;

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/dist");
    if let Err(error) = std::fs::create_dir_all(&folder) {
        println!("cargo::warning={}: {error}", folder.display());
    }
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", folder.display());
}
