//! Guessing is slowed down: after five failures in a row each further try waits, longer each time.
//!
//! Counted are
//! - the account that was named, whether it exists or not, so that nothing is told by being locked;
//! - the address that asks (of IPv6 its /64 network); loopback is not counted: behind a proxy it says nothing;
//! - instead of both, the device, where it has signed in to this account before: others who guess cannot lock it out,
//!   neither of its password nor, whoever knows that one, of its codes.
//!
//! A try is counted before it is judged, so that many at once are not more than many in a row. The wait is at most an
//! hour, and a link in a mail ends every wait of the account. Whoever opens it is a device that the account knows from
//! then on: nobody is locked out for ever.
//!
//! Letters that anybody can have sent are counted by their kind: one that is asked for again and again does not hold
//! up another.

use std::net::IpAddr;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use domain::{Code, Email, UserId};
use rand::RngCore;
use sqlx::PgConnection;

use super::Core;
use super::failure::Failure;
use super::seal::Sealer;
use super::users::email_hash;

/// Failures in a row before the first wait.
pub const FREE: i32 = 5;

/// Locks the rows that `$1` names in their order, counts, and says which of them wait.
const COUNT: &str = "
insert into access.attempt as a (key, failures, last_at, owner) values ($1, 1, now(), $3)
on conflict (key) do update set
    refused = coalesce(a.blocked_until > now(), false),
    failures = case when a.blocked_until > now() then a.failures
                    when a.last_at < now() - interval '1 day' then 1 else a.failures + 1 end,
    last_at = case when a.blocked_until > now() then a.last_at else now() end,
    blocked_until = case when a.blocked_until > now() then a.blocked_until
        when a.last_at >= now() - interval '1 day' and a.failures + 1 >= $2
        then now() + least(interval '1 hour', interval '30 seconds' * power(2, least(a.failures + 1 - $2, 20))) end
returning failures, blocked_until, refused";

/// Whose failures are counted.
#[derive(Debug, Clone)]
pub struct Counted {
    /// The account or the device.
    subject: [u8; 32],
    /// Whose device it is.
    account: Option<[u8; 32]>,
    address: Option<[u8; 32]>,
}

impl Counted {
    const fn only(subject: [u8; 32]) -> Self {
        Self { subject, account: None, address: None }
    }
}

/// What anybody can have sent to an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    Registration,
    Reset,
    /// The change of an account's address to this one.
    Address,
}

impl Asked {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Registration => "attempt.letters",
            Self::Reset => "attempt.letters.reset",
            Self::Address => "attempt.letters.address",
        }
    }
}

/// A try that was let through.
#[derive(Debug)]
pub struct Attempt {
    counted: Counted,
    /// Failures in a row with this one, should it fail, of account or device.
    failures: i32,
    pub blocked_until: Option<DateTime<Utc>>,
    /// Its failure begins the first wait of the address that asks: until then.
    pub address_until: Option<DateTime<Utc>>,
}

impl Attempt {
    /// Its failure begins the first wait.
    pub const fn locks(&self) -> bool {
        self.failures == FREE
    }
}

/// What `device` shows of itself counts only for the account that it was given for.
pub fn sign_in(sealer: &dyn Sealer, email: &Email, device: Option<&str>, address: Option<IpAddr>) -> Counted {
    let account = email_hash(sealer, email);
    of_device(sealer, "attempt.device", &account, device).unwrap_or_else(|| Counted {
        address: address_key(sealer, address),
        ..Counted::only(account_key(sealer, &account))
    })
}

/// Codes of the second factor: whoever gets here knows the password.
pub fn second_factor(sealer: &dyn Sealer, user: UserId, email: &Email, device: Option<&str>) -> Counted {
    of_device(sealer, "attempt.factor.device", &email_hash(sealer, email), device)
        .unwrap_or_else(|| Counted::only(factor_key(sealer, user)))
}

fn of_device(sealer: &dyn Sealer, purpose: &str, account: &[u8; 32], device: Option<&str>) -> Option<Counted> {
    let device = device.filter(|device| is_known(sealer, account, device))?;
    let counted = Counted::only(sealer.index(purpose, device.as_bytes()));
    Some(Counted { account: Some(account_key(sealer, account)), ..counted })
}

/// The password of whoever is signed in already.
pub fn confirmation(sealer: &dyn Sealer, user: UserId) -> Counted {
    Counted::only(sealer.index("attempt.confirmation", user.as_uuid().as_bytes()))
}

/// Letters that anybody can have sent to an address.
pub fn letters(sealer: &dyn Sealer, email: &Email, asked: Asked) -> Counted {
    Counted::only(sealer.index(asked.as_str(), &email_hash(sealer, email)))
}

fn factor_key(sealer: &dyn Sealer, user: UserId) -> [u8; 32] {
    sealer.index("attempt.factor", user.as_uuid().as_bytes())
}

fn account_key(sealer: &dyn Sealer, account: &[u8; 32]) -> [u8; 32] {
    sealer.index("attempt.account", account)
}

fn address_key(sealer: &dyn Sealer, address: Option<IpAddr>) -> Option<[u8; 32]> {
    let address = address.map(|address| address.to_canonical()).filter(|address| !address.is_loopback())?;
    let network = match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets()[..8].to_vec(),
    };
    Some(sealer.index("attempt.address", &network))
}

