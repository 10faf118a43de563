//! Opening the texts of what is shown: names and descriptions stand sealed in the events, and nowhere else.
//!
//! Opened texts are kept in memory by the position of their event, which never changes what it says, for as long as
//! data keys are: [`CACHED_FOR`], or until keys are destroyed.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::Arc;

use domain::meaning::words_of;
use domain::personal::ERASED;
use domain::rates::RateSource;
use domain::{Code, Problem};
use moka::sync::Cache;
use sqlx::PgPool;
use streams::sealing::{CACHED_FOR, Keys, SealError};
use streams::{Event, OpenError, log};

use crate::failure::Failure;
use crate::views::{AccountRow, AuditRow, BusinessRow, RateRow, SealedRow, SourceRow, TransactionRow};

/// All texts of one event.
#[derive(Debug, Clone, Default)]
pub(super) struct Texts {
    all: Arc<Vec<Option<String>>>,
    /// Whether the last is a note on all of its transactions.
    is_noted: bool,
}

impl Texts {
    fn of(event: &Event, all: Vec<Option<String>>) -> Self {
        Self { all: Arc::new(all), is_noted: event.event_type == "account.recategorised" }
    }

    fn note(&self) -> Option<String> {
        self.last().filter(|_| self.is_noted).cloned().flatten()
    }
}

impl Deref for Texts {
    type Target = [Option<String>];

    fn deref(&self) -> &Self::Target {
        &self.all
    }
}

/// Bytes of opened texts in memory, at most.
const CACHED_BYTES: u64 = 32 << 20;
/// Events that are read at once: some 8 MB of full pages.
pub(super) const AT_ONCE: usize = 64;

#[derive(Debug, Clone)]
pub(super) struct Opener {
    pool: PgPool,
    keys: Keys,
    cache: Cache<i64, Texts>,
}

impl Opener {
    pub fn new(pool: PgPool, keys: Keys) -> Self {
        let weigh = |_: &i64, texts: &Texts| {
            let bytes: usize = texts.iter().map(|text| 24 + text.as_ref().map_or(0, String::len)).sum();
            u32::try_from(bytes + 64).unwrap_or(u32::MAX)
        };
        let cache: Cache<_, _> =
            Cache::builder().max_capacity(CACHED_BYTES).weigher(weigh).time_to_live(CACHED_FOR).build();
        let opened = cache.clone();
        keys.on_destroyed(move || opened.invalidate_all());
        Self { pool, keys, cache }
    }

    pub const fn keys(&self) -> &Keys {
        &self.keys
    }

    /// The texts of the events at these positions.
    async fn open(&self, positions: impl Iterator<Item = i64>) -> Result<HashMap<i64, Texts>, Failure> {
        let mut found = HashMap::new();
        let mut missing = Vec::new();
        for position in positions {
            if found.contains_key(&position) {
                continue;
            }
            match self.cache.get(&position) {
                Some(texts) => drop(found.insert(position, texts)),
                None => missing.push(position),
            }
        }
        missing.sort_unstable();
        missing.dedup();
        for positions in missing.chunks(AT_ONCE) {
            for event in log::at_each(&self.pool, positions).await? {
                let texts = Texts::of(&event, self.open_one(&event).await?);
                self.cache.insert(event.position, texts.clone());
                found.insert(event.position, texts);
            }
        }
        Ok(found)
    }

    /// All texts of each event, in the order that was asked in; none of one that is not there.
    pub async fn of_each(&self, positions: impl Iterator<Item = i64> + Clone) -> Result<Vec<Texts>, Failure> {
        let texts = self.open(positions.clone()).await?;
        Ok(positions.map(|position| texts.get(&position).cloned().unwrap_or_default()).collect())
    }

    /// The same of a few events, without keeping them: for whoever reads all there are.
    pub async fn open_unkept(&self, positions: &[i64]) -> Result<HashMap<i64, Vec<Option<String>>>, Failure> {
        let mut found = HashMap::with_capacity(positions.len());
        for event in log::at_each(&self.pool, positions).await? {
            found.insert(event.position, self.open_one(&event).await?);
        }
        Ok(found)
    }

    async fn open_one(&self, event: &Event) -> Result<Vec<Option<String>>, Failure> {
        match self.keys.texts_of(event).await {
            Ok(texts) => Ok(texts),
            Err(OpenError::Seal { source: SealError::Database(error), .. }) => Err(error.into()),
            Err(error) => Err(out_of_reach(&error)),
        }
    }

    pub async fn name_businesses(&self, rows: &mut [BusinessRow]) -> Result<(), Failure> {
        let texts = self.open(rows.iter().map(|row| row.named_at)).await?;
        rows.iter_mut().for_each(|row| row.name = name(&texts, row.named_at));
        Ok(())
    }

    pub async fn name_accounts(&self, rows: &mut [AccountRow]) -> Result<(), Failure> {
        let texts = self.open(rows.iter().flat_map(|row| [row.named_at, row.opened_at])).await?;
        for row in rows {
            row.name = name(&texts, row.named_at);
            row.external_id = text(&texts, row.opened_at, 1);
        }
        Ok(())
    }

    pub async fn name_sources(&self, rows: &mut [SourceRow]) -> Result<(), Failure> {
        let texts = self.open(rows.iter().map(|row| row.named_at)).await?;
        rows.iter_mut().for_each(|row| row.name = name(&texts, row.named_at));
        Ok(())
    }

