use std::net::IpAddr;

/// Where a request came from: recorded with what it did, and with what was refused.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// The id of the request, as the answer names it.
    pub request: String,
    /// The address of the client; `None` for the command line and for the program's own work.
    pub address: Option<IpAddr>,
    /// What the client calls itself, cut to 200 characters.
    pub agent: Option<String>,
    /// W3C trace context.
    pub traceparent: Option<String>,
}
