//! `workdock schema`: what partners and generators read, from the program itself. Needs no server.

use std::process::ExitCode;

use clap::ValueEnum;
use command_api::graphql::Mutation;

use super::output;

#[derive(Debug, clap::Args)]
#[group(skip)]
pub struct Arguments {
    #[arg(value_enum)]
    what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// The schema definition of GraphQL
    Graphql,
    /// The OpenAPI description of REST
    Openapi,
    /// The JSON Schema of each event, by its type and version
    Events,
}

pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let text = match arguments.what {
        What::Graphql => query_api::graphql::merged(Mutation::default()).finish().sdl(),
        What::Openapi => query_api::rest::openapi().to_pretty_json()?,
        What::Events => serde_json::to_string_pretty(&streams::schemas::generated())?,
    };
    output::line(text.trim_end())?;
    Ok(ExitCode::SUCCESS)
}
