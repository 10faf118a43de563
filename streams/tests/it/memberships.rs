//! The table of memberships against the aggregate that its events are folded into.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::Utc;
use domain::access::Role;
use domain::business::{BusinessCommand, TeamCommand, TokenHash};
use domain::{AddresseeId, BusinessId, InvitationId, UserId};
use rand::prelude::*;
use sqlx::postgres::PgListener;
use sqlx::{PgPool, Row};
use streams::testing::Database;
use streams::{Commands, Meta};

use super::given;

type Table = BTreeMap<(BusinessId, UserId), (Role, bool)>;

async fn table(pool: &PgPool) -> Table {
    let rows = sqlx::query("select * from access.membership").fetch_all(pool).await.unwrap();
    let key = |row: &sqlx::postgres::PgRow| {
        (BusinessId::from_uuid(row.get("business")), UserId::from_uuid(row.get("user_id")))
    };
    let value =
        |row: &sqlx::postgres::PgRow| (row.get::<&str, _>("role").parse().unwrap(), row.get("needs_second_factor"));
    rows.iter().map(|row| (key(row), value(row))).collect()
}

/// As the aggregates themselves tell it.
async fn told(commands: &Commands, businesses: &[BusinessId]) -> Table {
    let mut table = Table::new();
    for id in businesses {
        let business = commands.business_now(*id).await.unwrap();
        let team = business.team();
        table.extend(team.members.iter().map(|(user, role)| ((*id, user), (role, team.needs_second_factor))));
    }
    table
}

fn founded(id: BusinessId, by: UserId) -> BusinessCommand {
    match given::register(id) {
        BusinessCommand::Register { id, name, base_currency, time_zone, fiscal_year_first_month, founder: _ } => {
            BusinessCommand::Register { id, name, base_currency, time_zone, fiscal_year_first_month, founder: Some(by) }
        }
        _ => unreachable!("register registers"),
    }
}

async fn team(commands: &Commands, business: BusinessId, command: TeamCommand) -> bool {
    let meta = Meta::new(business, "owner");
    commands.business(business, BusinessCommand::Team(command), &meta).await.is_ok()
}

/// Invites and accepts in one go.
async fn join(commands: &Commands, business: BusinessId, user: UserId, role: Role) -> bool {
    let (invitation, token, now) = (InvitationId::new(), TokenHash::of(b"token"), Utc::now());
    let email: domain::Email = format!("{user}@example.com").parse().unwrap();
    let invite = TeamCommand::Invite {
        invitation,
        email: email.clone(),
        addressee: AddresseeId::new(),
        role,
        token: token.clone(),
        now,
    };
    team(commands, business, invite).await
        && team(commands, business, TeamCommand::Accept { invitation, token, user, email, now }).await
}

#[tokio::test]
async fn the_table_says_what_the_aggregates_say_and_a_rebuild_says_it_again() {
    let database = Database::create().await;
    let (pool, commands) = (database.pool(), streams::testing::commands(database.pool()));
    let users: Vec<_> = (0..5).map(|_| UserId::new()).collect();
    let businesses = [BusinessId::new(), BusinessId::new()];
    for (business, founder) in businesses.iter().zip(&users) {
        commands.business(*business, founded(*business, *founder), &Meta::new(*business, "owner")).await.unwrap();
    }
    let mut dice = StdRng::seed_from_u64(11);
    for _ in 0..120 {
        let (business, user) = (*businesses.choose(&mut dice).unwrap(), *users.choose(&mut dice).unwrap());
        let role = *Role::ALL.choose(&mut dice).unwrap();
        match dice.gen_range(0..10) {
            0..5 => drop(join(&commands, business, user, role).await),
            5..7 => drop(team(&commands, business, TeamCommand::ChangeRole { user, role }).await),
            7 => drop(team(&commands, business, TeamCommand::Remove { user }).await),
            8 => drop(team(&commands, business, TeamCommand::Leave { user }).await),
            _ => drop(team(&commands, business, TeamCommand::RequireSecondFactor { required: dice.r#gen() }).await),
        }
    }
    let kept = table(&pool).await;
    assert!(kept.len() > 3, "{kept:?}");
    assert_eq!(kept, told(&commands, &businesses).await);
    sqlx::query("delete from access.member").execute(&pool).await.unwrap();
    sqlx::query("select access.rebuild_membership()").execute(&pool).await.unwrap();
    assert_eq!(table(&pool).await, kept);
}

#[tokio::test]
async fn a_command_that_was_refused_leaves_no_member_behind() {
    let database = Database::create().await;
    let (pool, commands) = (database.pool(), streams::testing::commands(database.pool()));
    let (business, owner) = (BusinessId::new(), UserId::new());
    commands.business(business, founded(business, owner), &Meta::new(business, "owner")).await.unwrap();
    let before = table(&pool).await;
    assert!(!team(&commands, business, TeamCommand::Leave { user: owner }).await);
    assert!(!team(&commands, business, TeamCommand::Remove { user: UserId::new() }).await);
    assert_eq!(table(&pool).await, before);
}

#[tokio::test]
async fn whoever_serves_a_member_hears_of_it() {
    let database = Database::create().await;
    let (pool, commands) = (database.pool(), streams::testing::commands(database.pool()));
    let (business, owner, guest) = (BusinessId::new(), UserId::new(), UserId::new());
    commands.business(business, founded(business, owner), &Meta::new(business, "owner")).await.unwrap();
    assert!(join(&commands, business, guest, Role::Viewer).await);
    let mut ear = PgListener::connect_with(&pool).await.unwrap();
    ear.listen("workdock_access").await.unwrap();
    assert!(team(&commands, business, TeamCommand::Remove { user: guest }).await);
    assert!(team(&commands, business, TeamCommand::RequireSecondFactor { required: true }).await);
    for expected in [format!("user:{guest}"), format!("business:{business}")] {
        let heard = tokio::time::timeout(Duration::from_secs(5), ear.recv()).await.unwrap().unwrap();
        assert_eq!(heard.payload(), expected);
    }
}

/// The program's own role may read who is what, and no more.
#[tokio::test]
async fn nobody_is_made_a_member_beside_the_log() {
    let database = Database::create().await;
    let pool = database.pool();
    let exists: bool = sqlx::query_scalar("select exists (select from pg_roles where rolname = 'workdock')")
        .fetch_one(&pool)
        .await
        .unwrap();
    if !exists {
        // A server without the roles of an installation: there is nothing to hold the grants against.
        return;
    }
    let forge = "insert into access.member values (gen_random_uuid(), gen_random_uuid(), 'OWNER', now())";
    for statement in [forge, "delete from access.member", "select access.rebuild_membership()"] {
        let mut connection = pool.acquire().await.unwrap();
        sqlx::query("set role workdock").execute(&mut *connection).await.unwrap();
        let refused = sqlx::query(statement).execute(&mut *connection).await.unwrap_err();
        assert_eq!(refused.as_database_error().unwrap().code().unwrap(), "42501", "{statement}");
        sqlx::query("reset role").execute(&mut *connection).await.unwrap();
    }
}
