//! Lists of entities, and what changed since.

use std::collections::{HashMap, VecDeque};

use chrono::{DateTime, FixedOffset, NaiveDate, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::map::{ENTITIES, OWED, Said, WITH_DOCUMENTS};
use super::shapes::{CdcAnswer, CompanyAnswer, Object, Preferences, QueryAnswer};
use super::{QuickBooks, chart, map};
use crate::provider::{Credentials, FoundAccount, Page, Place, ProviderError, Then};

const CURSOR: &str = "since:";
/// Of books that were read before documents were.
const WITHOUT_DOCUMENTS: &str = "changes:";
/// What is asked again each time: a change may show later than its moment says.
const OVERLAP: TimeDelta = TimeDelta::minutes(2);
/// Changes are told for 30 days; a day less, whatever the clocks say.
const MOST_BACK: TimeDelta = TimeDelta::days(29);
/// How long a cursor may stand still where nothing changes: each move is an event.
const STILL: TimeDelta = TimeDelta::hours(12);
/// Objects of one answer of changes: as many may have been cut off.
const MOST_CHANGES: usize = 1000;

type Moment = DateTime<FixedOffset>;

/// Where a loop is: what is left to ask, and the moments that its end needs.
#[derive(Debug, Default, Serialize, Deserialize)]
struct At {
    todo: VecDeque<Step>,
    /// The server's clock when the loop began: from there the next one asks.
    began: Option<Moment>,
    /// The same at the last page of a list.
    listed: Option<Moment>,
    /// Of a list: before this day nothing is asked for.
    first_day: Option<NaiveDate>,
    /// Whether everything is listed: what is not there any more is not told.
    #[serde(default)]
    whole: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
enum Step {
    /// The newest of an entity's objects that are left: those of `until` and before. What is deleted or written
    /// meanwhile moves nothing, for the next page begins at a day and not at a number.
    Newest { entity: usize, until: Option<NaiveDate> },
    /// A day of which there are more than a page.
    Day { entity: usize, day: NaiveDate, start: usize },
    /// What is open from before the first day, by id.
    Open { entity: usize, start: usize },
    /// A page of an entity's objects by id; `since`: only of those that were written since then.
    List { entity: usize, start: usize, since: Option<Moment> },
    /// `None`: since the loop began.
    Changes { entities: Vec<usize>, since: Option<Moment> },
}

fn moment(at: Moment) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, false)
}

/// The objects of a list; none where the list is not there.
pub(super) fn objects_of<'a, T: Deserialize<'a>>(
    response: &HashMap<&'a str, &'a RawValue>,
    entity: &str,
) -> Result<Vec<T>, ProviderError> {
    let Some(list) = response.get(entity) else { return Ok(Vec::new()) };
    let mut json = serde_json::Deserializer::from_str(list.get());
    serde_path_to_error::deserialize(&mut json)
        .map_err(|error| ProviderError::unintelligible(format!("{entity}{} has another shape", error.path())))
}

pub async fn accounts(books: &QuickBooks, credentials: &Credentials) -> Result<Vec<FoundAccount>, ProviderError> {
    let realm = &credentials.external_id;
    let answer = books.get(credentials, &format!("companyinfo/{realm}"), &[]).await?;
    let CompanyAnswer { company } = answer.read()?;
    let answer = books.query(credentials, "select * from Preferences").await?;
    let found: QueryAnswer<'_> = answer.read()?;
    let preferences: Vec<Preferences> = objects_of(&found.response, "Preferences")?;
    let home = preferences.into_iter().find_map(|one| one.currency_prefs?.home_currency);
    let home = home.ok_or_else(|| ProviderError::unintelligible("Preferences.CurrencyPrefs.HomeCurrency"))?;
    let currency = home.value.parse().map_err(|_| ProviderError::unintelligible("an unknown currency"))?;
    let name = format!("{}, books", company.company_name);
    Ok(vec![FoundAccount { id: realm.clone(), name, currency, balance: None, mark: None }])
}

/// Everything: each entity, and then what changed meanwhile.
fn everything(days: Option<u32>) -> At {
    At { whole: true, ..listing(0..ENTITIES.len(), days, None) }
}

