//! Invoices and bills of the books: each is told once, paid by what pays it, and taken back where it is voided.

use std::collections::BTreeMap;

use connectors::connections::Data;
use connectors::provider::quickbooks::{Config, QuickBooks};
use connectors::provider::sync::SyncError;
use connectors::provider::{Connector, Place, ProviderError, Then, Vault};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::worker::Office;
use super::world::{Connected, Owed, agreed, figures, of_today, quickbooks, quickbooks_config};
use crate::simulator::Simulated;

/// Objects of an entity that stand in the simulator's books.
async fn listed(simulated: &Simulated, connector: &dyn Connector, of: &Connected, entity: &str) -> Vec<Value> {
    let credentials = of.vault.open(of.at.business, of.at.source, connector, None).await.unwrap();
    let url = simulated.url("/quickbooks/v3/company/1185883450/query");
    let mut all = Vec::new();
    loop {
        let text = format!("select * from {entity} startposition {} maxresults 1000", all.len() + 1);
        let request = simulated.http.get(&url).query(&[("query", text.as_str())]);
        let answer = request.bearer_auth(credentials.access.expose()).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        let Some(page) = answer["QueryResponse"][entity].as_array() else { return all };
        all.extend(page.iter().cloned());
    }
}

fn number(value: &Value) -> Decimal {
    value.to_string().parse().unwrap()
}

fn of_kind(documents: &BTreeMap<String, Owed>, kind: &str) -> Vec<Owed> {
    documents.values().filter(|owed| owed.document["kind"] == kind).cloned().collect()
}

/// What is known is what stands in the books, and what is paid is paid by a payment of that amount.
async fn assert_true(simulated: &Simulated, connector: &dyn Connector, connected: &Connected) {
    let documents = connected.documents().await;
    for (entity, kind) in [("Invoice", "invoice"), ("Bill", "bill")] {
        let (books, known) = (listed(simulated, connector, connected, entity).await, of_kind(&documents, kind));
        let year = (chrono::Utc::now() - chrono::TimeDelta::days(366)).date_naive().to_string();
        let of_year: Vec<_> = books.iter().filter(|one| one["TxnDate"].as_str().unwrap() >= year.as_str()).collect();
        assert!(of_year.len() > 10, "{entity}");
        assert_eq!(known.len(), of_year.len(), "{entity}");
        let sum = |member: &str| of_year.iter().map(|one| number(&one[member])).sum::<Decimal>();
        assert_eq!(known.iter().map(|one| one.amount("total")).sum::<Decimal>(), sum("TotalAmt"), "{entity}");
        assert_eq!(known.iter().map(|one| one.amount("open")).sum::<Decimal>(), sum("Balance"), "{entity}");
        for one in &known {
            let paid: Decimal = one.payments.values().sum();
            assert_eq!(paid, one.amount("total") - one.amount("open"), "{one:?}");
            assert!(!one.payments.contains_key("?"), "{one:?}");
            assert!(one.document["due"].is_string() && one.document["counterparty"].is_string(), "{one:?}");
        }
    }
    let is_open = |one: &Owed| one.amount("open") > Decimal::ZERO;
    assert!(of_kind(&documents, "invoice").iter().any(is_open), "some are owed");
}

#[tokio::test]
async fn each_invoice_and_bill_of_a_year_is_known_and_paid_by_what_pays_it() {
    let simulated = of_today().await;
    let (connected, connector) = (Connected::new().await, quickbooks(&simulated));
    let syncer = connected.syncer(&connector);
    syncer.connect(connected.at, "Books", &agreed(&simulated, &connector).await).await.unwrap();
    syncer.sync(connected.at).await.unwrap();
    assert_true(&simulated, &connector, &connected).await;
    let told = async || connected.events("account.documents_told").await.len();
    let before = told().await;
    syncer.sync(connected.at).await.unwrap();
    assert_eq!(told().await, before, "what is known is told once");
    // What was open is paid by then, and others are owed.
    simulated.advance(15 * 86_400).await;
    syncer.sync(connected.at).await.unwrap();
    assert_true(&simulated, &connector, &connected).await;
    // After a long silence everything is listed, and nothing is doubled.
    simulated.advance(31 * 86_400).await;
    syncer.sync(connected.at).await.unwrap();
    assert_true(&simulated, &connector, &connected).await;
}

async fn edit(simulated: &Simulated, entity: &str, id: &Value, what: Value) {
    let mut edit = json!({"entity": entity, "id": id});
    edit.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
    simulated.control("/books", &edit).await;
}

