//! Members and invitations, as each role sees them.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_graphql::EmptyMutation;
use async_trait::async_trait;
use axum::Extension;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use chrono::Utc;
use domain::access::{Assurance, Membership, People, PeopleError, Person, Principal, Role};
use domain::business::{BusinessCommand, TeamCommand, TokenHash};
use domain::{AddresseeId, BusinessId, Email, InvitationId, UserId};
use query_api::graphql::schema_builder;
use serde_json::{Value, json};
use streams::Meta;

use crate::world::{World, answer_of};

/// Everybody is called by their id, but for one who closed the account.
struct Town {
    without: UserId,
}

#[async_trait]
impl People for Town {
    async fn people(&self, ids: &[UserId]) -> Result<Vec<Person>, PeopleError> {
        let email = "somebody@example.com".parse().unwrap();
        let person = |id: &UserId| Person {
            id: *id,
            name: format!("Name of {id}"),
            email: Clone::clone(&email),
            email_is_verified: true,
            last_seen: Some(Utc::now()),
        };
        Ok(ids.iter().filter(|id| **id != self.without).map(person).collect())
    }

    async fn addressee(&self, _: &Email) -> Result<AddresseeId, PeopleError> {
        Ok(AddresseeId::new())
    }
}

struct Office {
    world: World,
    members: Vec<UserId>,
}

impl Office {
    /// A member of each role, and one open invitation.
    async fn new() -> Self {
        let office = Self { world: World::new().await, members: Role::ALL.iter().map(|_| UserId::new()).collect() };
        for (user, role) in office.members.iter().zip(Role::ALL) {
            let (invitation, token, now) = (InvitationId::new(), TokenHash::of(b"token"), Utc::now());
            let (user, email): (_, Email) = (*user, format!("{user}@example.com").parse().unwrap());
            office
                .order(TeamCommand::Invite {
                    invitation,
                    email: email.clone(),
                    addressee: AddresseeId::new(),
                    role,
                    token: token.clone(),
                    now,
                })
                .await;
            office.order(TeamCommand::Accept { invitation, token, user, email, now }).await;
        }
        let (invitation, token) = (InvitationId::new(), TokenHash::of(b"token"));
        let email = "guest@example.com".parse().unwrap();
        let weeks_ago = Utc::now() - chrono::TimeDelta::days(8);
        let role = Role::Viewer;
        office
            .order(TeamCommand::Invite {
                invitation,
                email,
                addressee: AddresseeId::new(),
                role,
                token,
                now: weeks_ago,
            })
            .await;
        office
    }

    async fn order(&self, command: TeamCommand) {
        let business = self.world.business;
        let order = BusinessCommand::Team(command);
        self.world.commands.business(business, order, &Meta::new(business, "owner")).await.unwrap();
    }

    fn principal(&self, role: Role) -> Principal {
        let user = self.members[Role::ALL.iter().position(|known| *known == role).unwrap()];
        let membership = Membership { role, needs_second_factor: false };
        Principal::user(user, Assurance::OneFactor, BTreeMap::from([(self.world.business, membership)]))
    }

    async fn ask(&self, principal: Principal, query: &str, by_header: Option<BusinessId>) -> Value {
        let town: Arc<dyn People> = Arc::new(Town { without: self.members[2] });
        let schema = schema_builder(EmptyMutation, &self.world.deps).data(self.world.commands.clone()).data(town);
        let app = query_api::router(&self.world.deps, schema.finish()).layer(Extension(principal));
        let variables = json!({ "id": self.world.business });
        let body = json!({ "query": query, "variables": if by_header.is_some() { json!({}) } else { variables } });
        let mut request = Request::post("/graphql").header(header::CONTENT_TYPE, "application/json");
        if let Some(business) = by_header {
            request = request.header("X-Workdock-Business", business.to_string());
        }
        let (status, _, body) = answer_of(app, request.body(Body::from(body.to_string())).unwrap()).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body
    }
}

const TEAM: &str = "query($id: UUID!) { business(id: $id) { viewerRole needsSecondFactor
    members { user name email role since lastSeen } } viewer { user assurance } }";
const INVITATIONS: &str = "query($id: UUID!) { business(id: $id) { invitations { id email role expiresAt state } } }";

#[tokio::test]
async fn every_member_sees_who_is_in_and_what_they_are_themselves() {
    let office = Office::new().await;
    for role in Role::ALL {
        let answer = office.ask(office.principal(role), TEAM, None).await;
        let business = &answer["data"]["business"];
        assert_eq!(business["viewerRole"], role.as_str(), "{answer}");
        let roles: Vec<_> = business["members"].as_array().unwrap().iter().map(|member| &member["role"]).collect();
        assert_eq!(roles, ["OWNER", "MANAGER", "VIEWER", "AUDITOR"]);
        let named = format!("Name of {}", office.members[0]);
        assert_eq!((&business["members"][0]["name"], &business["members"][2]["name"]), (&json!(named), &json!("")));
        assert_eq!(answer["data"]["viewer"]["assurance"], "ONE_FACTOR");
    }
}

#[tokio::test]
async fn addresses_of_the_invited_are_for_owners_and_auditors() {
    let office = Office::new().await;
    for role in [Role::Owner, Role::Auditor] {
        let answer = office.ask(office.principal(role), INVITATIONS, None).await;
        let invitations = &answer["data"]["business"]["invitations"];
        let states: Vec<_> = invitations.as_array().unwrap().iter().map(|one| &one["state"]).collect();
        assert_eq!(states, ["EXPIRED", "ACCEPTED", "ACCEPTED", "ACCEPTED", "ACCEPTED"], "{answer}");
        assert_eq!(invitations[0]["email"], "guest@example.com");
    }
    for role in [Role::Manager, Role::Viewer] {
        let answer = office.ask(office.principal(role), INVITATIONS, None).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
        assert!(!answer.to_string().contains("guest@example.com"));
    }
}

#[tokio::test]
async fn a_header_names_the_business_where_a_question_names_none() {
    let office = Office::new().await;
    let query = "{ business { name } }";
    let answer = office.ask(office.principal(Role::Viewer), query, Some(office.world.business)).await;
    assert_eq!(answer["data"]["business"]["name"], "Ada's Bakery");
    let other = office.world.register("Others").await;
    let answer = office.ask(office.principal(Role::Viewer), query, Some(other)).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "NOT_FOUND", "{answer}");
    let answer = office.ask(office.principal(Role::Viewer), query, None).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "INVALID", "{answer}");
}
