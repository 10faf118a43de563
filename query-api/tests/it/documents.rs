//! Invoices, bills and credits: what is owed and until when, what pays it, and from a payment to what it pays.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use chrono::{Days, NaiveDate, Utc};
use domain::access::{Assurance, Role};
use domain::account::{AccountCommand, Document, DocumentKind, Documents, Pays};
use domain::{DocumentId, TransactionId};
use serde_json::{Value, json};
use streams::testing::{archived, table};

use crate::export::{download, member};
use crate::world::{World, sale};

fn id(name: &str) -> DocumentId {
    DocumentId::derive([name.as_bytes()])
}

fn day(after: i64) -> NaiveDate {
    let today = Utc::now().date_naive();
    if after < 0 { today - Days::new(after.unsigned_abs()) } else { today + Days::new(after.unsigned_abs()) }
}

fn document(name: &str, kind: DocumentKind, due: i64, (total, open): (&str, &str)) -> Document {
    Document {
        id: id(name),
        kind,
        day: day(due - 30),
        due: Some(day(due)),
        total: total.parse().unwrap(),
        open: open.parse().unwrap(),
        currency: "GBP".parse().unwrap(),
        number: Some(name.to_owned()),
        counterparty: Some(format!("Customer of {name}")),
        memo: None,
    }
}

/// Three invoices, the first overdue and the last paid by a sale; a credit, and a bill.
async fn with_documents() -> (World, TransactionId) {
    let world = World::new().await;
    let payment = sale("payment", "2024-09-03", "100");
    let paid = payment.id;
    world.bring(vec![payment], vec![]).await;
    let told = vec![
        document("1037", DocumentKind::Invoice, -5, ("120.00", "80")),
        document("1038", DocumentKind::Invoice, 10, ("50", "50.5")),
        document("1036", DocumentKind::Invoice, -20, ("100", "0")),
        Document { due: None, ..document("C1", DocumentKind::CreditMemo, 15, ("30", "20")) },
        document("B7", DocumentKind::Bill, 3, ("900", "900")),
    ];
    let of = vec![(id("1036"), "99.5".parse().unwrap()), (id("older"), "0.5".parse().unwrap())];
    let payments = vec![Pays { payment: paid, of }];
    let said = Documents { told, removed: vec![], payments };
    world.told_to(world.account, AccountCommand::TellDocuments(said)).await;
    (world, paid)
}

fn numbers(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|one| one["number"].as_str().unwrap()).collect()
}

const LIST: &str = "query($b: UUID!, $k: [DocumentKind!], $s: DocumentState!, $a: String) { business(id: $b) {
    documents(kinds: $k, state: $s, first: 2, after: $a) {
        nodes { kind number counterparty due total open currency overdue paidBy { transaction amount } }
        owed { currency amount overdue } pageInfo { hasNextPage endCursor } } } }";

#[tokio::test]
async fn what_is_owed_comes_by_its_due_day_and_in_pages() {
    let (world, payment) = with_documents().await;
    let (mut seen, mut after) = (Vec::new(), Value::Null);
    loop {
        let asked = json!({"b": world.business, "k": ["INVOICE", "CREDIT_MEMO"], "s": "ALL", "a": after});
        let found = world.data(LIST, asked).await["business"]["documents"].clone();
        assert_eq!(found["owed"], json!([{"currency": "GBP", "amount": "110.50", "overdue": "80.00"}]));
        seen.extend(found["nodes"].as_array().unwrap().clone());
        after = found["pageInfo"]["endCursor"].clone();
        if found["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    let seen = Value::Array(seen);
    // A credit has no due day: it stands by its own.
    assert_eq!(numbers(&seen), ["1036", "C1", "1037", "1038"]);
    assert_eq!(seen[0]["paidBy"], json!([{"transaction": payment, "amount": "99.50"}]));
    let overdue: Vec<_> = seen.as_array().unwrap().iter().map(|one| one["overdue"].as_bool().unwrap()).collect();
    assert_eq!(overdue, [false, false, true, false]);
    let first = json!({"kind": "INVOICE", "number": "1037", "counterparty": "Customer of 1037", "due": day(-5),
        "total": "120.00", "open": "80.00", "currency": "GBP", "overdue": true, "paidBy": []});
    assert_eq!(seen[2], first);
    let settled = json!({"b": world.business, "s": "SETTLED"});
    assert_eq!(numbers(&world.data(LIST, settled).await["business"]["documents"]["nodes"]), ["1036"]);
}

#[tokio::test]
async fn a_payment_opens_to_what_it_pays() {
    let (world, payment) = with_documents().await;
    let query = "query($b: UUID!, $t: UUID!) { business(id: $b) { transactionHistory(id: $t) { transaction {
        settles { amount document { number day due open } } } } } }";
    let data = world.data(query, json!({"b": world.business, "t": payment})).await;
    let settles = data["business"]["transactionHistory"][0]["transaction"]["settles"].clone();
    let known = json!({"number": "1036", "day": day(-50), "due": day(-20), "open": "0.00"});
    let mut settles = settles.as_array().unwrap().clone();
    settles.sort_by_key(|one| one["document"].is_null());
    let older = json!({"amount": "0.50", "document": null});
    assert_eq!(settles, [json!({"amount": "99.50", "document": known}), older]);
    // It pays none any more.
    let payments = vec![Pays { payment, of: Vec::new() }];
    let none = Documents { payments, ..Documents::default() };
    world.told_to(world.account, AccountCommand::TellDocuments(none)).await;
    let data = world.data(query, json!({"b": world.business, "t": payment})).await;
    assert_eq!(data["business"]["transactionHistory"][0]["transaction"]["settles"], json!([]));
}