#[tokio::test]
async fn an_edit_changes_a_document_and_a_void_takes_it_back() {
    let simulated = of_today().await;
    let connector = QuickBooks::new(Config { days: Some(60), ..quickbooks_config(&simulated) });
    let connected = Connected::new().await;
    let syncer = connected.syncer(&connector);
    syncer.connect(connected.at, "Books", &agreed(&simulated, &connector).await).await.unwrap();
    syncer.sync(connected.at).await.unwrap();
    let (before, counted) = (connected.documents().await, figures(&connected).await);
    let open: Vec<_> = listed(&simulated, &connector, &connected, "Invoice").await;
    let open: Vec<_> = open.into_iter().filter(|one| number(&one["Balance"]) > Decimal::ZERO).collect();
    assert!(open.len() > 1, "{}", open.len());
    edit(&simulated, "Invoice", &open[0]["Id"], json!({"amount": 12_345})).await;
    edit(&simulated, "Invoice", &open[1]["Id"], json!({"void": true})).await;
    syncer.sync(connected.at).await.unwrap();
    let after = connected.documents().await;
    let of = |documents: &BTreeMap<String, Owed>, one: &Value| -> Option<Owed> {
        documents.values().find(|owed| owed.document["number"] == one["DocNumber"]).cloned()
    };
    assert_eq!(of(&after, &open[0]).unwrap().amount("open"), Decimal::new(12_345, 2));
    assert!(of(&before, &open[1]).is_some() && of(&after, &open[1]).is_none(), "it is voided");
    assert_eq!(after.len(), before.len() - 1);
    assert_eq!(figures(&connected).await, counted, "documents count in no figure");

    // A payment that is voided moves nothing, and pays nothing.
    let paid = of_kind(&after, "invoice").into_iter().find(|owed| !owed.payments.is_empty()).unwrap();
    let payment = paid.payments.keys().next().unwrap().clone();
    edit(&simulated, "Payment", &json!(payment), json!({"void": true})).await;
    syncer.sync(connected.at).await.unwrap();
    let now = connected.documents().await;
    let same = now.values().find(|owed| owed.document["number"] == paid.document["number"]).unwrap();
    assert!(same.payments.is_empty(), "{same:?}");
    assert_eq!(figures(&connected).await.len(), counted.len() - 1);
}

#[tokio::test]
async fn what_is_owed_from_before_the_history_is_known_as_long_as_it_is_open() {
    let simulated = of_today().await;
    let connector = QuickBooks::new(Config { days: Some(7), ..quickbooks_config(&simulated) });
    let connected = Connected::new().await;
    let syncer = connected.syncer(&connector);
    syncer.connect(connected.at, "Books", &agreed(&simulated, &connector).await).await.unwrap();
    syncer.sync(connected.at).await.unwrap();
    let first = (chrono::Utc::now() - chrono::TimeDelta::days(7)).date_naive().to_string();
    let older = async || {
        let mut invoices = of_kind(&connected.documents().await, "invoice");
        invoices.retain(|owed| owed.document["day"].as_str().unwrap() < first.as_str());
        invoices
    };
    let known = older().await;
    assert!(!known.is_empty() && known.iter().all(|owed| owed.amount("open") > Decimal::ZERO), "{known:?}");
    // Paid in a silence of which nothing is told: it is not owed any more.
    simulated.advance(31 * 86_400).await;
    syncer.sync(connected.at).await.unwrap();
    assert!(older().await.is_empty());
}

/// A permission that is gone looks like a list that is empty.
#[tokio::test]
async fn a_list_of_invoices_that_is_suddenly_empty_takes_none_back() {
    let simulated = of_today().await;
    let (connected, connector) = (Connected::new().await, quickbooks(&simulated));
    let syncer = connected.syncer(&connector);
    syncer.connect(connected.at, "Books", &agreed(&simulated, &connector).await).await.unwrap();
    syncer.sync(connected.at).await.unwrap();
    let before = connected.documents().await;
    simulated.advance(31 * 86_400).await;
    simulated.control("/faults", &json!({"kind": "emptied", "name": "Invoice"})).await;
    let error = syncer.sync(connected.at).await.unwrap_err();
    assert!(matches!(error, SyncError::Provider(ProviderError::Vanished { .. })), "{error:?}");
    let after = connected.documents().await;
    assert!(before.keys().all(|name| after.contains_key(name)), "something was taken back");
}

#[tokio::test]
async fn books_that_were_connected_before_are_asked_once_for_their_documents() {
    let simulated = of_today().await;
    let connector = quickbooks(&simulated);
    let credentials = connector.complete(&agreed(&simulated, &connector).await).await.unwrap();
    let account = connector.accounts(&credentials).await.unwrap().remove(0);
    let now = chrono::Utc::now() - chrono::TimeDelta::hours(1);
    let old = format!("changes:{}", now.to_rfc3339_opts(chrono::SecondsFormat::Secs, false));
    let (mut documents, mut payments, mut next) = (0, 0, None);
    let cursor = loop {
        let place = Place { cursor: Some(&old), page: next.as_deref() };
        let page = connector.pull(&credentials, &account, place).await.unwrap();
        documents += page.documents.reported.len();
        payments += page.documents.payments.len();
        match page.then {
            Then::More(more) => next = Some(more),
            Then::Done(cursor) => break cursor.unwrap(),
            other => panic!("what is not told is not gone: {other:?}"),
        }
    };
    assert!(documents > 20 && payments > 20, "{documents} {payments}");
    assert!(cursor.starts_with("since:"), "{cursor}");
    let page = connector.pull(&credentials, &account, Place { cursor: Some(&cursor), page: None }).await.unwrap();
    assert!(matches!(page.then, Then::Done(_)), "and not again: {:?}", page.then);
}

#[tokio::test]
async fn what_is_disconnected_with_its_data_leaves_no_document() {
    let simulated = of_today().await;
    let office = Office::new(&simulated).await;
    let _work = office.work();
    let books = office.connect(&simulated, "quickbooks").await;
    office.settled(books).await;
    let before = office.connected.documents().await;
    assert!(before.len() > 20, "{}", before.len());
    office.connections.disconnect(&office.who, office.business(), books, Data::Erase).await.unwrap();
    assert!(office.connected.documents().await.is_empty());
    for table in ["document", "settlement"] {
        let count = format!("select count(*) from meaning.{table}");
        let left: i64 = sqlx::query_scalar(&count).fetch_one(&office.connections.pool).await.unwrap();
        assert_eq!(left, 0, "{table}");
    }
}
