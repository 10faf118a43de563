//! One file per subcommand.

pub mod servers;