    /// Puts in why rates were entered. Those that a file brought have no note.
    pub async fn note_rates(&self, rows: &mut [RateRow]) -> Result<(), Failure> {
        let entered = |row: &&mut RateRow| row.source == RateSource::Manual;
        let positions: Vec<_> = rows.iter_mut().filter(entered).map(|row| row.position).collect();
        let texts = self.open(positions.into_iter()).await?;
        rows.iter_mut().filter(entered).for_each(|row| row.note = text(&texts, row.position, 0));
        Ok(())
    }

    /// What the fields of each row point to, in lower case, one after the other.
    pub async fn of_history(&self, rows: &[SealedRow]) -> Result<Vec<String>, Failure> {
        let pointed = |row: &SealedRow| -> Vec<i64> {
            [&row.before, &row.after].into_iter().flatten().flat_map(|fields| pointers(fields)).collect()
        };
        let pointed: Vec<_> = rows.iter().map(pointed).collect();
        let texts = self.open(pointed.iter().flatten().copied()).await?;
        let first = |position: &i64| texts.get(position)?.first()?.as_deref();
        Ok(pointed.iter().map(|positions| words_of(positions.iter().map(first))).collect())
    }

    /// Puts in the names and addresses that a history points to.
    pub async fn open_history(&self, rows: &mut [AuditRow]) -> Result<(), Failure> {
        let pointed = rows.iter().flat_map(|row| [&row.before, &row.after]).flatten();
        let texts = self.open(pointed.flat_map(|fields| pointers(fields)).collect::<Vec<_>>().into_iter()).await?;
        for row in rows.iter_mut() {
            for fields in [&mut row.before, &mut row.after].into_iter().flatten() {
                *fields = resolved(fields, &texts);
            }
        }
        let is_sealed = |row: &&AuditRow| row.address.is_some() || row.agent.is_some();
        let sealed: Vec<_> = rows.iter().filter(is_sealed).map(|row| row.position).collect();
        let mut origins = HashMap::new();
        for positions in sealed.chunks(AT_ONCE) {
            for event in log::at_each(&self.pool, positions).await? {
                let (address, agent) = (self.keys.address_of(&event).await, self.keys.agent_of(&event).await);
                let opened = address.and_then(|address| Ok((address, agent?)));
                origins.insert(event.position, opened.map_err(|error| out_of_reach(&error))?);
            }
        }
        for row in rows {
            if let Some(origin) = origins.remove(&row.position) {
                (row.address, row.agent) = origin;
            }
        }
        Ok(())
    }

    /// Puts in descriptions, counterparties and references.
    pub async fn describe<'r>(&self, rows: impl IntoIterator<Item = &'r mut TransactionRow>) -> Result<(), Failure> {
        let rows: Vec<_> = rows.into_iter().collect();
        let texts = self.open(rows.iter().map(|row| row.valid_from)).await?;
        let mut rows_of_parts = Vec::new();
        for row in rows {
            let first = usize::try_from(row.place).unwrap_or_default() * 3;
            let text = |number| text(&texts, row.valid_from, first + number);
            (row.description, row.counterparty, row.reference) = (text(0), text(1), text(2));
            // A split has notes of its own, and they are counted otherwise.
            row.note = if row.split().is_none() { texts.get(&row.valid_from).and_then(Texts::note) } else { None };
            rows_of_parts.extend(row.split().is_some().then_some(row));
        }
        self.note_parts(rows_of_parts).await
    }

    /// Puts in the notes of parts. They stand where the transaction was split, which may be an earlier revision.
    async fn note_parts(&self, rows: Vec<&mut TransactionRow>) -> Result<(), Failure> {
        if rows.is_empty() {
            return Ok(());
        }
        let number = |row: &TransactionRow| i64::try_from(row.split()?.event).ok();
        let wanted: Vec<_> = rows.iter().filter_map(|row| Some((row.account.as_uuid(), number(row)?))).collect();
        let positions = log::positions_of(&self.pool, "account", &wanted).await?;
        let texts = self.open(positions.values().copied()).await?;
        for row in rows {
            let position = number(row).and_then(|number| positions.get(&(row.account.as_uuid(), number)));
            let notes = position.and_then(|position| texts.get(position)).and_then(|texts| texts.get(3..));
            row.part_notes = notes.map(<[_]>::to_vec).unwrap_or_default();
        }
        Ok(())
    }
}

fn out_of_reach(error: &dyn std::error::Error) -> Failure {
    tracing::error!(%error, "sealed texts cannot be opened");
    let text = "Names and descriptions cannot be opened just now: their keys are out of reach. Nothing is lost; try \
                again.";
    Problem::new(Code::Unavailable, text).into()
}

fn pointer(value: &serde_json::Value) -> Option<i64> {
    value.get("sealed_at")?.as_i64()
}

/// The positions that a JSON object of fields points to.
fn pointers(fields: &str) -> Vec<i64> {
    let fields: serde_json::Map<_, _> = serde_json::from_str(fields).unwrap_or_default();
    fields.values().filter_map(pointer).collect()
}

/// The same object with the texts themselves.
fn resolved(fields: &str, texts: &HashMap<i64, Texts>) -> String {
    let Ok(mut object) = serde_json::from_str::<serde_json::Map<_, _>>(fields) else { return fields.to_owned() };
    for value in object.values_mut() {
        if let Some(position) = pointer(value) {
            *value = name(texts, position).into();
        }
    }
    serde_json::Value::Object(object).to_string()
}

fn text(texts: &HashMap<i64, Texts>, position: i64, number: usize) -> Option<String> {
    texts.get(&position)?.get(number)?.clone()
}

fn name(texts: &HashMap<i64, Texts>, position: i64) -> String {
    text(texts, position, 0).unwrap_or_else(|| ERASED.to_owned())
}
