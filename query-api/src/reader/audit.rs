//! The audit history of a business, or of the installation.

use chrono::{Days, NaiveDate};
use domain::access::Subject;
use domain::{BusinessId, TimeZone};
use uuid::Uuid;

use super::{Page, Reader};
use crate::failure::Failure;
use crate::views::{self, AuditFilter, AuditRow, MovedRow};

/// Rows with sealed texts that are looked at for words, the newest: names, reasons, memos.
const MOST_SEALED: i64 = 5_000;

/// What is asked for; days are those of the business.
#[derive(Debug, Clone, Default)]
pub struct AuditAsked {
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    pub actor: Option<String>,
    pub kind: Option<String>,
    pub subject: Option<Uuid>,
    pub text: Option<String>,
    pub position: Option<i64>,
}

#[derive(Debug, Clone)]
pub struct AuditPage {
    pub rows: Vec<AuditRow>,
    pub has_next: bool,
}

impl Reader {
    /// Times never fall along positions, so days are bounds of positions. Words are looked for in what stands in the clear,
    /// and in the newest [`MOST_SEALED`] rows with sealed texts.
    pub async fn audit_filter(
        &self,
        business: BusinessId,
        zone: TimeZone,
        asked: AuditAsked,
    ) -> Result<AuditFilter, Failure> {
        let words = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let next = |day: NaiveDate| day.checked_add_days(Days::new(1)).unwrap_or(day);
        let after = match asked.from {
            Some(day) => self.last_before(day, zone).await?,
            None => 0,
        };
        let until = match asked.to {
            Some(day) => self.last_before(next(day), zone).await?,
            None => i64::MAX,
        };
        let text = words(asked.text);
        let named = match &text {
            Some(text) => self.saying_sealed(business, text).await?,
            None => Vec::new(),
        };
        Ok(AuditFilter {
            after: asked.position.map_or(after, |position| after.max(position.saturating_sub(1))),
            until: asked.position.map_or(until, |position| until.min(position)),
            actor: words(asked.actor),
            kind: words(asked.kind),
            subject: asked.subject,
            text,
            named,
        })
    }

    /// Rows in which all words stand, some of them in sealed texts.
    async fn saying_sealed(&self, business: BusinessId, text: &str) -> Result<Vec<i64>, Failure> {
        let words: Vec<_> =
            text.to_lowercase().split([' ', '.', '_']).filter(|word| !word.is_empty()).map(str::to_owned).collect();
        let rows = views::audit_sealed(&self.pool, business, MOST_SEALED).await?;
        let texts = self.texts.of_history(&rows).await?;
        let mut found = Vec::new();
        for (row, text) in rows.iter().zip(texts) {
            let left: Vec<_> = words.iter().filter(|word| !text.contains(word.as_str())).map(String::as_str).collect();
            if left.len() < words.len() {
                found.push((row.position, left.join(" ")));
            }
        }
        if found.is_empty() { Ok(Vec::new()) } else { Ok(views::audit_saying(&self.pool, business, &found).await?) }
    }

    async fn last_before(&self, day: NaiveDate, zone: TimeZone) -> Result<i64, Failure> {
        Ok(views::day_begins(&self.pool, day, zone).await?)
    }

    /// Newest first. A row that arrives stands before the first page and shifts no other.
    pub async fn audit(
        &self,
        business: BusinessId,
        filter: &AuditFilter,
        page: Page<i64>,
    ) -> Result<AuditPage, Failure> {
        let mut rows = views::audit(&self.pool, business, filter, page.after, page.limit()).await?;
        let has_next = page.cut(&mut rows);
        self.texts.open_history(&mut rows).await?;
        Ok(AuditPage { rows, has_next })
    }

    /// The same filter as far as there are rows now, and their number: whoever reads all of them gets exactly those.
    pub async fn audit_as_it_is(
        &self,
        business: BusinessId,
        filter: AuditFilter,
    ) -> Result<(AuditFilter, u64), Failure> {
        let (rows, newest) = views::audit_extent(&self.pool, business, &filter).await?;
        Ok((AuditFilter { until: newest, ..filter }, rows.unsigned_abs()))
    }

    /// How somebody signed in lately, or failed to. Newest first.
    pub async fn sign_ins(&self, subject: &Subject, most: i64) -> Result<Vec<AuditRow>, Failure> {
        let mut rows = views::sign_ins(&self.pool, &subject.to_string(), most).await?;
        self.texts.open_history(&mut rows).await?;
        Ok(rows)
    }

    /// From an event to the figures that it moved.
    pub async fn moved(&self, business: BusinessId, position: i64) -> Result<Vec<MovedRow>, Failure> {
        match views::rated_days(&self.pool, business, position).await? {
            Some(days) => self.moved_by_rates(business, position, days).await,
            None => Ok(views::moved(&self.pool, business, position).await?),
        }
    }
}