#[tokio::test]
async fn over_rest_documents_are_paged_asked_for_by_kind_and_tagged() {
    let (world, payment) = with_documents().await;
    let path = format!("/api/v1/businesses/{}/documents", world.business);
    let (mut asked, mut seen) = (format!("{path}?first=1&kinds=invoice,credit_memo"), Vec::new());
    loop {
        let (status, headers, body) = world.get(&asked).await;
        assert_eq!((status, &body["owed"][0]["overdue"]), (StatusCode::OK, &json!("80.00")));
        seen.extend(numbers(&body["documents"]).into_iter().map(str::to_owned));
        let Some(link) = headers.get(header::LINK) else { break };
        link.to_str().unwrap().trim_start_matches('<').split('>').next().unwrap().clone_into(&mut asked);
    }
    assert_eq!(seen, ["C1", "1037", "1038"], "open ones, where nothing else is said");
    let (_, _, body) = world.get(&format!("{path}?state=settled")).await;
    assert_eq!(body["documents"][0]["paid_by"], json!([{"transaction": payment, "amount": "99.50"}]));
    for bad in ["state=due", "kinds=receipt", "first=0", "after=x", "other=1"] {
        let (status, ..) = world.get(&format!("{path}?{bad}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{bad}");
    }
    let (_, headers, _) = world.get(&path).await;
    let tag = headers[header::ETAG].to_str().unwrap().to_owned();
    let again = || Request::get(&path).header(header::IF_NONE_MATCH, &tag).body(Body::empty()).unwrap();
    assert_eq!(world.send(again()).await.0, StatusCode::NOT_MODIFIED);
    let gone = Documents { removed: vec![id("B7")], ..Documents::default() };
    world.told_to(world.account, AccountCommand::TellDocuments(gone)).await;
    assert_eq!(world.send(again()).await.0, StatusCode::OK);
}

#[tokio::test]
async fn another_business_has_none_of_them() {
    let (mut world, payment) = with_documents().await;
    let cursor = world.get(&format!("/api/v1/businesses/{}/documents?first=1", world.business)).await.2;
    world.business = world.register("Bo's Butchery").await;
    let path = format!("/api/v1/businesses/{}/documents", world.business);
    let (_, _, body) = world.get(&path).await;
    assert_eq!((&body["documents"], &body["owed"]), (&json!([]), &json!([])));
    let foreign = format!("{path}?after={}", cursor["next"].as_str().unwrap());
    assert_eq!(world.get(&foreign).await.0, StatusCode::BAD_REQUEST);
    let settles = world.reader.settles(world.business, &[payment]).await.unwrap();
    assert!(settles.is_empty(), "{settles:?}");
}

#[tokio::test]
async fn the_archive_of_a_business_lists_them_with_what_pays_them() {
    let (world, payment) = with_documents().await;
    let owner = member(world.business, Role::Owner, Assurance::SteppedUp);
    let (status, archive) = download(&world, owner, world.business).await;
    assert_eq!(status, StatusCode::OK);
    let files = archived(&archive).1;
    let (rows, csv) = table(&files, "documents");
    assert_eq!(numbers(&Value::Array(rows)), ["1036", "C1", "1037", "B7", "1038"]);
    assert!(csv.contains(",invoice,1037,Customer of 1037,"), "{csv}");
    let (rows, _) = table(&files, "document_payments");
    let paid = json!({"document": id("1036"), "transaction": payment, "amount": "99.50", "currency": "GBP"});
    assert_eq!(rows, [paid]);
}
