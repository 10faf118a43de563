//! Invitations and roles through the mutations, with a post office that keeps what it is given.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_graphql::{EmptySubscription, Object, Request, Schema};
use async_trait::async_trait;
use command_api::graphql::Mutation;
use command_api::mail::{Mail, MailError, Mailer, PageAddress};
use domain::access::{Assurance, Membership, People, PeopleError, Person, Principal, Role};
use domain::{AddresseeId, BusinessId, Email, UserId};
use serde_json::Value;
use sqlx::{PgPool, Row};
use streams::sequencer;
use streams::testing::{Database, Nats};
use tokio_util::sync::CancellationToken;

struct Query;

#[Object]
impl Query {
    async fn nothing(&self) -> bool {
        true
    }
}

#[derive(Default)]
struct Post(Mutex<Vec<Mail>>);

#[async_trait]
impl Mailer for Post {
    async fn send(&self, mail: Mail) -> Result<(), MailError> {
        self.0.lock().unwrap().push(mail);
        Ok(())
    }
}

/// Everybody has an account at `<name>@example.com`.
#[derive(Default)]
struct Town(Mutex<Vec<Person>>);

#[async_trait]
impl People for Town {
    async fn people(&self, ids: &[UserId]) -> Result<Vec<Person>, PeopleError> {
        Ok(self.0.lock().unwrap().iter().filter(|person| ids.contains(&person.id)).cloned().collect())
    }

    async fn addressee(&self, _: &Email) -> Result<AddresseeId, PeopleError> {
        Ok(AddresseeId::new())
    }
}

struct App {
    schema: Schema<Query, Mutation, EmptySubscription>,
    pool: PgPool,
    post: Arc<Post>,
    town: Arc<Town>,
    _stop: tokio_util::sync::DropGuard,
    _nats: Nats,
    _database: Database,
}

impl App {
    async fn start() -> Self {
        let (database, nats) = (Database::create().await, Nats::connect().await);
        let stop = CancellationToken::new();
        let config = sequencer::Config::new(database.pool(), nats.client(), nats.prefix());
        let until = stop.clone();
        tokio::spawn(async move { sequencer::run(config, until).await });
        let (post, town) = (Arc::<Post>::default(), Arc::<Town>::default());
        let schema = Schema::build(Query, Mutation::default(), EmptySubscription)
            .data(streams::testing::commands(database.pool()))
            .data(Arc::clone(&post) as Arc<dyn Mailer>)
            .data(Arc::clone(&town) as Arc<dyn People>)
            .data(PageAddress("https://workdock.example".to_owned()))
            .finish();
        let pool = database.pool();
        Self { schema, pool, post, town, _stop: stop.drop_guard(), _nats: nats, _database: database }
    }

    fn user(&self, name: &str) -> UserId {
        let id = UserId::new();
        let email = format!("{name}@example.com").parse().unwrap();
        let person = Person { id, name: name.to_owned(), email, email_is_verified: true, last_seen: None };
        self.town.0.lock().unwrap().push(person);
        id
    }

    /// As the edge makes it: from what is stored now.
    async fn principal(&self, user: UserId) -> Principal {
        let rows = sqlx::query("select business, role, needs_second_factor from access.membership where user_id = $1");
        let rows = rows.bind(user.as_uuid()).fetch_all(&self.pool).await.unwrap();
        let memberships: BTreeMap<_, _> = rows
            .iter()
            .map(|row| {
                let role = row.get::<&str, _>("role").parse().unwrap();
                let membership = Membership { role, needs_second_factor: row.get("needs_second_factor") };
                (BusinessId::from_uuid(row.get("business")), membership)
            })
            .collect();
        Principal::user(user, Assurance::SteppedUp, memberships)
    }

    async fn ask_as(&self, principal: Principal, mutation: &str) -> Result<Value, String> {
        let request = Request::new(format!("mutation {{ done: {mutation} {{ id position }} }}")).data(principal);
        let mut answer = serde_json::to_value(self.schema.execute(request).await).unwrap();
        match answer["errors"][0]["extensions"]["code"].as_str() {
            Some(code) => Err(format!("{code}: {}", answer["errors"][0]["message"].as_str().unwrap())),
            None => Ok(answer["data"]["done"].take()),
        }
    }