/// Some entities, newest first where the history has a first day, with what is owed from before it; and then what changed
/// of all.
fn listing(entities: impl IntoIterator<Item = usize>, days: Option<u32>, since: Option<Moment>) -> At {
    let first_day = days.map(|days| (Utc::now() - TimeDelta::days(i64::from(days))).date_naive());
    let list = |entity| match first_day {
        Some(_) => Step::Newest { entity, until: None },
        None => Step::List { entity, start: 1, since: None },
    };
    let lists = entities.into_iter().map(list);
    let all = Step::Changes { entities: (0..ENTITIES.len()).collect(), since };
    let owed = OWED.into_iter().filter(|_| first_day.is_some()).map(|entity| Step::Open { entity, start: 1 });
    At { todo: lists.chain(owed).chain([all]).collect(), first_day, ..At::default() }
}

fn begin(cursor: Option<&str>, days: Option<u32>) -> Result<At, ProviderError> {
    let Some(cursor) = cursor else { return Ok(everything(days)) };
    let before = cursor.strip_prefix(WITHOUT_DOCUMENTS);
    let since = before.or_else(|| cursor.strip_prefix(CURSOR)).and_then(|at| DateTime::parse_from_rfc3339(at).ok());
    let since = since.ok_or_else(|| ProviderError::unintelligible("the cursor"))?;
    if Utc::now() - since.to_utc() > MOST_BACK {
        return Ok(everything(days));
    }
    if before.is_some() {
        return Ok(listing(WITH_DOCUMENTS, days, Some(since)));
    }
    let all = Step::Changes { entities: (0..ENTITIES.len()).collect(), since: Some(since) };
    Ok(At { todo: [all].into(), ..At::default() })
}

pub async fn page(
    books: &QuickBooks,
    credentials: &Credentials,
    account: &FoundAccount,
    place: Place<'_>,
) -> Result<Page, ProviderError> {
    let at = match place.page {
        Some(text) => serde_json::from_str(text).map_err(|_| ProviderError::unintelligible("a place in the pages"))?,
        None => begin(place.cursor, books.config.days)?,
    };
    let chart = chart::of(books, credentials).await?;
    let reading = Reading { books, credentials, account, chart: &chart };
    reading.page(at).await
}

/// A page of an entity.
struct Listed {
    said: Said,
    count: usize,
    /// There may be more.
    is_full: bool,
    oldest: Option<NaiveDate>,
    /// The server's clock.
    time: Option<Moment>,
}

struct Reading<'a> {
    books: &'a QuickBooks,
    credentials: &'a Credentials,
    account: &'a FoundAccount,
    chart: &'a chart::Chart,
}

