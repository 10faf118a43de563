//! The schema, merged from one file per context. A resolver authorises, asks [`Reader`](crate::reader::Reader) once
//! and maps; the contract is `ui/schema.graphql`, which a test holds against this code.

mod audit;
mod batches;
mod beside;
mod business;
mod changes;
pub(crate) mod completeness;
pub(crate) mod connections;
pub mod contract;
mod cost;
mod documents;
mod entities;
mod errors;
mod explain;
mod extent;
mod found;
mod input;
mod limits;
mod loaders;
mod matches;
mod meaning;
mod metrics;
mod months;
mod names;
#[cfg(test)]
mod page_tests;
mod payloads;
mod rates;
mod records;
mod recurring;
mod rules;
mod standing;
mod subscription;
mod team;
mod transactions;
mod viewed;
mod viewer;

use async_graphql::{EmptyMutation, MergedObject, ObjectType, Schema, SchemaBuilder};
use domain::access::Principal;
use domain::{Code, Problem};

pub use business::ByHeader;
pub use errors::finished;
pub use input::Position;
pub use limits::{Limits, MOST_QUERY_BYTES, changes};
pub use subscription::Subscription;

use crate::live::Hub;
use crate::reader::Reader;

/// Everything that can be asked for.
#[derive(Debug, MergedObject, Default)]
pub struct Query(viewer::ViewerQuery, business::BusinessQuery);

/// What resolvers work with.
#[derive(Debug, Clone)]
pub struct Deps {
    pub reader: Reader,
    pub hub: Hub,
}

/// The schema with its limits, open for more data: `.data(x).finish()`.
pub fn schema_builder<M: ObjectType + 'static>(mutation: M, deps: &Deps) -> SchemaBuilder<Query, M, Subscription> {
    let builder = merged(mutation).data(deps.reader.clone()).data(deps.hub.clone());
    Limits::default().apply(loaders::add(builder, &deps.reader))
}

/// The whole schema without anything to work with: what it says, and no more.
///
/// Services know nothing of each other, so each has its own type for a role or a kind; both say the same.
pub fn merged<M: ObjectType + 'static>(mutation: M) -> SchemaBuilder<Query, M, Subscription> {
    Schema::build_with_ignore_name_conflicts(Query::default(), mutation, Subscription, SHARED)
}

/// Types that both sides have.
const SHARED: [&str; 5] = ["Role", "Kind", "Sign", "RuleInput", "RuleWhenInput"];

/// The schema, with another service's mutations merged in.
pub fn build_schema<M: ObjectType + 'static>(mutation: M, deps: &Deps) -> Schema<Query, M, Subscription> {
    schema_builder(mutation, deps).finish()
}

/// The read side's own part of the schema definition.
pub fn sdl() -> String {
    Schema::build(Query::default(), EmptyMutation, Subscription).finish().sdl()
}

/// Who asks, put into the request by the edge.
fn principal<'a>(ctx: &async_graphql::Context<'a>) -> Result<&'a Principal, Problem> {
    ctx.data_opt::<Principal>().ok_or_else(|| Problem::new(Code::Unauthenticated, "Sign in first."))
}
