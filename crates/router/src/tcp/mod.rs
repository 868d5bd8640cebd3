//! TCP routers: rules on a connection, and the table that finds the router of one (specification section 2.8).
//!
//! Rules share their grammar, messages and the order of routes with HTTP. What a connection has is little (a
//! server name, protocols, an address), so the index is simple: routes by the server names of which one is
//! necessary for them, and a list of the rest. What the index finds is checked with the rule itself, as for
//! HTTP.

mod matchers;
mod rule;
mod table;

pub use rule::{TcpRule, host_sni_names};
pub use table::{TcpRoute, TcpTable};

use std::borrow::Cow;
use std::net::IpAddr;

/// The parts of a connection that rules look at, borrowed from it.
#[derive(Debug)]
pub struct TcpView<'a> {
    /// In lower case; empty when there is none.
    server_name: Cow<'a, str>,
    peer: IpAddr,
    alpn: &'a [&'a [u8]],
}

impl<'a> TcpView<'a> {
    /// A connection whose TLS greeting named this server and offered these protocols; `None` and none for one
    /// that is not TLS. `peer` is the client's address, after the PROXY protocol.
    pub fn new(server_name: Option<&'a str>, peer: IpAddr, alpn: &'a [&'a [u8]]) -> Self {
        let name = server_name.unwrap_or_default().trim();
        let server_name = if name.bytes().any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii()) {
            Cow::Owned(name.to_lowercase())
        } else {
            Cow::Borrowed(name)
        };
        Self { server_name, peer: peer.to_canonical(), alpn }
    }
}

#[cfg(test)]
mod tests;
