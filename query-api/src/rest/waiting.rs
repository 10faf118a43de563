//! `min_position`, which every read of the projected tables takes, described once for all of them.

use utoipa::Modify;
use utoipa::openapi::path::{Operation, Parameter};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, Response, ResponseBuilder};

const MEANING: &str = "A position of the log that a write answered with: waited for, two seconds at most, so that the \
                       answer holds what was written. 503 where it does not by then.";

pub struct Waiting;

impl Modify for Waiting {
    fn modify(&self, api: &mut OpenApi) {
        for path in api.paths.paths.values_mut() {
            for operation in [&mut path.get, &mut path.post].into_iter().flatten() {
                describe(operation);
            }
        }
    }
}

fn describe(operation: &mut Operation) {
    let Some(parameter) = operation.parameters.iter_mut().flatten().find(|parameter| waits(parameter)) else { return };
    parameter.description = Some(MEANING.to_owned());
    operation.responses.responses.insert("503".to_owned(), not_in_time().into());
}

fn waits(parameter: &Parameter) -> bool {
    parameter.name == "min_position"
}

fn not_in_time() -> Response {
    let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let text = "The figures do not show min_position yet; nothing is lost, try again";
    ResponseBuilder::new().description(text).content("application/problem+json", problem).build()
}
