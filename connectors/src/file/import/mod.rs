//! From a file to accounts: rows are read on one thread, identified, cut into pages and sent as commands.
//!
//! A file is read to its end once before its first row is written: one that is damaged imports nothing. What is new
//! is decided by each account, not here. An import that is killed anywhere and started again, two at once and
//! overlapping files therefore end the same. Memory is bounded by [`AT_ONCE`] rows and by [`Limits::fingerprints`],
//! whatever the file's size.

mod ahead;
mod kept;
mod occurrences;
mod pages;
mod remembered;
mod source;
mod told;
mod whole;

use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;

use domain::account::Payload;
use domain::{BatchId, BusinessId, Transaction};
use futures::StreamExt;
use sqlx::PgPool;
use streams::files::Payloads;
use streams::{Commands, Counts, Meta, Receipt};

use super::error::ImportError;
use super::limits::Limits;
use super::mapping::Mapping;
use super::plan::Defaults;
use super::read::{Entry, Reading, Settled, settle};
use super::report::{Positions, Report, Tally};
use super::row::{Key, Row};
use ahead::{Chunk, read_ahead};
use occurrences::Occurrences;
use source::Accounts;
use told::Told;

pub use source::defaults_of;

/// Rows that wait for their accounts' pages; then all are sent.
const AT_ONCE: usize = 40_000;
/// Rows of one account that are sent together: one flush of the disk for many pages.
const OF_ONE_ACCOUNT: usize = 8_000;
/// Accounts that are written to at once.
const SIDE_BY_SIDE: usize = 4;
/// Receipts that are kept of the first and of the last appends, to find the first and the last position.
const KEPT: usize = 2 * SIDE_BY_SIDE;

/// What to import, and how.
#[derive(Debug, Clone)]
pub struct Request {
    pub business: BusinessId,
    /// Recorded with every event: who asked, from where.
    pub meta: Meta,
    pub path: PathBuf,
    /// As the report calls it.
    pub file: String,
    pub mapping: Option<Mapping>,
    pub defaults: Defaults,
    /// One refused row refuses the file.
    pub strict: bool,
    /// Says what would be added; writes nothing.
    pub dry_run: bool,
    pub limits: Limits,
}

/// How far an import is, in rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Read to see whether the file is whole; nothing is written yet.
    Checked(u64),
    Imported(u64),
}

/// Imports one file. That it was refused is all that is recorded of one that was.
pub async fn import(
    commands: &Commands,
    pool: &PgPool,
    request: &Request,
    progress: impl Fn(Progress) + Send + Sync,
) -> Result<Report, ImportError> {
    let imported = try_import(commands, pool, request, progress).await;
    if let Err(error) = &imported
        && !request.dry_run
    {
        let of = ("business", request.business.as_uuid());
        commands.declined(of, "Import", error.problem().code, &request.meta).await;
    }
    imported
}

async fn try_import(
    commands: &Commands,
    pool: &PgPool,
    request: &Request,
    progress: impl Fn(Progress) + Send + Sync,
) -> Result<Report, ImportError> {
    let settled = settled(request).await?;
    let digest = source::digest_of(request).await?;
    let batch = source::batch_of(request, &settled, &digest);
    if request.strict && !request.dry_run {
        let whole = Run::new(commands, pool, request, batch).check(&settled, &progress).await?;
        if whole.refused_count > 0 {
            return Err(ImportError::Strict(Box::new(whole)));
        }
    } else if !request.dry_run {
        whole::read(request, &settled, &progress).await?;
    }
    let mut run = Run::new(commands, pool, request, batch);
    if !request.dry_run {
        run.kept = Some(kept::keep(pool, commands.keys(), request).await?);
    }
    let report = run.all(&settled, &progress).await?;
    if request.strict && report.refused_count > 0 {
        return Err(ImportError::Strict(Box::new(report)));
    }
    if !request.dry_run {
        remembered::keep(pool, commands.keys(), request, &settled).await?;
        told::keep(pool, commands.keys(), request, &digest, &run.told, report.refused_count).await?;
    }
    Ok(report)
}

/// The mapping, completed from the file.
pub async fn settled(request: &Request) -> Result<Settled, ImportError> {
    let Request { path, mapping, defaults, limits, .. } = request.clone();
    blocking(move || settle(&path, mapping.as_ref(), &defaults, limits)).await
}

/// The first `most` rows as they would be read; refused ones are passed over.
pub async fn sample(request: &Request, settled: &Settled, most: usize) -> Result<Vec<Row>, ImportError> {
    let (path, defaults, limits) = (request.path.clone(), request.defaults.clone(), request.limits);
    let settled = settled.clone();
    blocking(move || {
        let mut reading = Reading::again(&path, &settled, &defaults, limits)?;
        let mut rows = Vec::new();
        while rows.len() < most
            && let Some(entry) = reading.entry()?
        {
            if let Entry::Row(row) = entry {
                rows.push(row);
            }
        }
        Ok(rows)
    })
    .await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ImportError> + Send + 'static,
) -> Result<T, ImportError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| ImportError::Stopped)?
}

