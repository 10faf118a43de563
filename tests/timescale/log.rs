//! The log that both servers get, and how it gets there: rows as the store and the sequencer write them.

use domain::access::Role;
use domain::account::{AccountEvent, Divided, Redecided, Synced};
use domain::business::BusinessEvent;
use domain::meaning::Part;
use domain::{Amended, Kind, Transaction, TransactionId, UserId};
use rust_decimal::Decimal;
use sqlx::{Connection, PgPool};

use crate::events::{Log, account, batch, business, currency, known_at, page, source, uuid};

/// Two years of two businesses: additions, late ones, corrections, removals, another category, parts, another currency,
/// a change of zone.
pub fn log() -> Log {
    let mut log = Log::default();
    for n in 1..3 {
        log.register(business(n), "Europe/Berlin");
    }
    log.connect(business(1), source(1));
    for (n, owner) in [(1, 1), (2, 1), (3, 2)] {
        log.open(business(owner), account(n), "GBP");
    }
    let mut standing = Vec::new();
    for n in 0..60_u32 {
        let (owner, number) = [(1, 1), (1, 2), (2, 3)][n as usize % 3];
        let mut content = page();
        content.batch = batch(n / 6);
        content.known_until = known_at(i64::from(n) * 17_000).date_naive().into();
        content.added = (0..7).map(|k| transaction(number, n * 7 + k)).collect();
        if n > 3 && n % 4 == 0 {
            let was: Transaction = standing.remove(standing.len() / 2);
            let now = Transaction { amount: was.amount * Decimal::new(11, 1), ..was.clone() };
            log.sync(business(1), account(1), Synced { amended: vec![Amended::new(was, now)], ..page() });
            let was: Transaction = standing.remove(0);
            let now = Transaction { category: "other".parse().unwrap(), ..was.clone() };
            log.sync(business(1), account(1), Synced { amended: vec![Amended::new(was, now)], ..page() });
            log.sync(business(1), account(1), Synced { removed: vec![standing.remove(0)], ..page() });
        }
        if number == 1 {
            standing.extend(content.added.iter().cloned());
        }
        log.sync(business(owner), account(number), content);
        if n % 10 == 9 {
            split(&mut log, &standing.remove(1));
        }
        if n == 40 {
            let zone = "America/New_York".parse().unwrap();
            log.business(business(1), &BusinessEvent::TimeZoneChanged { time_zone: zone });
        }
    }
    for owner in [1, 2] {
        members(&mut log, owner);
    }
    log.business(business(2), &archived());
    let golden = include_str!("../../streams/schemas/golden/rates.recorded.v1.json");
    let mut rates: serde_json::Value = serde_json::from_str(golden).unwrap();
    rates["business"] = serde_json::json!(business(1));
    log.push(business(1), ("rates", uuid(0xe, 1)), "rates.recorded", &rates);
    log
}

/// Two join, and one leaves again.
fn members(log: &mut Log, owner: u32) {
    let [stays, leaves] = [1, 2].map(|n| UserId::from_uuid(uuid(0xd, n)));
    for (user, role) in [(stays, Role::Owner), (leaves, Role::Viewer)] {
        log.business(business(owner), &BusinessEvent::MemberJoined { user, role, invitation: None });
    }
    log.business(business(owner), &BusinessEvent::MemberLeft { user: leaves });
}

/// In two parts, of other kinds and categories than the whole.
fn split(log: &mut Log, was: &Transaction) {
    let first = (was.amount / Decimal::from(3)).trunc_with_scale(2);
    let part = |amount, kind, category: &str| Part { amount, kind, category: category.parse().unwrap() };
    let parts =
        vec![part(first, Kind::Expense, "office_supplies"), part(was.amount - first, Kind::Financing, "owner_drawing")];
    let of_account = log.events.iter().filter(|event| event.aggregate_id == account(1).as_uuid()).count();
    let now = was.clone().divided(parts, of_account as u64 + 1);
    let changed = Box::new(Redecided::new(was, now));
    let divided = Divided { transaction: was.id, changed, notes: vec![Some("paper".to_owned()), None] };
    log.account(business(1), account(1), &AccountEvent::Split(divided));
}

/// The first entries of the second business leave its history.
fn archived() -> BusinessEvent {
    BusinessEvent::HistoryArchived {
        file: "2-5.audit.gz".into(),
        first_position: 2,
        last_position: 5,
        first_sequence: 1,
        last_sequence: 2,
        before: known_at(6),
        sha256: "00".repeat(32),
        bytes: 7,
    }
}

fn transaction(account_number: u32, n: u32) -> Transaction {
    let moment = known_at(i64::from(n) * 2_501 % 1_000_000);
    let booked = if n.is_multiple_of(2) { moment.date_naive().to_string() } else { moment.to_rfc3339() };
    let kind = Kind::ALL[n as usize % Kind::ALL.len()];
    let amount = Decimal::new(i64::from(n) * 137 % 90_001 + 1, 2);
    Transaction {
        id: TransactionId::derive([account_number.to_be_bytes().as_slice(), n.to_be_bytes().as_slice()]),
        booked: booked.parse().unwrap(),
        value_date: None,
        pending: false,
        amount: if matches!(kind, Kind::Revenue | Kind::Financing) { amount } else { -amount },
        currency: currency(if n.is_multiple_of(5) { "EUR" } else { "GBP" }),
        kind,
        category: ["rent", "product_sale", "bank_fee"][n as usize % 3].parse().unwrap(),
        provider_category: None,
        decided: None,
        description: Some(format!("Invoice {n}")),
        counterparty: n.is_multiple_of(3).then(|| "Ann & Söhne".to_owned()),
        reference: None,
        line: Some(n),
    }
}

/// Writes the log into the store's tables.
pub async fn store(pool: &PgPool, log: &Log) {
    let mut connection = pool.acquire().await.unwrap();
    let mut tx = connection.begin().await.unwrap();
    for event in &log.events {
        let metadata = serde_json::json!({"business": event.business, "actor": "owner"}).to_string();
        let payload = String::from_utf8(event.payload.to_vec()).unwrap();
        let statement = "with event as (
                insert into store.events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, recorded_at)
                values ($1, $2, $3, $4, $5, $6::json, $7::json, $8) returning *)
            insert into store.log (position, business, business_sequence, event_id, aggregate_type, aggregate_id, sequence,
                event_type, event_version, recorded_at, known_at, bytes, hash)
            select $9, business::uuid, $10, id, aggregate_type, aggregate_id, sequence, event_type, event_version,
                recorded_at, recorded_at, octet_length(payload::text), sha256(payload::text::bytea) from event";
        sqlx::query(statement)
            .bind(&event.aggregate_type)
            .bind(event.aggregate_id.to_string())
            .bind(event.sequence)
            .bind(&event.event_type)
            .bind(&event.event_version)
            .bind(payload)
            .bind(metadata)
            .bind(event.recorded_at)
            .bind(event.position)
            .bind(event.business_sequence)
            .execute(&mut *tx)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
}
