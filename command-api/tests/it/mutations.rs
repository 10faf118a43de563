use async_graphql::{EmptySubscription, Object, Request, Schema};
use command_api::graphql::Mutation;
use domain::access::Principal;
use serde_json::Value;

use crate::store;

struct Query;

#[Object]
impl Query {
    async fn nothing(&self) -> bool {
        true
    }
}

/// The mutations on a store with a sequencer.
struct App {
    schema: Schema<Query, Mutation, EmptySubscription>,
    store: store::App,
}

impl App {
    async fn start() -> Self {
        let store = store::App::start().await;
        let schema = Schema::build(Query, Mutation::default(), EmptySubscription).data(store.commands.clone()).finish();
        Self { schema, store }
    }

    async fn ask(&self, mutation: &str) -> Value {
        let request = Request::new(format!("mutation {{ {mutation} }}")).data(Principal::local_owner());
        serde_json::to_value(self.schema.execute(request).await).unwrap()
    }

    async fn code(&self, mutation: &str) -> String {
        let answer = self.ask(mutation).await;
        answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }
}

fn register(name: &str, currency: &str, zone: &str) -> String {
    let input = format!("{{name: \"{name}\", baseCurrency: \"{currency}\", timeZone: \"{zone}\"}}");
    format!("registerBusiness(input: {input}) {{ id position }}")
}

#[tokio::test]
async fn a_business_is_registered_and_changed_and_each_answer_names_its_position() {
    let app = App::start().await;
    let answer = app.ask(&register("Harbour", "GBP", "Europe/London")).await;
    let registered = &answer["data"]["registerBusiness"];
    assert_eq!(registered["position"], 1, "{answer}");
    let id = registered["id"].as_str().unwrap();
    let answer = app.ask(&format!("renameBusiness(id: \"{id}\", name: \"Harbour Ltd\") {{ id position }}")).await;
    assert_eq!(answer["data"]["renameBusiness"]["position"], 2, "{answer}");
    let answer = app.ask(&format!("changeFiscalYear(id: \"{id}\", firstMonth: 4) {{ position }}")).await;
    assert_eq!(answer["data"]["changeFiscalYear"]["position"], 3, "{answer}");
    let actors: Vec<String> = sqlx::query_scalar("select distinct metadata ->> 'actor' from store.events")
        .fetch_all(&app.store.pool())
        .await
        .unwrap();
    assert_eq!(actors, ["owner"]);
}

#[tokio::test]
async fn refusals_have_codes_and_record_nothing() {
    let app = App::start().await;
    let nobody = "018f0000-0000-7000-8000-0000000000ff";
    assert_eq!(app.code(&register("Harbour", "XXQ", "Europe/London")).await, "INVALID");
    assert_eq!(app.code(&register("Harbour", "GBP", "Europe/Atlantis")).await, "INVALID");
    assert_eq!(app.code(&register("  ", "GBP", "Europe/London")).await, "REFUSED");
    assert_eq!(app.code(&format!("renameBusiness(id: \"{nobody}\", name: \"A\") {{ id }}")).await, "NOT_FOUND");
    assert_eq!(app.code(&format!("changeFiscalYear(id: \"{nobody}\", firstMonth: 13) {{ id }}")).await, "INVALID");
    assert_eq!(
        app.code(&format!("closeAccount(business: \"{nobody}\", id: \"{nobody}\") {{ id }}")).await,
        "NOT_FOUND"
    );
    assert_eq!(app.store.events().await, 0);
}

#[tokio::test]
async fn without_a_session_nothing_is_changed() {
    let app = App::start().await;
    let request = Request::new(format!("mutation {{ {} }}", register("Harbour", "GBP", "Europe/London")));
    let answer = serde_json::to_value(app.schema.execute(request).await).unwrap();
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
}
