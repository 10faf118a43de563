//! Connections with their names, and what they did.

use std::collections::HashMap;

use domain::BusinessId;
use domain::source::Health;
use uuid::Uuid;

use super::Reader;
use crate::failure::Failure;
use crate::views::{self, ConnectionRow, SyncRow};

/// A connection and what its user may do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    pub row: ConnectionRow,
    pub name: String,
    pub advice: &'static str,
}

impl Reader {
    pub async fn connections(&self, business: BusinessId) -> Result<Vec<Connection>, Failure> {
        let rows = views::connections(&self.pool, business).await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let sources = self.sources_of(business).await?;
        let names: HashMap<Uuid, String> = sources.into_iter().map(|row| (row.id.as_uuid(), row.name)).collect();
        let connection = |row: ConnectionRow| Connection {
            name: names.get(&row.source).cloned().unwrap_or_default(),
            advice: Health::ALL
                .into_iter()
                .find(|health| health.as_str() == row.health)
                .map_or("", |health| health.advice_for(row.reason.as_deref())),
            row,
        };
        Ok(rows.into_iter().map(connection).collect())
    }

    pub async fn syncs(
        &self,
        business: BusinessId,
        source: Uuid,
        first: i32,
        after: Option<i64>,
    ) -> Result<Vec<SyncRow>, Failure> {
        if !(1..=500).contains(&first) {
            return Err(Failure::invalid("A page has 1 to 500 rows."));
        }
        Ok(views::syncs(&self.pool, business, source, first.into(), after).await?)
    }
}