impl Reading<'_> {
    async fn page(&self, mut at: At) -> Result<Page, ProviderError> {
        let said = match at.todo.pop_front() {
            Some(Step::List { entity, start, since }) => self.list(&mut at, entity, start, since).await?,
            Some(Step::Newest { entity, until }) => self.newest(&mut at, entity, until).await?,
            Some(Step::Open { entity, start }) => self.open(&mut at, entity, start).await?,
            Some(Step::Day { entity, day, start }) => self.day(&mut at, entity, day, start).await?,
            Some(Step::Changes { entities, since }) => match self.changes(&mut at, &entities, since).await {
                // The server's clock says what ours does not: it does not look so far back.
                Err(ProviderError::Refused { code }) if code == "4001" && since.is_some() => {
                    at = everything(self.books.config.days);
                    Said::default()
                }
                said => said?,
            },
            None => Said::default(),
        };
        let then = if at.todo.is_empty() {
            let cursor = at.began.map(|began| format!("{CURSOR}{}", moment(began)));
            match at.whole {
                true => Then::Whole { cursor, from: at.first_day.unwrap_or(NaiveDate::MIN) },
                false => Then::Done(cursor),
            }
        } else {
            let text = serde_json::to_string(&at);
            Then::More(text.map_err(|_| ProviderError::unintelligible("a place in the pages"))?)
        };
        let Said { reported, removed, documents, payload } = said;
        Ok(Page { reported, removed, documents, payouts: Vec::new(), then, payload })
    }

    async fn list(
        &self,
        at: &mut At,
        entity: usize,
        start: usize,
        since: Option<Moment>,
    ) -> Result<Said, ProviderError> {
        let Some(name) = ENTITIES.get(entity).copied() else { return Ok(Said::default()) };
        let mut wanted = Vec::new();
        wanted.extend(at.first_day.map(|day| format!("TxnDate >= '{day}'")));
        wanted.extend(since.map(|since| format!("MetaData.LastUpdatedTime >= '{}'", moment(since - OVERLAP))));
        // By id: what is written meanwhile comes at the end.
        let listed = self.listed(at, name, &wanted, "Id", start).await?;
        at.listed = listed.time.or(at.listed);
        if listed.is_full {
            at.todo.push_front(Step::List { entity, start: start + listed.count, since });
        }
        Ok(listed.said)
    }

    async fn newest(&self, at: &mut At, entity: usize, until: Option<NaiveDate>) -> Result<Said, ProviderError> {
        let Some(name) = ENTITIES.get(entity).copied() else { return Ok(Said::default()) };
        let mut wanted = Vec::new();
        wanted.extend(at.first_day.map(|day| format!("TxnDate >= '{day}'")));
        wanted.extend(until.map(|day| format!("TxnDate <= '{day}'")));
        let listed = self.listed(at, name, &wanted, "TxnDate desc", 1).await?;
        if !listed.is_full {
            return Ok(listed.said);
        }
        match listed.oldest {
            // The whole page is of one day, which goes on.
            Some(oldest) if Some(oldest) == until => {
                at.later(Step::Newest { entity, until: oldest.pred_opt() });
                at.todo.push_front(Step::Day { entity, day: oldest, start: 1 });
            }
            // The last day may go on: it is read again from its beginning.
            Some(oldest) => at.later(Step::Newest { entity, until: Some(oldest) }),
            None => at.later(Step::List { entity, start: 1, since: None }),
        }
        Ok(listed.said)
    }

    async fn open(&self, at: &mut At, entity: usize, start: usize) -> Result<Said, ProviderError> {
        let named = ENTITIES.get(entity).copied().zip(at.first_day);
        let Some((name, first)) = named else { return Ok(Said::default()) };
        let wanted = [format!("TxnDate < '{first}'"), "Balance > '0'".to_owned()];
        let listed = self.listed(at, name, &wanted, "Id", start).await?;
        at.listed = listed.time.or(at.listed);
        if listed.is_full {
            at.todo.push_front(Step::Open { entity, start: start + listed.count });
        }
        Ok(listed.said)
    }

    async fn day(&self, at: &mut At, entity: usize, day: NaiveDate, start: usize) -> Result<Said, ProviderError> {
        let Some(name) = ENTITIES.get(entity).copied() else { return Ok(Said::default()) };
        let listed = self.listed(at, name, &[format!("TxnDate = '{day}'")], "Id", start).await?;
        at.listed = listed.time.or(at.listed);
        if listed.is_full {
            at.todo.push_front(Step::Day { entity, day, start: start + listed.count });
        }
        Ok(listed.said)
    }

    /// A page of an entity.
    async fn listed(
        &self,
        at: &mut At,
        name: &'static str,
        wanted: &[String],
        order: &str,
        start: usize,
    ) -> Result<Listed, ProviderError> {
        let wanted = if wanted.is_empty() { String::new() } else { format!(" where {}", wanted.join(" and ")) };
        let limit = self.books.config.limit.clamp(1, 1000);
        let text = format!("select * from {name}{wanted} orderby {order} startposition {start} maxresults {limit}");
        let answer = self.books.query(self.credentials, &text).await?;
        let found: QueryAnswer<'_> = answer.read()?;
        let objects: Vec<Object<'_>> = objects_of(&found.response, name)?;
        at.began = at.began.or(found.time);
        let mut said = Said { payload: answer.body.clone(), ..Said::default() };
        for object in &objects {
            self.take(&mut said, name, object)?;
        }
        let (count, is_full) = (objects.len(), objects.len() >= limit as usize);
        let oldest = objects.iter().filter_map(|object| object.txn_date).min();
        Ok(Listed { said, count, is_full, oldest, time: found.time })
    }

    fn take(&self, said: &mut Said, entity: &'static str, object: &Object<'_>) -> Result<(), ProviderError> {
        let one = map::object(entity, object, self.account.currency, self.chart)?;
        said.reported.extend(one.reported);
        said.removed.extend(one.removed);
        said.documents.append(one.documents);
        Ok(())
    }

    async fn changes(&self, at: &mut At, entities: &[usize], since: Option<Moment>) -> Result<Said, ProviderError> {
        let from = since.or(at.began).ok_or_else(|| ProviderError::unintelligible("the server's time is missing"))?;
        let names: Vec<&'static str> = entities.iter().filter_map(|entity| ENTITIES.get(*entity).copied()).collect();
        let query = [("entities", names.join(",")), ("changedSince", moment(from - OVERLAP))];
        let query = query.each_ref().map(|(name, value)| (*name, value.as_str()));
        let answer = self.books.get(self.credentials, "cdc", &query).await?;
        let found: CdcAnswer<'_> = answer.read()?;
        let mut said = Said { payload: answer.body.clone(), ..Said::default() };
        let mut count = 0;
        let lists = || found.responses.iter().flat_map(|response| &response.responses);
        for (name, response) in names.iter().flat_map(|name| lists().map(move |response| (*name, response))) {
            for object in &objects_of::<Object<'_>>(response, name)? {
                count += 1;
                if at.is_shifted_by(object) {
                    return Err(ProviderError::Restart);
                }
                self.take(&mut said, name, object)?;
            }
        }
        let is_quiet =
            |since: Moment| count == 0 && at.todo.is_empty() && found.time.is_none_or(|now| now - since < STILL);
        at.began = match since {
            // The next loop begins where this one asked first, and a loop that found nothing begins nowhere else.
            Some(since) if is_quiet(since) => at.began,
            Some(_) => at.began.or(found.time),
            None => found.time.or(at.began),
        };
        if count >= MOST_CHANGES {
            // Some may be missing: each entity alone, and one that is too much alone is listed.
            at.todo.extend(match entities {
                [entity] => vec![Step::List { entity: *entity, start: 1, since: Some(from) }],
                _ => {
                    entities.iter().map(|entity| Step::Changes { entities: vec![*entity], since: Some(from) }).collect()
                }
            });
        }
        Ok(said)
    }
}

