//! The SQL, one file per query shape, and its rows.
//!
//! Everything is read from `read.*` (the views on the active generations), from `store.log` and `read.position`, members
//! from `access.member` and what payouts hold from `meaning.paid_out`, which are kept with each append, keys from `access.api_key`, connections from `connectors.*`, and
//! what is known of files from `sources.*`. Every shape is listed in [`SHAPES`], so that a test can run each on plain
//! PostgreSQL and on TimescaleDB and compare.

mod archives;
mod audit;
mod batches;
mod connections;
mod entities;
mod events;
mod history;
mod keys;
mod mappings;
mod meaning;
mod members;
mod months;
mod place;
mod rates;
mod recurring;
mod row;
mod searchable;
mod statements;
mod sums;
mod transactions;

pub use archives::{ArchiveRow, archives};
pub use audit::{
    AuditFilter, AuditRow, MovedRow, SealedRow, audit, audit_extent, audit_saying, audit_sealed, day_begins, moved,
    sign_ins,
};
pub use batches::{BatchCursor, BatchRow, batches};
pub use connections::{ConnectionRow, SyncRow, ToldRow, connections, pending, refused, syncs, told};
pub use entities::{AccountRow, BusinessRow, SourceRow, accounts, businesses, sources};
pub use events::{EventRow, events, positions};
pub use history::{Changing, LastChange, Span, last_change, span};
pub use keys::{KeyRow, keys};
pub use mappings::{MappingRow, mappings};
pub use meaning::{categories, is_settled};
pub use members::{MemberRow, members};
pub use months::{ClosingRow, closing_by_code, closings, month_sums};
pub use place::{AsOf, Place, Standstill, place};
pub use rates::{
    CellDay, ForeignCell, ForeignDay, RateRow, cell_days, foreign_cells, foreign_days, last_rate, rate_book,
    rated_days, rates, rates_changed,
};
pub use recurring::{RecurringRow, recurring};
pub use searchable::{Searchable, searchable, searchable_since, transactions_named};
pub use statements::{StatementRow, account_days, statement_ends, statements};
pub use sums::{Dim, Question, Scope, SlotRun, SumRow, sums};
pub use transactions::{
    Changed, Cursor, Filter, Order, RevisionRow, Sign, TransactionRow, change_counts, revised, revisions, transactions,
};

/// One query shape by the name of its file.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    pub name: &'static str,
    pub sql: &'static str,
}

macro_rules! shapes {
    ($($name:ident),* $(,)?) => {
        $(pub(crate) const $name: &str = include_str!(concat!("sql/", stringify!($name), ".sql"));)*
        /// Every statement that this crate sends.
        pub const SHAPES: &[Shape] = &[$(Shape { name: stringify!($name), sql: sql::$name }),*];
    };
}

#[allow(non_upper_case_globals, reason = "a shape is named as its file")]
mod sql {
    use super::Shape;
    use crate::views::sql;

    shapes!(
        account_days,
        accounts,
        archives,
        audit,
        audit_extent,
        audit_saying,
        audit_sealed,
        batches,
        businesses,
        categories,
        cell_days,
        change_counts,
        changed_transactions,
        closing_by_code,
        closings,
        connections,
        day_begins,
        delta_sums,
        events,
        foreign_cells,
        foreign_days,
        keys,
        last_change,
        last_rate,
        mappings,
        members,
        month_sums,
        moved,
        pending,
        positions,
        rate_book,
        rated_days,
        rates,
        rates_changed,
        recurring,
        refused,
        revised,
        revisions,
        searchable,
        searchable_since,
        settled,
        sign_ins,
        sources,
        span,
        statement_ends,
        statements,
        sums,
        syncs,
        told,
        transactions,
        transactions_by_amount,
        transactions_named,
        view,
    );
}

pub use sql::SHAPES;

#[cfg(test)]
mod tests {
    use std::path::Path;

    /// Statements of this crate that name no shape.
    fn unlisted(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                unlisted(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("views/mod.rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let asked = text.split("sqlx::query").skip(1).filter_map(|rest| rest.split_once('('));
                let unlisted =
                    asked.filter(|(_, argument)| !argument.starts_with("sql::") && !argument.starts_with("statement"));
                found.extend(unlisted.map(|(_, argument)| format!("{}: {argument:.40}", path.display())));
            }
        }
    }

    #[test]
    fn every_statement_that_is_sent_is_a_shape() {
        let mut found = Vec::new();
        unlisted(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
        assert!(found.is_empty(), "{found:#?}");
    }
}