    async fn ask(&self, user: UserId, mutation: &str) -> Result<Value, String> {
        self.ask_as(self.principal(user).await, mutation).await
    }

    async fn register(&self, owner: UserId) -> String {
        let input = r#"{name: "Harbour", baseCurrency: "GBP", timeZone: "Europe/London"}"#;
        let receipt = self.ask(owner, &format!("registerBusiness(input: {input})")).await.unwrap();
        receipt["id"].as_str().unwrap().to_owned()
    }

    /// The token of the newest letter.
    fn token(&self) -> String {
        let letters = self.post.0.lock().unwrap();
        let text = &letters.last().unwrap().text;
        text.split_once("#token=").unwrap().1.lines().next().unwrap().to_owned()
    }

    async fn roles(&self, business: &str) -> Vec<Role> {
        let rows: Vec<String> =
            sqlx::query_scalar("select role from access.member where business::text = $1 order by 1")
                .bind(business)
                .fetch_all(&self.pool)
                .await
                .unwrap();
        rows.iter().map(|role| role.parse().unwrap()).collect()
    }
}

fn invite(business: &str, email: &str, role: &str) -> String {
    format!("inviteMember(business: \"{business}\", email: \"{email}\", role: {role})")
}

fn accept(token: &str) -> String {
    format!("acceptInvitation(token: \"{token}\")")
}

#[tokio::test]
async fn an_invited_user_joins_and_every_step_is_an_event_of_the_business() {
    let app = App::start().await;
    let (ada, grace) = (app.user("ada"), app.user("grace"));
    let business = app.register(ada).await;
    let invited = app.ask(ada, &invite(&business, "Grace@example.com", "MANAGER")).await.unwrap();
    assert_eq!(app.post.0.lock().unwrap()[0].to, "grace@example.com".parse().unwrap());
    let first = app.token();
    let resend = format!("resendInvitation(business: \"{business}\", id: {})", invited["id"]);
    app.ask(ada, &resend).await.unwrap();
    let not_valid = app.ask(grace, &accept(&first)).await.unwrap_err();
    assert!(not_valid.starts_with("REFUSED"), "{not_valid}");
    let joined = app.ask(grace, &accept(&app.token())).await.unwrap();
    assert_eq!(joined["id"], business.as_str());
    assert_eq!(app.roles(&business).await, [Role::Manager, Role::Owner]);
    let told: Vec<(String, String)> =
        sqlx::query_as("select event_type, metadata ->> 'actor' from store.events order by id")
            .fetch_all(&app.pool)
            .await
            .unwrap();
    let (ada, grace) = (format!("user:{ada}"), format!("user:{grace}"));
    let expected = [
        ("business.registered", &ada),
        ("business.member_joined", &ada),
        ("business.member_invited", &ada),
        ("business.invitation_resent", &ada),
        ("business.member_joined", &grace),
    ];
    // A refused command may be recorded beside them.
    let told: Vec<_> = told.iter().filter(|(kind, _)| kind.starts_with("business.")).collect();
    assert_eq!(told.len(), expected.len(), "{told:?}");
    for (told, (kind, actor)) in told.iter().zip(expected) {
        assert_eq!((told.0.as_str(), &told.1), (kind, actor));
    }
}

#[tokio::test]
async fn a_token_is_good_once_for_its_address_until_it_is_withdrawn() {
    let app = App::start().await;
    let (ada, grace, eve) = (app.user("ada"), app.user("grace"), app.user("eve"));
    let business = app.register(ada).await;
    let invited = app.ask(ada, &invite(&business, "grace@example.com", "VIEWER")).await.unwrap();
    let token = app.token();
    let others = app.ask(eve, &accept(&token)).await.unwrap_err();
    let made_up = app.ask(eve, &accept(&"A".repeat(86))).await.unwrap_err();
    let nonsense = app.ask(eve, &accept("x")).await.unwrap_err();
    assert_eq!((&others, &others), (&made_up, &nonsense));
    let withdraw = format!("withdrawInvitation(business: \"{business}\", id: {})", invited["id"]);
    app.ask(ada, &withdraw).await.unwrap();
    assert_eq!(app.ask(grace, &accept(&token)).await.unwrap_err(), others);
    app.ask(ada, &invite(&business, "grace@example.com", "VIEWER")).await.unwrap();
    let token = app.token();
    app.ask(grace, &accept(&token)).await.unwrap();
    assert_eq!(app.ask(grace, &accept(&token)).await.unwrap_err(), others);
    let by_owner = app.ask_as(Principal::local_owner(), &accept(&token)).await.unwrap_err();
    assert!(by_owner.starts_with("REFUSED"), "{by_owner}");
    // What is no token of an invitation is recorded too, in no business's history.
    let recorded = "select count(*) from store.events where event_type = 'security.command_refused'
        and payload ->> 'command' = 'Accept' and metadata ->> 'actor' = $1";
    let recorded: i64 = sqlx::query_scalar(recorded).bind(format!("user:{eve}")).fetch_one(&app.pool).await.unwrap();
    assert_eq!(recorded, 1, "nonsense");
}

