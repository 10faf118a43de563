//! What knowing who asks, and whether they may, adds to a request: session, rate limits, journal of refusals and the table
//! of rights, beside the same question asked by somebody who is known already.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_graphql::EmptyMutation;
use axum::body::Body;
use axum::http::{Request, header};
use axum::{Extension, Router};
use command_api::identity::{Identity, KeySealer, Parts, Settings, Transport, issue_link};
use domain::access::Principal;
use infra::compose::recording::Recording;
use infra::config::Http;
use infra::http::{Gateway, guarded};
use query_api::graphql::{Deps, build_schema};
use query_api::live::Hub;
use query_api::reader::Reader;
use serde_json::json;
use streams::security::SecurityLog;
use tower::ServiceExt;

use crate::world::World;
use crate::{ROUNDS, spread};

const ASKED: usize = 5_000;
const PAGE: &str = "http://127.0.0.1";
const HOST: &str = "127.0.0.1";

pub async fn measure() {
    let mut world = World::new().await;
    world.sequence();
    world.project();
    let account = world.account().await;
    let receipt = world.sync_one(account, "sale").await;
    let position = world.commands.position_of(&receipt).await.unwrap().unwrap().last;
    world.shown(position).await;

    let mail = tempfile::tempdir().unwrap();
    let identity = identity(&world, mail.path());
    let routes = routes(&world);
    let recording = Recording::new(journal(&world), world.pool.clone());
    let all = routes.clone().merge(command_api::identity::router(identity.clone()));
    let guarded = guarded(all, identity, &gateway(), recording);
    let known = routes.layer(Extension(Principal::local_owner()));
    let cookie = sign_in(&world, &guarded).await;

    let (mut with, mut without, mut added) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let (mut checked, mut plain) = (Vec::new(), Vec::new());
        for _ in 0..ASKED {
            plain.push(ask(&world, &known, None).await);
            checked.push(ask(&world, &guarded, Some(&cookie)).await);
        }
        // The first round warms up.
        if round > 0 {
            let (checked, plain) = (median(&mut checked), median(&mut plain));
            with.push(checked);
            without.push(plain);
            added.push(checked - plain);
        }
    }
    println!("authorise with all checks p50 {} µs, without {} µs", spread(&with), spread(&without));
    println!("          added {} µs (at most 50)", spread(&added));
    world.stop().await;
}

fn identity(world: &World, mail: &std::path::Path) -> Identity {
    Identity::try_new(Parts {
        pool: world.pool.clone(),
        settings: Settings { base_url: PAGE.to_owned(), own_words: Vec::new() },
        sealer: Arc::new(KeySealer::from_key(&rand::random())),
        keys: streams::testing::keys(&world.pool),
        journal: Arc::new(journal(world)),
        transport: Transport::folder("Workdock <workdock@localhost>", mail).unwrap(),
        places: None,
    })
    .unwrap()
}

fn journal(world: &World) -> SecurityLog {
    SecurityLog::new(world.pool.clone(), streams::testing::keys(&world.pool))
}

/// Its limits are counted, and never reached.
fn gateway() -> Gateway {
    let mut http = Http::default();
    http.limits.user = 100_000_000;
    Gateway::new(&http, false)
}

fn routes(world: &World) -> Router {
    let reader = Reader::new(world.pool.clone(), streams::testing::keys(&world.pool));
    let deps = Deps { hub: Hub::new(world.nats.client(), world.nats.prefix(), reader.clone()), reader };
    query_api::router(&deps, build_schema(EmptyMutation, &deps))
}

async fn sign_in(world: &World, router: &Router) -> String {
    let link = issue_link(&world.pool, &journal(world), PAGE).await.unwrap();
    let token = link.split_once("token=").unwrap().1;
    let request = Request::post("/api/v1/session").header(header::ORIGIN, PAGE).header(header::HOST, HOST);
    let request = request.header(header::CONTENT_TYPE, "application/json");
    let body = Body::from(json!({ "token": token }).to_string());
    let answer = router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.status());
    let cookies = answer.headers().get_all(header::SET_COOKIE).iter();
    let pairs = cookies.filter_map(|cookie| cookie.to_str().ok()?.split(';').next().map(str::to_owned));
    pairs.collect::<Vec<_>>().join("; ")
}

/// A question that reads rows, without a socket between.
async fn ask(world: &World, router: &Router, cookie: Option<&str>) -> Duration {
    let path = format!("/api/v1/metrics/{}/summary?from=2026-01-01&to=2026-12-31", world.business);
    let request = match cookie {
        Some(cookie) => Request::get(path).header(header::COOKIE, cookie),
        None => Request::get(path),
    };
    let (request, router) = (request.body(Body::empty()).unwrap(), router.clone());
    let begun = Instant::now();
    let answer = router.oneshot(request).await.unwrap();
    let (parts, body) = answer.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let took = begun.elapsed();
    assert!(parts.status.is_success(), "{}: {}", parts.status, String::from_utf8_lossy(&body));
    took
}

/// In microseconds.
fn median(of: &mut [Duration]) -> f64 {
    of.sort_unstable();
    of[of.len() / 2].as_secs_f64() * 1e6
}
