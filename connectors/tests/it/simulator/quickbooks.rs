use connectors::simulator::{App, Provider};
use serde_json::{Value, json};

use super::shape::assert_shape;
use super::{Simulated, payload};

const COMPANY: &str = "/quickbooks/v3/company/1185883450";

/// A token, as a user's consent gives it.
async fn connect(books: &Simulated) -> Value {
    let app = App::simulated(Provider::QuickBooks);
    let quiet = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let agree =
        format!("/quickbooks/connect/agree?client_id={}&redirect_uri=http://127.0.0.1/back&state=s", app.client_id);
    let answer = quiet.get(books.url(&agree)).send().await.unwrap();
    let back = reqwest::Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
    let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    assert!(back.query_pairs().any(|(name, value)| name == "realmId" && value == "1185883450"));
    let form = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", "http://127.0.0.1/back")];
    token(books, &form).await.1
}

async fn token(books: &Simulated, form: &[(&str, &str)]) -> (u16, Value) {
    let app = App::simulated(Provider::QuickBooks);
    let request = books.http.post(books.url("/quickbooks/oauth2/v1/tokens/bearer"));
    let answer = request.basic_auth(app.client_id, Some(app.secret)).form(form).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn get(books: &Simulated, token: &Value, path: &str, query: &[(&str, &str)]) -> (u16, Value) {
    let request = books.http.get(books.url(&format!("{COMPANY}{path}"))).query(query);
    let answer = request.bearer_auth(token["access_token"].as_str().unwrap()).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn select(books: &Simulated, token: &Value, query: &str) -> Value {
    let (status, body) = get(books, token, "/query", &[("query", query), ("minorversion", "75")]).await;
    assert_eq!(status, 200, "{query}: {body}");
    body
}

#[tokio::test]
async fn answers_have_the_shapes_of_the_payloads() {
    let books = Simulated::start().await;
    let token = connect(&books).await;
    let Some(response) = payload("quickbooks/oauth_token_response_composed.json") else { return };
    assert_shape(&response, &token, &[]);
    let cases = [
        ("Deposit", "converted_deposits", "/QueryResponse/Deposit/2"),
        ("Transfer", "converted_transfers", "/QueryResponse/Transfer/0"),
        ("Purchase", "converted_purchase_cash_response", "/Purchase"),
        ("Payment", "doc_payment", "/Payment"),
        ("BillPayment", "doc_billpayment", "/BillPayment"),
        ("Invoice", "doc_invoice", "/Invoice"),
        ("SalesReceipt", "doc_salesreceipt", "/SalesReceipt"),
        ("RefundReceipt", "converted_refund_receipt", "/RefundReceipt"),
    ];
    // What a company uses or not: addresses, classes, projects, taxes of lines.
    let free = [
        "PrivateNote",
        "CustomField",
        "BillAddr",
        "ShipAddr",
        "ProjectRef",
        "CustomerMemo",
        "BillEmail",
        "ClassRef",
        "DepartmentRef",
        "PaymentMethodRef",
        "CustomerRef",
        "PaymentRefNum",
        "SalesTermRef",
        "CurrencyRef",
        "TaxLine",
        "TxnTaxCodeRef",
        "TxnTaxDetail",
        "GlobalTaxCalculation",
        "LinkedTxn",
        "DocNumber",
        "AccountBasedExpenseLineDetail",
        "ServiceDate",
        "EmailStatus",
        "DepositToAccountRef",
        "DepositToAccountRef",
    ];
    for (entity, file, pointer) in cases {
        let payload = payload(&format!("quickbooks/{file}.json")).unwrap();
        let body = select(&books, &token, &format!("select * from {entity} startposition 1 maxresults 1")).await;
        let found = &body["QueryResponse"][entity][0];
        assert!(found.is_object(), "{entity}: {body}");
        assert_shape(payload.pointer(pointer).unwrap(), found, &free);
    }
}

#[tokio::test]
async fn queries_page_count_and_say_what_is_wrong() {
    let books = Simulated::start().await;
    let token = connect(&books).await;
    let count =
        select(&books, &token, "select count(*) from Purchase").await["QueryResponse"]["totalCount"].as_u64().unwrap();
    assert!(count > 1000, "{count}");
    let first = select(&books, &token, "select * from Purchase orderby Id startposition 1 maxresults 1000").await;
    let rest = select(&books, &token, "select * from Purchase orderby Id startposition 1001 maxresults 1000").await;
    let ids = |body: &Value| -> Vec<u64> {
        let objects = body["QueryResponse"]["Purchase"].as_array().unwrap();
        objects.iter().map(|one| one["Id"].as_str().unwrap().parse().unwrap()).collect()
    };
    let (first, rest) = (ids(&first), ids(&rest));
    assert_eq!(first.len(), 1000);
    assert!(first.is_sorted() && first.last() < rest.first());
    let empty = select(&books, &token, "select * from Purchase startposition 90001").await;
    assert_eq!(empty["QueryResponse"], json!({}));
    let Some(recorded) = payload("quickbooks/recorded_error_400_query.json") else { return };
    let (status, wrong) = get(&books, &token, "/query", &[("query", "SELECT * FROM Custmoer")]).await;
    assert_eq!((status, &wrong["Fault"]), (400, &recorded["body"]["Fault"]));
}

#[tokio::test]
async fn changes_tell_what_a_second_full_query_would() {
    let books = Simulated::start().await;
    let token = connect(&books).await;
    let before = select(&books, &token, "select * from Invoice maxresults 1000").await;
    let since = before["time"].as_str().unwrap().to_owned();
    books.advance(3 * 86_400).await;
    books.control("/clock", &json!({"speed": 0})).await;
    let token = connect(&books).await;
    let (_, changed) =
        get(&books, &token, "/cdc", &[("entities", "Invoice,Purchase,Class"), ("changedSince", &since)]).await;
    let answers = changed["CDCResponse"][0]["QueryResponse"].as_array().unwrap();
    assert_eq!((answers.len(), &answers[2]), (3, &json!({})));
    let mut known: std::collections::BTreeMap<String, Value> = std::collections::BTreeMap::new();
    for list in [&before["QueryResponse"]["Invoice"], &answers[0]["Invoice"]] {
        for one in list.as_array().unwrap() {
            known.insert(one["Id"].as_str().unwrap().to_owned(), one.clone());
        }
    }
    let paid = answers[0]["Invoice"].as_array().unwrap().iter().filter(|one| one["SyncToken"] == "1").count();
    assert!(paid > 0, "an invoice was paid within three days");
    let after = select(&books, &token, "select * from Invoice maxresults 1000").await;
    for one in after["QueryResponse"]["Invoice"].as_array().unwrap() {
        assert_eq!(known.remove(one["Id"].as_str().unwrap()).as_ref(), Some(one));
    }
    let (status, _) = get(&books, &token, "/cdc", &[("entities", "Invoice"), ("changedSince", "2025-01-01")]).await;
    assert_eq!(status, 400, "30 days at most");
}

#[tokio::test]
async fn refresh_tokens_rotate_and_an_expired_one_is_told_in_another_shape() {
    let books = Simulated::start().await;
    let first = connect(&books).await;
    let form = |token: &Value| token["refresh_token"].as_str().unwrap().to_owned();
    books.advance(3601).await;
    let (status, body) = get(&books, &first, "/query", &[("query", "select * from Bill")]).await;
    let Some(recorded) = payload("quickbooks/recorded_error_401_token_expired.json") else { return };
    assert_eq!(status, 401);
    assert_shape(&recorded["body"], &body, &[]);
    let (_, second) = token(&books, &[("grant_type", "refresh_token"), ("refresh_token", &form(&first))]).await;
    assert_eq!(get(&books, &second, "/query", &[("query", "select * from Bill")]).await.0, 200);
    let (status, refused) = token(&books, &[("grant_type", "refresh_token"), ("refresh_token", &form(&first))]).await;
    assert_eq!((status, &refused["error"]), (400, &json!("invalid_grant")));
}

/// The books hold what the truth says: card sales, refunds and what customers transferred.
#[tokio::test]
async fn the_books_agree_with_the_truth() {
    let books = Simulated::start().await;
    let token = connect(&books).await;
    let pence = |amount: &Value| -> i64 {
        let text = amount.to_string();
        let (whole, part) = text.split_once('.').unwrap_or((&text, "0"));
        whole.parse::<i64>().unwrap() * 100 + format!("{part:0<2}").parse::<i64>().unwrap()
    };
    let sum = async |entity: &str| -> i64 {
        let query =
            format!("select * from {entity} where TxnDate >= '2026-02-01' and TxnDate <= '2026-02-28' maxresults 1000");
        let body = select(&books, &token, &query).await;
        body["QueryResponse"][entity].as_array().unwrap().iter().map(|one| pence(&one["TotalAmt"])).sum()
    };
    let truth = books.http.get(books.url("/control/truth?from=2026-02-01&to=2026-02-28")).send().await.unwrap();
    let total = &truth.json::<Value>().await.unwrap()["total"];
    assert_eq!(total["sales"], sum("SalesReceipt").await);
    assert_eq!(total["refunds"], -sum("RefundReceipt").await);
    // Interest of the savings is a deposit; the rest of the transfers pays invoices.
    let interest = sum("Deposit").await;
    assert_eq!(total["transfers_in"], sum("Payment").await + interest);
}
