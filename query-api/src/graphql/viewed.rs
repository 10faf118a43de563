//! The states of knowledge that the fields of one request ask for.

use std::collections::HashMap;

use async_graphql::{Context, Result};
use domain::BusinessId;
use domain::access::{Action, authorise};
use tokio::sync::{Mutex, OnceCell};

use super::input::{AsOf, Position};
use super::principal;
use crate::reader::{Reader, View};
use crate::views;

/// Waits for what its caller wrote, for answers that are no view's. The caller authorises.
pub async fn shown(ctx: &Context<'_>, business: BusinessId, min_position: Option<Position>) -> Result<()> {
    Ok(ctx.data::<Reader>()?.shown(business, min_position.map(|position| position.0)).await?)
}

/// The same for the audit history.
pub async fn shown_in_history(ctx: &Context<'_>, business: BusinessId, min_position: Option<Position>) -> Result<()> {
    shown(ctx, business, min_position).await?;
    Ok(ctx.data::<Reader>()?.shown_in_audit(min_position.map(|position| position.0)).await?)
}

pub struct Views {
    business: BusinessId,
    /// The present one, the same for all fields.
    now: OnceCell<View>,
    /// Past ones: fields that ask for the same one look it up once.
    past: Mutex<HashMap<views::AsOf, View>>,
}

impl Views {
    pub fn of(business: BusinessId) -> Self {
        Self { business, now: OnceCell::new(), past: Mutex::default() }
    }

    /// `now`: the present one.
    pub fn with(now: View) -> Self {
        Self { business: now.business.id, now: OnceCell::new_with(Some(now)), past: Mutex::default() }
    }

    pub const fn business(&self) -> BusinessId {
        self.business
    }

    pub async fn now(&self, ctx: &Context<'_>) -> Result<&View> {
        authorise(principal(ctx)?, Action::Read, Some(self.business))?;
        let reader = ctx.data::<Reader>()?;
        Ok(self.now.get_or_try_init(|| reader.view(self.business, None, None)).await?)
    }

    /// The asked one, for whoever may see it.
    pub async fn view(&self, ctx: &Context<'_>, as_of: Option<AsOf>, min_position: Option<Position>) -> Result<View> {
        authorise(principal(ctx)?, Action::Read, Some(self.business))?;
        match (as_of, min_position) {
            (None, None) => Ok(self.now(ctx).await?.clone()),
            (None, Some(position)) if self.now(ctx).await?.known.position >= position.0 => {
                Ok(self.now(ctx).await?.clone())
            }
            (Some(as_of), None) => self.past(ctx, as_of.into()).await,
            (as_of, Some(position)) => {
                let reader = ctx.data::<Reader>()?;
                Ok(reader.view(self.business, as_of.map(Into::into), Some(position.0)).await?)
            }
        }
    }

    async fn past(&self, ctx: &Context<'_>, as_of: views::AsOf) -> Result<View> {
        let mut past = self.past.lock().await;
        if let Some(view) = past.get(&as_of) {
            return Ok(view.clone());
        }
        let view = ctx.data::<Reader>()?.view(self.business, Some(as_of), None).await?;
        past.insert(as_of, view.clone());
        Ok(view)
    }
}
