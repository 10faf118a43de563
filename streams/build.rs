//! Migrations are read at compile time; cargo must look at the folder.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
