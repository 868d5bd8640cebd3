//! What rules see of a request.

use std::net::IpAddr;

use crate::Query;
use ferroway_core::HeaderList;

/// The parts of a request that matchers look at, borrowed from it.
#[derive(Debug)]
pub struct RequestView<'a> {
    /// The host in canonical form, as [`canonical_host`](crate::canonical_host) gives it; empty when there is
    /// none.
    pub host: &'a str,
    /// The path in the form that [`routing_path`](crate::routing_path) gives.
    pub path: &'a str,
    /// The method, in its own case.
    pub method: &'a str,
    /// The header fields. `Host` is none of them, as in Go.
    pub headers: &'a HeaderList,
    /// The query.
    pub query: Query<'a>,
    /// The peer of the connection (after the PROXY protocol), never what X-Forwarded-For says.
    pub client: IpAddr,
}
