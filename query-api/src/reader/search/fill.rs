//! Opening the texts of a business for searches: all at first, then what is new.

use std::sync::Arc;

use domain::meaning::words_of;

use super::block::{Block, Place};
use super::{MOST_NEW, Opened};
use crate::failure::Failure;
use crate::reader::{Reader, View};
use crate::views::{self, Searchable};

impl Reader {
    /// What is open, brought up to the view; `None` where nothing is.
    pub(super) async fn opened(&self, view: &View) -> Result<Option<Opened>, Failure> {
        let business = view.business.id;
        let Some(opened) = self.searched.kept.get(&business) else { return Ok(None) };
        if opened.generation != view.generation {
            self.searched.kept.invalidate(&business);
            return Ok(None);
        }
        if view.changed <= opened.position {
            return Ok(Some(opened));
        }
        let since = views::searchable_since(&self.pool, business, opened.position, view.known.position).await?;
        let new = opened.new.with(&self.block_of(since).await?);
        let opened = Opened { position: view.known.position, new: Arc::new(new), ..opened };
        let opened = if opened.new.len() > MOST_NEW {
            Opened { old: Arc::new(opened.old.with(&opened.new)), new: Arc::default(), ..opened }
        } else {
            opened
        };
        self.searched.kept.insert(business, opened.clone());
        Ok(Some(opened))
    }

    /// Opens everything.
    pub(super) async fn fill(&self, view: &View) -> Result<(), Failure> {
        let business = view.business.id;
        let rows = views::searchable(&self.pool, business, view.known.position).await?;
        let old = Arc::new(self.block_of(rows).await?);
        let (generation, position) = (view.generation, view.known.position);
        self.searched.kept.insert(business, Opened { generation, position, old, new: Arc::default() });
        Ok(())
    }

    /// Each event is read and opened once.
    async fn block_of(&self, mut rows: Vec<Searchable>) -> Result<Block, Failure> {
        rows.sort_unstable_by_key(|row| row.position);
        let mut revisions = Vec::with_capacity(rows.len());
        for rows in rows.chunk_by(|one, next| one.position == next.position).collect::<Vec<_>>().chunks(64) {
            let positions: Vec<_> = rows.iter().filter_map(|rows| rows.first()).map(|row| row.position).collect();
            let texts = self.texts.open_unkept(&positions).await?;
            for row in rows.iter().flat_map(|rows| rows.iter()) {
                let first = usize::try_from(row.place).unwrap_or_default() * 3;
                let Some(texts) = texts.get(&row.position).and_then(|texts| texts.get(first..first + 3)) else {
                    continue;
                };
                let place = Place { day: row.day, id: row.id };
                revisions.push((place, words_of(texts.iter().map(Option::as_deref))));
            }
        }
        // Sorting a million is no work for a thread that answers others.
        let block = tokio::task::spawn_blocking(move || Block::new(revisions)).await;
        block.map_err(|error| {
            tracing::error!(%error, "texts cannot be put in order");
            domain::Problem::new(domain::Code::Internal, "The search failed. It is logged; nothing is lost.").into()
        })
    }
}
