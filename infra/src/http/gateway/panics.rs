//! A handler that panics answers a problem and is logged; the process goes on.

use std::any::Any;

use axum::response::Response;
use domain::Code;

use crate::http::problem;

// The layer hands the panic over.
#[allow(clippy::needless_pass_by_value)]
pub fn told(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned()).or_else(|| panic.downcast_ref().cloned());
    tracing::error!(panic = text.unwrap_or_default(), "a handler panicked");
    problem::refuse(Code::Internal, "This could not be answered. It is logged; nothing is lost.")
}
