//! Accounts and sources by their names.

use async_graphql::SimpleObject;
use uuid::Uuid;

use crate::views::{AccountRow, SourceRow};

#[derive(Debug, Clone, SimpleObject)]
pub struct Account {
    id: Uuid,
    name: String,
    currency: String,
    source: Option<Uuid>,
    closed: bool,
    external_id: Option<String>,
}

impl From<&AccountRow> for Account {
    fn from(row: &AccountRow) -> Self {
        Self {
            id: row.id.as_uuid(),
            name: row.name.clone(),
            currency: row.currency.to_string(),
            source: row.source.map(domain::SourceId::as_uuid),
            closed: row.closed,
            external_id: row.external_id.clone(),
        }
    }
}

#[derive(Debug, Clone, SimpleObject)]
pub struct Source {
    id: Uuid,
    name: String,
    kind: String,
    connected: bool,
}

impl From<&SourceRow> for Source {
    fn from(row: &SourceRow) -> Self {
        Self { id: row.id.as_uuid(), name: row.name.clone(), kind: row.kind.clone(), connected: row.connected }
    }
}
