//! A handler that panics answers a problem and is logged; the process goes on. Where it happened the hook of the program
//! says ([`crate::panics`]); what it says is said nowhere.

use std::any::Any;

use axum::response::Response;
use domain::Code;

use crate::http::problem;

pub fn told(panic: Box<dyn Any + Send + 'static>) -> Response {
    drop(panic);
    tracing::error!("a handler panicked");
    problem::refuse(Code::Internal, "This could not be answered. It is logged; nothing is lost.")
}
