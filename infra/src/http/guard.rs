//! Who asks: the session of every request, before any handler sees it.
//!
//! Without one nothing is served but health, the files of the page (they hold no data) and the sign-in itself. A
//! request that changes something, or opens a WebSocket, must come from our own page: its `Origin` is our host, or it
//! brings a bearer token, which no foreign page has.

use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, AUTHORIZATION, HOST, LOCATION, ORIGIN, UPGRADE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::Code;

use super::{problem, ui};