impl At {
    /// After a page of each other entity, and before what changed meanwhile: the newest of all come first.
    fn later(&mut self, step: Step) {
        let before_changes = self.todo.len().saturating_sub(1);
        self.todo.insert(before_changes, step);
    }

    /// Of a history with a first day: each entity is as much as another, and the days that it has come back tell how
    /// far it is.
    fn percent(&self) -> Option<u8> {
        let first = self.first_day?;
        let today = Utc::now().date_naive();
        let whole = (today - first).num_days().max(1);
        let left: i64 = self
            .todo
            .iter()
            .map(|step| match step {
                Step::Newest { until, .. } => until.map_or(whole, |until| (until - first).num_days().clamp(0, whole)),
                Step::List { .. } => whole,
                Step::Open { .. } | Step::Day { .. } | Step::Changes { .. } => 0,
            })
            .sum();
        let all = whole * i64::try_from(ENTITIES.len()).unwrap_or(1);
        u8::try_from(((all - left) * 100 / all).clamp(0, 99)).ok()
    }

    /// Whether an object left a list while it was paged through: what stood behind it moved forward by one and may
    /// have been passed by.
    fn is_shifted_by(&self, object: &Object<'_>) -> bool {
        let (Some(began), Some(listed)) = (self.began, self.listed) else { return false };
        let updated = object.meta_data.as_ref().and_then(|data| data.last_updated_time);
        let is_before = self.first_day.is_some_and(|first| object.txn_date.is_some_and(|day| day < first));
        let left = object.status.as_deref() == Some("Deleted") || is_before;
        left && updated.is_some_and(|updated| began < updated && updated <= listed)
    }
}

pub fn progress(place: &str) -> Option<u8> {
    serde_json::from_str::<At>(place).ok()?.percent()
}
