//! `workdock`: the one binary.

fn main() -> std::process::ExitCode {
    infra::main()
}
