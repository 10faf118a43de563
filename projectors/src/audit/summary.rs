//! One line for each event. It names nobody: names stand among the fields.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};
use streams::Event;

pub(super) fn summary(event: &Event, members: &Map<String, Value>) -> String {
    let text = |name: &str| members.get(name).and_then(Value::as_str).unwrap_or_default();
    let number = |name: &str| members.get(name).and_then(Value::as_u64).unwrap_or_default();
    match event.event_type.as_str() {
        "account.synced" => page(event),
        "account.recategorised" => recategorised(event),
        "account.documents_told" => documents(event),
        "rates.recorded" => rates(event),
        "account.split" => split(members),
        "account.unsplit" => "Transaction no longer split".to_owned(),
        "account.attached" => format!("File put beside a transaction: {}, {} bytes", text("media"), number("bytes")),
        "account.detached" => "File taken from beside a transaction".to_owned(),
        "account.memo_set" if members.contains_key("cleared") => "Memo of a transaction cleared".to_owned(),
        "account.memo_set" => "Memo of a transaction written".to_owned(),
        "account.paid_out" => {
            let holds = members.get("holds").and_then(Value::as_array).map_or(0, Vec::len);
            format!("{holds} transactions said to be in the payout of {}", text("day"))
        }
        "account.drift_found" => format!("Balance differs from {} on, by {}", text("from"), text("difference")),
        "account.drift_ended" => "Balance agrees again".to_owned(),
        "business.role_changed" => format!("Role changed from {} to {}", text("was"), text("role")),
        "business.member_joined" => format!("Member joined as {}", text("role")),
        "business.member_invited" => format!("Member invited as {}", text("role")),
        "business.invitee_erased" => "Somebody who was invited was erased".to_owned(),
        "business.recurring_ruled_out" if members.get("out") == Some(&Value::Bool(false)) => {
            "Payments may be recurring again".to_owned()
        }
        "business.recurring_ruled_out" => "Payments said not to be recurring".to_owned(),
        "business.month_closed" => format!("Month {} closed", text("month")),
        "business.month_reopened" => format!("Month {} opened again", text("month")),
        "business.retention_changed" => format!("History kept for {} months", number("months")),
        "business.history_archived" | "security.history_archived" => {
            let events = (number("last_sequence") + 1).saturating_sub(number("first_sequence"));
            format!("{events} older entries archived to {}", text("file"))
        }
        "security.sign_in_failed" => format!("Sign-in failed: {}", words(text("reason"))),
        "security.factor_changed" => format!("Factor {} {}", words(text("factor")), words(text("change"))),
        "security.key_refused" => format!("Key refused: {}", words(text("reason"))),
        "security.token_refused" => format!("Token refused: {}", words(text("reason"))),
        "security.data_keys_rewrapped" => format!("{} data keys wrapped anew", number("rewrapped")),
        "security.access_refused" => format!("Refused to {}: {}", words(text("action")), words(text("code"))),
        "security.command_refused" => {
            format!("{} of {} refused: {}", text("command"), text("aggregate"), words(text("code")))
        }
        "security.refusals_counted" => format!("{} further refusals", number("count")),
        "security.exported" => format!("{} exported, {} rows", words(text("what")), number("rows")),
        "security.sealed_field_viewed" => format!("Sealed {} opened", words(text("field"))),
        other => plain(other),
    }
}

/// `business.time_zone_changed`: "Business time zone changed"; security events without their first word.
fn plain(event_type: &str) -> String {
    let shown = event_type.strip_prefix("security.").unwrap_or(event_type);
    let words = words(shown);
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn words(name: &str) -> String {
    name.replace(['.', '_'], " ").to_lowercase()
}

/// How much a page brought, in whatever version: its transactions are passed over, not read.
#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    added: Vec<IgnoredAny>,
    #[serde(default)]
    amended: Vec<IgnoredAny>,
    #[serde(default)]
    removed: Vec<IgnoredAny>,
}

#[derive(Deserialize)]
struct Recategorised {
    transactions: Vec<IgnoredAny>,
}

fn recategorised(event: &Event) -> String {
    match serde_json::from_slice(&event.payload) {
        Ok(Recategorised { transactions }) => format!("Transactions: {} recategorised", transactions.len()),
        Err(_) => "Transactions".to_owned(),
    }
}

#[derive(Deserialize)]
struct Documents {
    #[serde(default)]
    told: Vec<IgnoredAny>,
    #[serde(default)]
    removed: Vec<IgnoredAny>,
    #[serde(default)]
    settled: Vec<IgnoredAny>,
}

fn documents(event: &Event) -> String {
    let Ok(Documents { told, removed, settled }) = serde_json::from_slice(&event.payload) else {
        return "Invoices, bills and credits".to_owned();
    };
    let counts = [(told.len(), "told"), (removed.len(), "removed"), (settled.len(), "payments")];
    format!("Invoices, bills and credits: {}", counted(&counts))
}

fn split(members: &Map<String, Value>) -> String {
    match members.get("notes").and_then(Value::as_array) {
        Some(notes) => format!("Transaction split in {}", notes.len()),
        None => "Transaction split".to_owned(),
    }
}

#[derive(Deserialize)]
struct Rates {
    source: String,
    base: String,
    days: Vec<DayRates>,
}

#[derive(Deserialize)]
struct DayRates {
    day: String,
    rates: Map<String, Value>,
}

/// One rate is told whole: it was entered by a person.
fn rates(event: &Event) -> String {
    let Ok(Rates { source, base, days }) = serde_json::from_slice(&event.payload) else {
        return "Exchange rates".to_owned();
    };
    let mut all = days.iter().flat_map(|day| day.rates.iter().map(move |rate| (&day.day, rate)));
    if let (Some((day, (quote, rate))), None) = (all.next(), all.next()) {
        let rate = rate.as_str().unwrap_or_default();
        return format!("Exchange rate of {day} recorded ({source}): 1 {base} = {rate} {quote}");
    }
    let count: usize = days.iter().map(|day| day.rates.len()).sum();
    format!("{count} exchange rates of {} days recorded ({source})", days.len())
}

fn page(event: &Event) -> String {
    let Ok(Page { added, amended, removed }) = serde_json::from_slice(&event.payload) else {
        return "Transactions".to_owned();
    };
    let counts = [(added.len(), "added"), (amended.len(), "changed"), (removed.len(), "removed")];
    let parts = counted(&counts);
    if parts.is_empty() { "Nothing new".to_owned() } else { format!("Transactions: {parts}") }
}

fn counted(counts: &[(usize, &str)]) -> String {
    let some = counts.iter().filter(|(count, _)| *count > 0);
    some.map(|(count, what)| format!("{count} {what}")).collect::<Vec<_>>().join(", ")
}
