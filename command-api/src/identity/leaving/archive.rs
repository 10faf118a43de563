//! Everything about a person as one archive: what their account holds, without its secrets, and what they did.

use domain::UserId;
use futures_util::TryStreamExt;
use serde::Serialize;
use serde_json::Value;
use streams::export::{Archive, Gathered};
use uuid::Uuid;

use super::invited;
use crate::identity::failure::Failure;
use crate::identity::{Core, keys, own, used_from, users};

const FORMAT: &str = "workdock.person.v3";
const README: &str = include_str!("README.txt");
const PROFILE: &[&str] = &["id", "name", "email"];
const ADDRESSES: &[&str] = &["email", "until"];
/// Rows that are written at once.
const AT_ONCE: usize = 500;

/// A list of the account, by columns of a query. `$1`: the user.
struct List {
    name: &'static str,
    columns: &'static [&'static str],
    query: &'static str,
    sealed: Sealed,
}

/// What of a row is opened before it is written.
#[derive(Clone, Copy)]
enum Sealed {
    Nothing,
    /// Agent and address of a session.
    Origin,
    /// The name of a passkey.
    Passkey,
    /// The name of a key for machines.
    Key,
}

const LISTS: &[List] = &[
    List {
        name: "sessions",
        columns: &[
            "id",
            "begun_at",
            "used_at",
            "ends_at",
            "ended_at",
            "end_reason",
            "agent",
            "address",
            "confirmed_at",
            "second_factor_at",
        ],
        query: "select * from access.session where user_id = $1 order by begun_at",
        sealed: Sealed::Origin,
    },
    List {
        name: "factors",
        columns: &["factor", "name", "since", "used_at"],
        query: "
            select 'password' as factor, null as name, password_at as since, null::timestamptz as used_at,
                   null::uuid as id, null::bytea as name_sealed
            from access.user_account where id = $1 and password_hash is not null
            union all select 'authenticator', null, confirmed_at, null, null, null from access.totp
            where user_id = $1 and confirmed_at is not null
            union all select 'passkey', name, made_at, used_at, id, name_sealed from access.passkey where user_id = $1
            union all select 'recovery code', null, null, used_at, null, null from access.recovery_code where user_id = $1
            order by 1, 3",
        sealed: Sealed::Passkey,
    },
    List {
        name: "memberships",
        columns: &["business", "role", "since"],
        query: "select * from access.member where user_id = $1 order by since",
        sealed: Sealed::Nothing,
    },
    List {
        name: "keys",
        columns: &[
            "id",
            "business",
            "role",
            "scopes",
            "name",
            "prefix",
            "made_at",
            "expires_at",
            "revoked_at",
            "used_at",
        ],
        query: "select * from access.api_key where made_by = 'user:' || $1::text order by made_at",
        sealed: Sealed::Key,
    },
    // What they did and what was done to their account, in every business; addresses stand in the sessions.
    List {
        name: "audit",
        columns: &["position", "business", "at", "kind", "actor", "subject", "summary", "before", "after", "request"],
        query: "
            select position, business, at, kind, actor, subject, summary, before::jsonb, after::jsonb, request
            from read.event
            where actor = 'user:' || $1::text or on_behalf_of = 'user:' || $1::text or subject = $1 order by position",
        sealed: Sealed::Nothing,
    },
];

/// Whose archive it is.
#[derive(Debug, Serialize)]
pub struct Whose {
    user: UserId,
}

pub async fn gather(core: &Core, user: UserId) -> Result<Gathered<Whose>, Failure> {
    let profile = users::profile(core, user).await?.ok_or_else(Failure::unauthenticated)?;
    let mut archive = Archive::begin()?;
    archive.add("README.txt", README.as_bytes()).await?;
    archive.list("profile", PROFILE, [(user, &profile.name, profile.email.expose())]).await?;
    let former = users::former(core, user).await?;
    archive.list("addresses", ADDRESSES, former.iter().map(|(email, until)| (email.expose(), until))).await?;
    invited::write(core, &profile, &mut archive).await?;
    for list in LISTS {
        write(core, user, list, &mut archive).await?;
    }
    Ok(archive.finish(FORMAT, Whose { user }).await?)
}

async fn write(core: &Core, user: UserId, list: &List, archive: &mut Archive) -> Result<(), Failure> {
    let List { name, columns, query, sealed } = *list;
    let rows = format!("select to_jsonb(x) from ({query}) x");
    let mut table = archive.table(name, columns).await?;
    let mut found = sqlx::query_scalar::<_, Value>(&rows).bind(user.as_uuid()).fetch(&core.pool).try_chunks(AT_ONCE);
    while let Some(mut rows) = found.try_next().await.map_err(|error| error.1)? {
        for row in &mut rows {
            open(core, user, sealed, row).await?;
        }
        // Its named columns alone are written.
        let cells = rows.iter().map(|row| columns.iter().map(|column| &row[*column]).collect::<Vec<_>>());
        table.add(cells).await?;
    }
    Ok(table.finish(archive).await?)
}

/// Puts in what lies sealed beside it.
async fn open(core: &Core, user: UserId, sealed: Sealed, row: &mut Value) -> Result<(), Failure> {
    let id = row["id"].as_str().and_then(|id| id.parse::<Uuid>().ok()).unwrap_or_default();
    let bytes = |column: &str| hex::decode(row[column].as_str()?.strip_prefix("\\x")?).ok();
    match sealed {
        Sealed::Nothing => {}
        Sealed::Origin => {
            let from = used_from::open(core, (id, Some(user)), bytes("origin_sealed").as_deref()).await?;
            (row["agent"], row["address"]) = (from.agent.into(), from.address.into());
        }
        Sealed::Passkey => {
            if let Some(name) = bytes("name_sealed") {
                row["name"] = own::open(core, user, &own::passkey_name(id), &name).await?.into();
            }
        }
        Sealed::Key => {
            let business = row["business"].as_str().and_then(|id| id.parse().ok());
            if let Some((business, name)) = business.zip(row["name_sealed"].as_str()) {
                row["name"] = keys::open_name(core, business, id, name).await?.into();
            }
        }
    }
    Ok(())
}
