//! Finding the one event that cannot be folded, so that all others go on.

use std::collections::{HashMap, HashSet};
use std::panic::AssertUnwindSafe;

use domain::BusinessId;
use futures::FutureExt;
use sqlx::{Connection, PgConnection};

use super::dead_letter::{self, DeadLetter};
use super::ended::is_end;
use super::generation::Generation;
use super::{Notice, Projection, ProjectionError};
use crate::Event;

/// What one fold came to.
pub(crate) enum Fold {
    Done(Vec<Notice>),
    /// The events themselves are at fault, or may be: a poison event, a value that the tables refuse, a panic.
    Suspect {
        reason: String,
        certain: bool,
    },
    /// Nothing is known about the events: tried again later.
    Failed(sqlx::Error),
}

/// Folds, and sorts what went wrong.
pub(crate) async fn fold_in_tx(projection: &dyn Projection, tx: &mut PgConnection, events: &[Event]) -> Fold {
    if events.is_empty() {
        return Fold::Done(Vec::new());
    }
    match AssertUnwindSafe(write_runs_in_tx(projection, tx, events)).catch_unwind().await {
        Ok(Ok(notices)) => Fold::Done(notices),
        Ok(Err(error @ ProjectionError::Poison { .. })) => Fold::Suspect { reason: error.to_string(), certain: true },
        Ok(Err(ProjectionError::Database(error))) if blames_the_data(&error) => {
            Fold::Suspect { reason: error.to_string(), certain: false }
        }
        Ok(Err(ProjectionError::Database(error))) => Fold::Failed(error),
        Err(panic) => {
            Fold::Suspect { reason: format!("the projection panicked: {}", message(&*panic)), certain: false }
        }
    }
}

/// Each business's end is folded with rows that hold nothing of it any more.
async fn write_runs_in_tx(
    projection: &dyn Projection,
    tx: &mut PgConnection,
    events: &[Event],
) -> Result<Vec<Notice>, ProjectionError> {
    let mut notices = Vec::new();
    for run in events.chunk_by(|_, next| !is_end(next)) {
        if let Some(end) = run.first().filter(|first| is_end(first)) {
            projection.erase_in_tx(tx, end.business).await?;
            projection.forget();
        }
        notices.extend(projection.write_in_tx(tx, run).await?);
    }
    Ok(notices)
}

/// Whether the server refused a value (classes 22 data exception, 23 constraint, 54 limit exceeded), or a value could
/// not be encoded: the same event would be refused again.
fn blames_the_data(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Encode(_) => true,
        sqlx::Error::Database(error) => {
            error.code().is_some_and(|code| ["22", "23", "54"].iter().any(|class| code.starts_with(class)))
        }
        _ => false,
    }
}

fn message(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

/// What isolating came to.
#[derive(Default)]
pub(crate) struct Isolated {
    pub notices: Vec<Notice>,
    pub dead: Vec<DeadLetter>,
    pub parked: HashMap<BusinessId, i64>,
}

/// Folds what can be folded: halves under savepoints what cannot, down to single events; those are dead-lettered and
/// their businesses join `blocked`, whose later events are parked.
pub(crate) async fn isolate_in_tx(
    projection: &dyn Projection,
    generation: &Generation,
    tx: &mut PgConnection,
    events: &[Event],
    blocked: &mut HashSet<BusinessId>,
) -> Result<Isolated, sqlx::Error> {
    let mut done = Isolated::default();
    let mut waiting = vec![events];
    while let Some(part) = waiting.pop() {
        let open: Vec<Event> = part.iter().filter(|event| !blocked.contains(&event.business)).cloned().collect();
        let mut savepoint = tx.begin().await?;
        match fold_in_tx(projection, &mut savepoint, &open).await {
            Fold::Done(notices) => {
                savepoint.commit().await?;
                done.notices.extend(notices);
                count_parked(&mut done.parked, part, blocked);
            }
            Fold::Failed(error) => return Err(error),
            Fold::Suspect { reason, .. } => {
                savepoint.rollback().await?;
                projection.forget();
                match part {
                    [event] => {
                        let letter = DeadLetter::of(generation, event, reason);
                        dead_letter::insert_in_tx(tx, &letter).await?;
                        blocked.insert(event.business);
                        done.dead.push(letter);
                    }
                    _ => {
                        let (first, second) = part.split_at(part.len() / 2);
                        waiting.extend([second, first]);
                    }
                }
            }
        }
    }
    Ok(done)
}

pub(crate) fn count_parked(parked: &mut HashMap<BusinessId, i64>, events: &[Event], blocked: &HashSet<BusinessId>) {
    for event in events.iter().filter(|event| blocked.contains(&event.business)) {
        *parked.entry(event.business).or_default() += 1;
    }
}
