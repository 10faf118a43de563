//! Ten codes for the day when the second factor is lost: shown once, each works once.

use domain::UserId;
use rand::Rng;
use sqlx::PgConnection;

use crate::identity::Core;
use crate::identity::failure::Failure;

const CODES: usize = 10;
/// Without what looks alike (Crockford's base 32): 10 of them are 50 bits, and tries are counted.
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH: usize = 10;

/// New ones, in the place of those before.
pub async fn renew_in_tx(core: &Core, tx: &mut PgConnection, user: UserId) -> Result<Vec<String>, Failure> {
    let codes: Vec<String> = (0..CODES).map(|_| generate()).collect();
    let hashes: Vec<Vec<u8>> = codes.iter().map(|code| hash(core, user, code)).collect();
    sqlx::query("delete from access.recovery_code where user_id = $1").bind(user.as_uuid()).execute(&mut *tx).await?;
    sqlx::query("insert into access.recovery_code (user_id, code_hash) select $1, unnest($2::bytea[])")
        .bind(user.as_uuid())
        .bind(hashes)
        .execute(tx)
        .await?;
    Ok(codes)
}

/// The hash of the code, if it is one of the unused.
pub async fn find(core: &Core, user: UserId, code: &str) -> Result<Option<Vec<u8>>, Failure> {
    const FIND: &str = "
select code_hash from access.recovery_code where user_id = $1 and code_hash = $2 and used_at is null";
    let find = sqlx::query_scalar(FIND).bind(user.as_uuid()).bind(hash(core, user, code));
    Ok(find.fetch_optional(&core.pool).await?)
}

/// Whether it was still unused.
pub async fn take_in_tx(tx: &mut PgConnection, user: UserId, hash: &[u8]) -> Result<bool, Failure> {
    const TAKE: &str = "
update access.recovery_code set used_at = now() where user_id = $1 and code_hash = $2 and used_at is null";
    Ok(sqlx::query(TAKE).bind(user.as_uuid()).bind(hash).execute(tx).await?.rows_affected() == 1)
}

fn generate() -> String {
    let mut random = rand::thread_rng();
    let letter = |_| char::from(LETTERS[random.gen_range(0..LETTERS.len())]);
    let code: String = (0..LENGTH).map(letter).collect();
    format!("{}-{}", &code[..LENGTH / 2], &code[LENGTH / 2..])
}

/// With the key of the installation, since 50 bits alone could be searched.
fn hash(core: &Core, user: UserId, code: &str) -> Vec<u8> {
    core.sealer.index(&format!("recovery_code:{user}"), normal(code).as_bytes()).to_vec()
}

/// As people write what they read.
fn normal(code: &str) -> String {
    let plain = code.chars().filter(char::is_ascii_alphanumeric).map(|c| match c.to_ascii_lowercase() {
        'o' => '0',
        'i' | 'l' => '1',
        letter => letter,
    });
    plain.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_written() {
        let code = generate();
        assert_eq!((code.len(), code.find('-')), (11, Some(5)));
        assert_eq!(normal(&code), normal(&code.to_uppercase().replace('-', " ")));
        assert_eq!(normal("O1IL0-abcde"), "01110abcde");
    }
}
