//! Everything about a person as one archive: what their account holds, without its secrets, and what they did.

use std::io::{Read, Seek, Write};

use domain::UserId;
use futures_util::TryStreamExt;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tar::{Builder, Header};

use crate::identity::failure::Failure;
use crate::identity::{Core, users};

const FORMAT: &str = "workdock.person.v1";
const README: &str = include_str!("README.txt");

/// Lists of the account: name of the file, and rows as JSON. `$1`: the user.
const LISTS: &[(&str, &str)] = &[
    (
        "sessions.json",
        "select to_jsonb(x) from (select id, begun_at, used_at, ends_at, ended_at, end_reason, agent, address,
             confirmed_at, second_factor_at from access.session where user_id = $1 order by begun_at) x",
    ),
    (
        "factors.json",
        "select to_jsonb(x) from (
             select 'password' as factor, null as name, password_at as since, null::timestamptz as used_at
             from access.user_account where id = $1 and password_hash is not null
             union all select 'authenticator', null, confirmed_at, null from access.totp
             where user_id = $1 and confirmed_at is not null
             union all select 'passkey', name, made_at, used_at from access.passkey where user_id = $1
             union all select 'recovery code', null, null, used_at from access.recovery_code where user_id = $1
             order by 1, 3) x",
    ),
    (
        "memberships.json",
        "select to_jsonb(x) from (select business, role, since from access.member where user_id = $1 order by since) x",
    ),
    (
        "keys.json",
        "select to_jsonb(x) from (select id, business, role, scopes, name, prefix, made_at, expires_at, revoked_at, used_at
             from access.api_key where made_by = 'user:' || $1::text order by made_at) x",
    ),
];

/// What they did and what was done to their account, in every business; addresses stand in the sessions.
const AUDIT: &str = "
select jsonb_build_object('position', position, 'business', business, 'at', at, 'kind', kind, 'actor', actor,
    'subject', subject, 'summary', summary, 'before', before::jsonb, 'after', after::jsonb, 'request', request)::text
from read.event where actor = 'user:' || $1::text or on_behalf_of = 'user:' || $1::text or subject = $1 order by position";

/// The archive as a file that nobody else can open and that goes when it is closed; and how many rows are in it.
pub async fn write(core: &Core, user: UserId) -> Result<(std::fs::File, u64), Failure> {
    let profile = users::profile(core, user).await?.ok_or_else(Failure::unauthenticated)?;
    let profile = json!({ "id": user, "name": profile.name, "email": profile.email.expose() });
    let mut archive = Archive::new()?;
    archive.add("README.txt", README.as_bytes(), 0)?;
    archive.add("profile.json", pretty(&profile)?.as_bytes(), 1)?;
    for (name, query) in LISTS {
        let rows: Vec<Value> = sqlx::query_scalar(query).bind(user.as_uuid()).fetch_all(&core.pool).await?;
        archive.add(name, pretty(&json!(rows))?.as_bytes(), rows.len() as u64)?;
    }
    let (mut audit, mut rows) = (tempfile::tempfile().map_err(|error| full(&error))?, 0);
    let mut found = sqlx::query_scalar::<_, String>(AUDIT).bind(user.as_uuid()).fetch(&core.pool);
    while let Some(row) = found.try_next().await? {
        writeln!(audit, "{row}").map_err(|error| full(&error))?;
        rows += 1;
    }
    archive.add_file("audit.jsonl", audit, rows)?;
    archive.finish(user)
}

fn pretty(value: &Value) -> Result<String, Failure> {
    serde_json::to_string_pretty(value).map_err(|error| Failure::internal(&error, "an archive cannot be written"))
}

fn full(error: &std::io::Error) -> Failure {
    Failure::internal(error, "an archive cannot be written")
}

/// Length and hash; the file is at its beginning again.
fn measure(file: &mut std::fs::File) -> std::io::Result<(u64, [u8; 32])> {
    file.rewind()?;
    let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 16]);
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            read => {
                hash.update(&buffer[..read]);
                bytes += read as u64;
            }
        }
    }
    file.rewind()?;
    Ok((bytes, hash.finalize().into()))
}

struct Archive {
    tar: Builder<std::fs::File>,
    files: Vec<Value>,
    rows: u64,
}

impl Archive {
    fn new() -> Result<Self, Failure> {
        let file = tempfile::tempfile().map_err(|error| full(&error))?;
        Ok(Self { tar: Builder::new(file), files: Vec::new(), rows: 0 })
    }

    fn add(&mut self, name: &str, bytes: &[u8], rows: u64) -> Result<(), Failure> {
        self.append(name, bytes, bytes.len() as u64)?;
        self.list(name, bytes.len() as u64, rows, &Sha256::digest(bytes));
        Ok(())
    }

    fn add_file(&mut self, name: &str, mut file: std::fs::File, rows: u64) -> Result<(), Failure> {
        let (bytes, hash) = measure(&mut file).map_err(|error| full(&error))?;
        self.append(name, file, bytes)?;
        self.list(name, bytes, rows, &hash);
        Ok(())
    }

    fn append(&mut self, name: &str, content: impl Read, bytes: u64) -> Result<(), Failure> {
        let mut header = Header::new_gnu();
        header.set_size(bytes);
        header.set_mode(0o600);
        self.tar.append_data(&mut header, name, content).map_err(|error| full(&error))
    }

    fn list(&mut self, name: &str, bytes: u64, rows: u64, hash: &[u8]) {
        self.rows += rows;
        self.files.push(json!({ "path": name, "bytes": bytes, "rows": rows, "sha256": hex::encode(hash) }));
    }

    fn finish(mut self, user: UserId) -> Result<(std::fs::File, u64), Failure> {
        let manifest = json!({ "format": FORMAT, "user": user, "made_at": chrono::Utc::now(), "files": self.files });
        let manifest = pretty(&manifest)?;
        self.append("manifest.json", manifest.as_bytes(), manifest.len() as u64)?;
        let mut file = self.tar.into_inner().map_err(|error| full(&error))?;
        file.rewind().map_err(|error| full(&error))?;
        Ok((file, self.rows))
    }
}