#[tokio::test]
async fn roles_change_and_the_last_owner_stays() {
    let app = App::start().await;
    let (ada, grace) = (app.user("ada"), app.user("grace"));
    let business = app.register(ada).await;
    let of = |user: UserId| format!("business: \"{business}\", user: \"{user}\"");
    let leave = format!("leaveBusiness(business: \"{business}\")");
    let last = app.ask(ada, &leave).await.unwrap_err();
    assert!(last.starts_with("REFUSED") && last.contains("always has an owner"), "{last}");
    app.ask(ada, &invite(&business, "grace@example.com", "VIEWER")).await.unwrap();
    app.ask(grace, &accept(&app.token())).await.unwrap();
    app.ask(ada, &format!("changeRole({}, role: OWNER)", of(grace))).await.unwrap();
    app.ask(ada, &leave).await.unwrap();
    let gone = app.ask(ada, &format!("removeMember({})", of(grace))).await.unwrap_err();
    assert!(gone.starts_with("NOT_FOUND"), "{gone}");
    let stranger = app.ask(grace, &format!("removeMember({})", of(ada))).await.unwrap_err();
    assert!(stranger.starts_with("NOT_FOUND"), "{stranger}");
    assert_eq!(app.roles(&business).await, [Role::Owner]);
    app.ask(grace, &format!("setSecondFactorPolicy(business: \"{business}\", required: true)")).await.unwrap();
    assert!(app.principal(grace).await.membership(business.parse().unwrap()).unwrap().needs_second_factor);
}

#[tokio::test]
async fn only_an_owner_with_a_fresh_second_factor_changes_who_is_in() {
    let app = App::start().await;
    let (ada, grace) = (app.user("ada"), app.user("grace"));
    let business = app.register(ada).await;
    let id: BusinessId = business.parse().unwrap();
    let orders = [
        invite(&business, "eve@example.com", "OWNER"),
        format!("resendInvitation(business: \"{business}\", id: \"{business}\")"),
        format!("withdrawInvitation(business: \"{business}\", id: \"{business}\")"),
        format!("changeRole(business: \"{business}\", user: \"{grace}\", role: OWNER)"),
        format!("removeMember(business: \"{business}\", user: \"{ada}\")"),
        format!("setSecondFactorPolicy(business: \"{business}\", required: true)"),
    ];
    let as_role = |role, assurance| {
        let membership = Membership { role, needs_second_factor: false };
        Principal::user(grace, assurance, BTreeMap::from([(id, membership)]))
    };
    for order in &orders {
        for role in [Role::Manager, Role::Viewer, Role::Auditor] {
            let refused = app.ask_as(as_role(role, Assurance::SteppedUp), order).await.unwrap_err();
            assert!(refused.starts_with("FORBIDDEN"), "{role} {order}: {refused}");
        }
        let stale = app.ask_as(as_role(Role::Owner, Assurance::TwoFactors), order).await.unwrap_err();
        assert!(stale.starts_with("SECOND_FACTOR"), "{order}: {stale}");
        let outside = app.ask(grace, order).await.unwrap_err();
        assert!(outside.starts_with("NOT_FOUND"), "{order}: {outside}");
    }
    assert!(app.post.0.lock().unwrap().is_empty());
    assert_eq!(app.roles(&business).await, [Role::Owner]);
}
