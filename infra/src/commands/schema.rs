//! `workdock schema`: what partners and generators read, from the program itself. Needs no server.

use std::process::ExitCode;

use clap::ValueEnum;
use command_api::graphql::Mutation;

use super::output;
use crate::http;

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
    output::line(text(arguments.what)?.trim_end())?;
    Ok(ExitCode::SUCCESS)
}

fn text(what: What) -> anyhow::Result<String> {
    Ok(match what {
        What::Graphql => query_api::graphql::merged(Mutation::default()).finish().sdl(),
        What::Openapi => http::described().to_pretty_json()?,
        What::Events => serde_json::to_string_pretty(&streams::schemas::generated())?,
    })
}

/// A change of what partners see is seen in its diff.
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_schema_is_as_before() {
        insta::assert_snapshot!("graphql", text(What::Graphql).unwrap());
        insta::assert_snapshot!("openapi", text(What::Openapi).unwrap());
    }

    #[test]
    fn the_page_asks_for_what_there_is() {
        let page = include_str!("../../../ui/schema.graphql");
        let served = text(What::Graphql).unwrap();
        let differences = query_api::graphql::contract::differences(page, &served, |_| false).unwrap();
        assert!(differences.is_empty(), "{differences:#?}");
    }
}