/// One import while it runs.
struct Run<'a> {
    commands: &'a Commands,
    request: &'a Request,
    batch: BatchId,
    /// The file itself, and what makes sure that it is there when an event names it.
    kept: Option<(Payload, Payloads)>,
    meta: Meta,
    tally: Tally,
    accounts: Accounts<'a>,
    occurrences: Occurrences,
    waiting: HashMap<Arc<str>, Vec<Transaction>>,
    waiting_rows: usize,
    /// What the file says of its accounts.
    told: Vec<Told>,
    early: Vec<Receipt>,
    late: VecDeque<Receipt>,
    added: u64,
    amended: u64,
    sent: u64,
}

impl<'a> Run<'a> {
    fn new(commands: &'a Commands, pool: &PgPool, request: &'a Request, batch: BatchId) -> Self {
        let meta = request.meta.clone();
        Self {
            commands,
            request,
            batch,
            kept: None,
            tally: Tally::new(&request.file, request.defaults.zone, request.limits.reasons),
            accounts: Accounts::new(commands, request, meta.clone()),
            meta,
            occurrences: Occurrences::new(pool.clone(), request.limits.fingerprints),
            waiting: HashMap::new(),
            waiting_rows: 0,
            told: Vec::new(),
            early: Vec::new(),
            late: VecDeque::new(),
            added: 0,
            amended: 0,
            sent: 0,
        }
    }

    /// Reads all and sends nothing.
    async fn check(mut self, settled: &Settled, progress: &(impl Fn(Progress) + Sync)) -> Result<Report, ImportError> {
        self.tally.begin(settled.format().as_str());
        let mut chunks = read_ahead(self.request, settled);
        while let Some(chunk) = chunks.recv().await {
            self.take_chunk(chunk?).await?;
            self.waiting.clear();
            self.waiting_rows = 0;
            progress(Progress::Checked(self.tally.report().rows));
        }
        Ok(self.tally.into_report())
    }

    async fn all(&mut self, settled: &Settled, progress: &(impl Fn(Progress) + Sync)) -> Result<Report, ImportError> {
        self.tally.begin(settled.format().as_str());
        for certainty in settled.certainty().iter().filter(|one| one.key == "currency.always" && !one.sure) {
            self.tally.warn(None, format!("the amounts are taken as {}: {}", certainty.value, certainty.why));
        }
        let mut chunks = read_ahead(self.request, settled);
        while let Some(chunk) = chunks.recv().await {
            self.take_chunk(chunk?).await?;
            self.send_full().await?;
            progress(Progress::Imported(self.tally.report().rows));
        }
        self.send_all().await?;
        self.finished().await
    }

    async fn take_chunk(&mut self, chunk: Chunk) -> Result<(), ImportError> {
        match chunk {
            Chunk::Entries(entries) => self.identify(entries).await,
            Chunk::Overview(overview) => {
                let accounts = overview.accounts().iter();
                self.told = accounts.map(|one| (self.accounts.id(&one.account), one.spans().to_vec())).collect();
                self.tally.finish(overview);
                Ok(())
            }
        }
    }

