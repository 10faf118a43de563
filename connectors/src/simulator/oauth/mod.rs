//! The OAuth server behind Stripe, QuickBooks and Shopify: codes, access tokens and refresh tokens that rotate.
//!
//! The consent page is [`pages`]; each provider answers in its own words and hands the work to [`Grants`].

pub(super) mod pages;

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::Provider;
use super::world::{World, lock};

/// How long what lives.
#[derive(Debug, Clone, Copy)]
pub struct Lives {
    pub code: TimeDelta,
    pub access: TimeDelta,
    pub refresh: TimeDelta,
}

impl Lives {
    pub const fn of(provider: Provider) -> Self {
        let (minutes, access, refresh) = match provider {
            Provider::Stripe => (5, 3600, 365 * 86_400),
            Provider::QuickBooks => (10, 3600, 8_726_400),
            Provider::Shopify => (10, 3600, 90 * 86_400),
            Provider::Plaid => (30, i64::MAX / 2_000_000, i64::MAX / 2_000_000),
        };
        Self {
            code: TimeDelta::seconds(minutes * 60),
            access: TimeDelta::seconds(access),
            refresh: TimeDelta::seconds(refresh),
        }
    }
}

/// What a provider answers to a code or a refresh token.
#[derive(Debug, Clone)]
pub struct Tokens {
    pub access: String,
    pub refresh: String,
    pub lives: Lives,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Good,
    Expired,
    /// Never given, replaced or taken back.
    Unknown,
}

#[derive(Debug)]
struct Code {
    provider: Provider,
    until: DateTime<Utc>,
    redirect_uri: String,
    /// PKCE: the challenge of S256.
    challenge: Option<String>,
    grant: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Given {
    provider: Provider,
    until: DateTime<Utc>,
    /// Tokens of one grant replace each other; those of others stay good.
    grant: String,
}

#[derive(Debug, Default)]
pub struct Grants(Mutex<Inner>);

/// Tokens that are out, as they are kept over a restart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Out {
    access: BTreeMap<String, Given>,
    refresh: BTreeMap<String, Given>,
}

#[derive(Debug, Default)]
struct Inner {
    codes: HashMap<String, Code>,
    out: Out,
}

impl Grants {
    pub fn remembered(out: Out) -> Self {
        Self(Mutex::new(Inner { codes: HashMap::new(), out }))
    }

    pub fn out(&self) -> Out {
        lock(&self.0).out.clone()
    }

    /// `of`: what is opened, where opening it again replaces the grant before; otherwise each code is a grant of its own.
    pub(super) fn code(
        &self,
        world: &World,
        provider: Provider,
        redirect_uri: &str,
        challenge: Option<String>,
        of: Option<&str>,
    ) -> String {
        let code = world.fresh("code_");
        let until = world.now() + Lives::of(provider).code;
        let grant = of.unwrap_or(&code).to_owned();
        let kept = Code { provider, until, redirect_uri: redirect_uri.to_owned(), challenge, grant };
        lock(&self.0).codes.insert(code.clone(), kept);
        code
    }

    /// A code works once, in time, for its redirect address and for whoever can answer its challenge.
    pub(super) fn exchange(
        &self,
        world: &World,
        provider: Provider,
        code: &str,
        redirect_uri: Option<&str>,
        verifier: Option<&str>,
    ) -> Option<Tokens> {
        let kept = lock(&self.0).codes.remove(code)?;
        let answers =
            kept.challenge.is_none_or(|challenge| verifier.is_some_and(|text| challenge_of(text) == challenge));
        let fits = redirect_uri.is_none_or(|uri| uri == kept.redirect_uri);
        let good = kept.provider == provider && world.now() <= kept.until && answers && fits;
        good.then(|| self.give(world, provider, &kept.grant))
    }

    /// New tokens for a refresh token, which dies with it.
    pub(super) fn refresh(&self, world: &World, provider: Provider, token: &str) -> Option<Tokens> {
        let kept = lock(&self.0).out.refresh.remove(token)?;
        (kept.provider == provider && world.now() <= kept.until).then(|| self.give(world, provider, &kept.grant))
    }

    fn give(&self, world: &World, provider: Provider, grant: &str) -> Tokens {
        let (access, refresh) = match provider {
            Provider::Stripe => ("sk_live_oauth_", "rt_"),
            Provider::Shopify => ("shpat_", "shprt_"),
            _ => ("AT-", "RT-"),
        };
        let lives = Lives::of(provider);
        let tokens = Tokens { access: world.fresh(access), refresh: world.fresh(refresh), lives };
        let out = &mut lock(&self.0).out;
        let other = |given: &Given| given.provider != provider || given.grant != grant;
        // Whoever keeps an old refresh token learns it; an old access token lives its time, but at Shopify.
        if provider == Provider::Shopify {
            out.access.retain(|_, given| other(given));
        }
        out.refresh.retain(|_, given| other(given));
        let now = world.now();
        let given = |lives| Given { provider, until: now + lives, grant: grant.to_owned() };
        let (access, refresh) = (given(lives.access), given(lives.refresh));
        out.access.insert(tokens.access.clone(), access);
        out.refresh.insert(tokens.refresh.clone(), refresh);
        tokens
    }

    pub(super) fn standing(&self, world: &World, provider: Provider, access: &str) -> Standing {
        match lock(&self.0).out.access.get(access) {
            Some(given) if given.provider != provider => Standing::Unknown,
            Some(given) if world.now() > given.until => Standing::Expired,
            Some(_) => Standing::Good,
            None => Standing::Unknown,
        }
    }

    /// Every access token of a provider is over its time.
    pub(super) fn expire(&self, provider: Provider) {
        for given in lock(&self.0).out.access.values_mut().filter(|given| given.provider == provider) {
            given.until = DateTime::UNIX_EPOCH;
        }
    }

    /// The user took back what was given.
    pub(super) fn revoke(&self, provider: Provider) {
        self.keep(|given| given.provider != provider);
    }

    /// One grant is given back.
    pub(super) fn give_back(&self, provider: Provider, grant: &str) {
        self.keep(|given| given.provider != provider || given.grant != grant);
    }

    /// The grant that a token, of either kind, is of.
    pub(super) fn grant_of(&self, token: &str) -> Option<String> {
        let out = &lock(&self.0).out;
        out.access.get(token).or_else(|| out.refresh.get(token)).map(|given| given.grant.clone())
    }

    fn keep(&self, stays: impl Fn(&Given) -> bool) {
        let out = &mut lock(&self.0).out;
        out.access.retain(|_, given| stays(given));
        out.refresh.retain(|_, given| stays(given));
    }
}

/// S256 of RFC 7636.
fn challenge_of(verifier: &str) -> String {
    use base64::Engine;
    use sha2::{Digest, Sha256};
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}
