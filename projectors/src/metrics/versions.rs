//! Cumulative versions: the sums of a cell after each position that changed it. Pure.

use domain::Sums;
use streams::projection::ProjectionError;

use super::cell::{Cell, Dim};
use super::fold::does_not_fit;
use super::folded::Folded;
use super::memory::Stored;
use super::sums::{add, canonical};
use crate::decode::poison;

/// The sums of a cell after a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Version {
    pub cell: i64,
    pub position: i64,
    pub sums: Sums,
}

#[derive(Debug, Default)]
pub(super) struct Versions<'a> {
    pub new_cells: Vec<(i64, Cell<'a>)>,
    pub versions: Vec<Version>,
    /// The newest version of each folded cell; `None` where nothing changed it.
    pub newest: Vec<Option<Stored>>,
}

/// Ids of cells that one event makes. A page touches at most 500 transactions twice, each in at most 20 parts, and each
/// part 20 cells.
const CELLS_AN_EVENT: i64 = 1 << 19;

/// Adds the changes to what is stored of the cells.
///
/// A new cell's id is made of the position that first changed it and its number among the cells new with that event:
/// a function of the log, whatever was folded before or beside it.
///
/// # Errors
/// Poison: a sum that does not fit, or a count below zero.
pub(super) fn accumulate<'a>(
    folded: &Folded<'a>,
    mut newest: Vec<Option<Stored>>,
) -> Result<Versions<'a>, ProjectionError> {
    let mut new_cells = Vec::new();
    let mut versions = Vec::with_capacity(folded.changes.len());
    let (mut event, mut made) = (0, 0);
    for change in &folded.changes {
        if change.position != event {
            (event, made) = (change.position, 0);
        }
        let cell = folded.cells[change.cell];
        let stored = newest[change.cell].get_or_insert_with(|| {
            let id = change.position * CELLS_AN_EVENT + made;
            made += 1;
            new_cells.push((id, cell));
            Stored { id, sums: Sums::default() }
        });
        let sums = add(stored.sums, change.sums).ok_or_else(|| does_not_fit(change.position))?;
        if sums.count < 0 && !matches!(cell.dim, Dim::Cause(_)) {
            return Err(poison(change.position, "it takes back transactions that the log never brought"));
        }
        stored.sums = canonical(sums);
        versions.push(Version { cell: stored.id, position: change.position, sums: stored.sums });
    }
    Ok(Versions { new_cells, versions, newest })
}