    /// Gives every row its identity, and refuses what has none.
    async fn identify(&mut self, entries: Vec<Entry>) -> Result<(), ImportError> {
        let keys = entries.iter().filter_map(|entry| match entry {
            Entry::Row(row) => Some(row.key.short()),
            _ => None,
        });
        let repeats = entries.iter().filter_map(|entry| match entry {
            Entry::Row(row) => row.repeat.map(|key| key.short()),
            _ => None,
        });
        let (keys, repeats): (Vec<_>, Vec<_>) = (keys.collect(), repeats.collect());
        let mut counted = self.occurrences.count(keys).await?.into_iter();
        let mut repeated = self.occurrences.count(repeats).await?.into_iter();
        for entry in entries {
            match entry {
                Entry::Skipped => self.tally.skip(),
                Entry::Refused { line, reason } => self.tally.refuse(line, reason),
                Entry::Row(row) => {
                    let occurrence = counted.next().unwrap_or(1);
                    let same = row.repeat.and_then(|_| repeated.next());
                    self.take(row, occurrence, same);
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, mut row: Row, mut occurrence: u32, same: Option<u32>) {
        if matches!(row.key, Key::Id(_)) && occurrence > 1 {
            match (row.repeat, same) {
                (Some(_), Some(2..)) => {
                    let text = "the same transaction stands above already, with the same id; it is counted once";
                    return self.tally.skip_with(row.line, text.to_owned());
                }
                (Some(other), _) => {
                    let text = "its id stands above already, on another movement; both are counted";
                    self.tally.warn(Some(row.line), text.to_owned());
                    (row.key, occurrence) = (other, 1);
                }
                (None, _) => {
                    let reason = "its id stands on an earlier row of the file already".to_owned();
                    return self.tally.refuse(row.line, reason);
                }
            }
        }
        if let Err(reason) = self.tally.accept(&row) {
            return self.tally.refuse(row.line, reason);
        }
        let label = row.account.clone();
        let transaction = row.into_transaction(self.accounts.source(), occurrence);
        self.waiting.entry(label).or_default().push(transaction);
        self.waiting_rows += 1;
    }

    async fn send_full(&mut self) -> Result<(), ImportError> {
        if self.waiting_rows >= AT_ONCE {
            return self.send_all().await;
        }
        let full = self.waiting.iter().filter(|(_, rows)| rows.len() >= OF_ONE_ACCOUNT);
        let full = full.map(|(label, _)| label.clone()).collect();
        self.send(full).await
    }

    async fn send_all(&mut self) -> Result<(), ImportError> {
        let labels = self.waiting.keys().cloned().collect();
        self.send(labels).await
    }

    /// Sends what waits for these accounts, several accounts at a time.
    async fn send(&mut self, labels: Vec<Arc<str>>) -> Result<(), ImportError> {
        let mut taken = Vec::with_capacity(labels.len());
        for label in labels {
            if let Some(rows) = self.waiting.remove(&label) {
                self.waiting_rows -= rows.len();
                self.sent += rows.len() as u64;
                taken.push((label, rows));
            }
        }
        let mut delivered = Vec::with_capacity(taken.len());
        {
            let this = &*self;
            let deliveries = taken.into_iter().map(|(label, rows)| this.deliver(label, rows));
            let mut deliveries = futures::stream::iter(deliveries).buffer_unordered(SIDE_BY_SIDE);
            while let Some(outcome) = deliveries.next().await {
                delivered.push(outcome?);
            }
        }
        for (counts, receipt) in delivered {
            self.added += counts.added;
            self.amended += counts.amended;
            if let Some(receipt) = receipt {
                self.keep(receipt);
            }
        }
        Ok(())
    }

    async fn deliver(&self, label: Arc<str>, rows: Vec<Transaction>) -> Result<(Counts, Option<Receipt>), ImportError> {
        let Some(currency) = rows.first().map(|row| row.currency) else { return Ok((Counts::default(), None)) };
        let all = Counts { added: rows.len() as u64, ..Counts::default() };
        let pages = pages::cut(rows, self.batch, self.kept.as_ref().map(|(file, _)| file));
        if self.request.dry_run {
            return match self.commands.preview_pages(self.accounts.id(&label), pages).await {
                Ok(counts) => Ok((counts, None)),
                Err(error) if source::is_not_open(&error) => Ok((all, None)),
                Err(error) => Err(error.into()),
            };
        }
        let id = self.accounts.opened(&label, currency).await?;
        let receipt = match &self.kept {
            Some((_, payloads)) => self.commands.account_told(id, pages, payloads, &self.meta).await?,
            None => self.commands.account_pages(id, pages, &self.meta).await?,
        };
        Ok((receipt.counts, (!receipt.is_empty()).then_some(receipt)))
    }

    fn keep(&mut self, receipt: Receipt) {
        if self.early.len() < KEPT {
            self.early.push(receipt);
        }
        if self.late.len() == KEPT {
            self.late.pop_front();
        }
        self.late.push_back(receipt);
    }

    /// Waits for the sequencer.
    async fn positions(&self) -> Result<Option<Positions>, ImportError> {
        let mut found: Option<Positions> = None;
        for receipt in self.early.iter().chain(&self.late) {
            if let Some(at) = self.commands.position_of(receipt).await? {
                let kept = found.get_or_insert(Positions { first: at.first, last: at.last });
                *kept = Positions { first: kept.first.min(at.first), last: kept.last.max(at.last) };
            }
        }
        Ok(found)
    }

    async fn finished(&mut self) -> Result<Report, ImportError> {
        let positions = self.positions().await?;
        let mut report = self.tally.report().clone();
        if let Some(refused) = report.refused.first()
            && report.refused_count == report.rows
        {
            let (rows, line, reason) = (report.rows, refused.line, refused.reason.clone());
            return Err(ImportError::NothingFits { rows, line, reason });
        }
        report.added = self.added;
        report.amended = self.amended;
        report.known = self.sent - self.added - self.amended;
        report.positions = positions;
        report.dry_run = self.request.dry_run;
        Ok(report)
    }
}
