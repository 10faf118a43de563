//! The read side's routes on a port of their own, as the owner sees them.

use axum::Extension;
use domain::access::Principal;
use query_api::graphql::{Deps, build_schema};
use query_api::live::Hub;
use query_api::reader::Reader;
use streams::projection::CheckpointWatch;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::world::World;

/// Serves until the process ends; gives the address, e.g. `127.0.0.1:4711`.
pub async fn serve(world: &World) -> String {
    serve_with_reader(world).await.0
}

/// The same, with what it reads by.
pub async fn serve_with_reader(world: &World) -> (String, Reader) {
    let watch = CheckpointWatch::start(world.pool.clone(), CancellationToken::new()).await.unwrap();
    let reader = Reader::new(world.pool.clone(), streams::testing::keys(&world.pool)).watching(watch);
    let beside = reader.clone();
    let deps = Deps { hub: Hub::new(world.nats.client(), world.nats.prefix(), reader.clone()), reader };
    let schema = build_schema(async_graphql::EmptyMutation, &deps);
    let router = query_api::router(&deps, schema).layer(Extension(Principal::local_owner()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (address, beside)
}
