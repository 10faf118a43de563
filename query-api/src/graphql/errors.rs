//! Errors as callers see them: a text for people, and `extensions.code` for programs.

use async_graphql::{Response, ServerError, Value};
use domain::{Code, Problem};

use crate::Failure;

/// Gives every error its code. What came from inside without one is logged and told as a fault of ours: nothing of
/// its text leaves the process.
#[must_use]
pub fn finished(mut response: Response) -> Response {
    for error in &mut response.errors {
        finish(error);
    }
    response
}

fn finish(error: &mut ServerError) {
    if error.extensions.as_ref().is_some_and(|extensions| extensions.get("code").is_some()) {
        return;
    }
    if let Some(problem) = problem_of(error) {
        error.message.clone_from(&problem.detail);
        set_code(error, problem.code);
    } else if error.source.is_some() {
        tracing::error!(error = error.message, "a resolver failed");
        error.message = "This could not be answered. It is logged; nothing is lost.".to_owned();
        set_code(error, Code::Internal);
    } else {
        // The request itself: it does not parse, does not fit the schema, or is beyond a limit.
        set_code(error, Code::Invalid);
    }
    error.source = None;
}

fn problem_of(error: &ServerError) -> Option<Problem> {
    match (error.source::<Failure>(), error.source::<Problem>()) {
        (Some(failure), _) => Some(failure.problem()),
        (_, Some(problem)) => Some(problem.clone()),
        _ => None,
    }
}

fn set_code(error: &mut ServerError, code: Code) {
    error.extensions.get_or_insert_with(Default::default).set("code", Value::from(code.as_str()));
}
