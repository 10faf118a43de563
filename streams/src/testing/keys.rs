use std::sync::Arc;

use sqlx::PgPool;

use crate::sealing::{EnvironmentKeys, Keys};

/// Data keys in this database, wrapped by a master key that everybody knows.
pub fn keys(pool: &PgPool) -> Keys {
    let service = EnvironmentKeys::try_new(&"7e57".repeat(16)).expect("64 digits");
    Keys::new(pool.clone(), Arc::new(service))
}
