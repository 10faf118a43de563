//! What came when.

use async_graphql::{Context, Result, SimpleObject};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::entities::{Account, Source};
use super::input::Position;
use super::transactions::{PageInfo, parties};
use crate::cursor;
use crate::reader::{Page, Reader, View};

#[derive(Debug, SimpleObject)]
pub struct BatchConnection {
    nodes: Vec<Batch>,
    page_info: PageInfo,
}

#[derive(Debug, SimpleObject)]
pub struct Batch {
    id: Uuid,
    account: Option<Account>,
    source: Option<Source>,
    first_position: Position,
    last_position: Position,
    started_at: DateTime<Utc>,
    last_at: DateTime<Utc>,
    added: Position,
    amended: Position,
    removed: Position,
}

impl BatchConnection {
    pub async fn read(ctx: &Context<'_>, view: View, first: i32, after: Option<String>) -> Result<Self> {
        let business = view.business.id;
        let after = after.as_deref().map(|text| cursor::to_batch(business, text)).transpose()?;
        let page = ctx.data::<Reader>()?.batches(&view, Page::try_new(first, after)?).await?;
        let parties = parties(ctx, business).await?;
        let end_cursor = page.rows.last().map(|row| cursor::of_batch(business, row));
        let nodes = page.rows.into_iter().map(|row| Batch {
            id: row.id.as_uuid(),
            account: row.account.and_then(|id| parties.account(id)).map(Account::from),
            source: row.source.and_then(|id| parties.source(id)).map(Source::from),
            first_position: Position(row.first_position),
            last_position: Position(row.last_position),
            started_at: row.started_at,
            last_at: row.last_at,
            added: Position(row.added),
            amended: Position(row.amended),
            removed: Position(row.removed),
        });
        Ok(Self { nodes: nodes.collect(), page_info: PageInfo { has_next_page: page.has_next, end_cursor } })
    }
}