/// Counts the try, or refuses it.
pub async fn begin(core: &Core, counted: Counted) -> Result<Attempt, Failure> {
    let (failures, blocked_until, refused) = count(core, &counted.subject, counted.account.as_ref()).await?;
    if refused {
        return Err(wait(blocked_until));
    }
    let mut address_until = None;
    if let Some(address) = &counted.address {
        let (failures, until, refused) = count(core, address, None).await?;
        if refused {
            return Err(wait(until));
        }
        address_until = until.filter(|_| failures == FREE);
    }
    Ok(Attempt { counted, failures, blocked_until, address_until })
}

async fn count(
    core: &Core,
    key: &[u8; 32],
    account: Option<&[u8; 32]>,
) -> Result<(i32, Option<DateTime<Utc>>, bool), Failure> {
    Ok(sqlx::query_as(COUNT).bind(key).bind(FREE).bind(account).fetch_one(&core.pool).await?)
}

fn wait(until: Option<DateTime<Utc>>) -> Failure {
    let left = until.and_then(|until| (until - Utc::now()).to_std().ok()).unwrap_or(Duration::from_secs(1));
    let detail = "Too many tries. Wait a moment, or open the link in the mail that was sent to this address.";
    Failure { retry_after: Some(left + Duration::from_secs(1)), ..Failure::new(Code::TooManyRequests, detail) }
}

/// It was right: the account or device begins anew; the address gets back this try only, so that an account of one's
/// own does not open the way to others.
pub async fn succeed(core: &Core, attempt: &Attempt) -> Result<(), Failure> {
    const GIVE_BACK: &str = "
update access.attempt set failures = greatest(failures - 1, 0),
    blocked_until = case when failures - 1 >= $2 then blocked_until end
where key = $1";
    sqlx::query("delete from access.attempt where key = $1").bind(attempt.counted.subject).execute(&core.pool).await?;
    if let Some(address) = &attempt.counted.address {
        sqlx::query(GIVE_BACK).bind(address).bind(FREE).execute(&core.pool).await?;
    }
    Ok(())
}

/// The link in the mail was opened, or the password set anew: whatever of the account waited begins anew, each of its
/// devices too. Which of them the letter was about is not asked.
pub async fn unlock_in_tx(core: &Core, tx: &mut PgConnection, user: UserId, email: &Email) -> Result<(), Failure> {
    let sealer = &*core.sealer;
    let account = account_key(sealer, &email_hash(sealer, email));
    let keys = [account, factor_key(sealer, user), confirmation(sealer, user).subject];
    sqlx::query("delete from access.attempt where key = any($1) or owner = $2")
        .bind(keys.map(|key| key.to_vec()).to_vec())
        .bind(account)
        .execute(tx)
        .await?;
    Ok(())
}

/// Nothing that was counted of a person who is erased stays.
pub async fn forget_in_tx(core: &Core, tx: &mut PgConnection, user: UserId, emails: &[Email]) -> Result<(), Failure> {
    let sealer = &*core.sealer;
    let accounts: Vec<_> = emails.iter().map(|email| account_key(sealer, &email_hash(sealer, email))).collect();
    let of =
        |email| [Asked::Registration, Asked::Reset, Asked::Address].map(|asked| letters(sealer, email, asked).subject);
    let own = [factor_key(sealer, user), confirmation(sealer, user).subject];
    let keys = emails.iter().flat_map(of).chain(own).chain(accounts.iter().copied());
    sqlx::query("delete from access.attempt where key = any($1) or owner = any($2)")
        .bind(keys.map(|key| key.to_vec()).collect::<Vec<_>>())
        .bind(accounts.iter().map(|key| key.to_vec()).collect::<Vec<_>>())
        .execute(tx)
        .await?;
    Ok(())
}

/// What a browser keeps after a sign-in: 16 random bytes, and that we gave them to this account.
pub fn device_token(sealer: &dyn Sealer, email: &Email) -> String {
    let mut nonce = [0; 16];
    rand::thread_rng().fill_bytes(&mut nonce);
    let seal = device_seal(sealer, &email_hash(sealer, email), &nonce);
    URL_SAFE_NO_PAD.encode([nonce.as_slice(), &seal].concat())
}

fn is_known(sealer: &dyn Sealer, account: &[u8; 32], device: &str) -> bool {
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(device) else { return false };
    let Some((nonce, seal)) = bytes.split_first_chunk::<16>() else { return false };
    // Compared as hashes of both, so that time tells nothing of where they differ.
    let expected = device_seal(sealer, account, nonce);
    sealer.index("compare", seal) == sealer.index("compare", &expected)
}

fn device_seal(sealer: &dyn Sealer, account: &[u8; 32], nonce: &[u8; 16]) -> [u8; 32] {
    sealer.index("device", &[account.as_slice(), nonce].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::seal::KeySealer;

    #[test]
    fn a_device_is_known_for_its_own_account() {
        let sealer = KeySealer::from_key(&[7; 32]);
        let (ada, bob): (Email, Email) = ("ada@example.com".parse().unwrap(), "bob@example.com".parse().unwrap());
        let device = device_token(&sealer, &ada);
        assert!(is_known(&sealer, &email_hash(&sealer, &ada), &device));
        assert!(!is_known(&sealer, &email_hash(&sealer, &bob), &device));
        assert!(!is_known(&sealer, &email_hash(&sealer, &ada), "AAAA"));
    }

    #[test]
    fn a_network_counts_as_one_and_loopback_not_at_all() {
        let sealer = KeySealer::from_key(&[7; 32]);
        let key = |address: &str| address_key(&sealer, Some(address.parse().unwrap()));
        assert_eq!(key("2001:db8::1"), key("2001:db8::2"));
        assert_ne!(key("2001:db8::1"), key("2001:db8:1::1"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
        assert_eq!((key("127.0.0.1"), key("::1")), (None, None));
    }
}
