//! `forwardedHeaders`: what a request tells servers about its way (specification section 6.2).

use std::net::IpAddr;

use ferroway_core::header::{
    X_FORWARDED_FOR, X_FORWARDED_HOST, X_FORWARDED_PORT, X_FORWARDED_PROTO, X_FORWARDED_SERVER, X_REAL_IP,
    is_forwarded, list_elements,
};
use ferroway_core::{ConnInfo, HeaderList, RequestHead};
use http::HeaderValue;
use http::header::HeaderName;
use ipnet::IpNet;

/// Whose forwarded headers are believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// Everybody's.
    All,
    /// Those of peers in these networks.
    Networks(Vec<IpNet>),
}

/// What servers are told about a request's way.
#[derive(Debug)]
pub struct Forwarded {
    /// Whose headers are believed.
    pub trust: Trust,
    /// Name of this machine.
    pub server: HeaderValue,
    /// Whether the peer is appended to `X-Forwarded-For`.
    pub append_for: bool,
}

impl Trust {
    /// Whether this peer's headers are believed.
    pub fn includes(&self, peer: IpAddr) -> bool {
        match self {
            Self::All => true,
            Self::Networks(networks) => {
                let peer = peer.to_canonical();
                networks.iter().any(|network| network.contains(&peer))
            }
        }
    }
}

impl Forwarded {
    /// Whether what the peer says of the request's way is believed.
    pub(crate) fn trusts(&self, conn: &ConnInfo) -> bool {
        self.trust.includes(conn.peer.ip())
    }

    /// Removes what the peer may not say and adds what is missing.
    pub(super) fn apply(&self, head: &mut RequestHead, conn: &ConnInfo) {
        let headers = &mut head.headers;
        // What a trusted peer said stays; of anybody else's nothing is left to look at.
        let trusted = self.trusts(conn);
        if trusted {
            join_lines(headers, &X_FORWARDED_FOR);
        } else {
            headers.retain(|name| !is_forwarded(name.as_str()));
        }
        let missing = |headers: &HeaderList, name: HeaderName| !trusted || is_unset(headers, &name);
        let set = if trusted { HeaderList::insert } else { HeaderList::append };
        if missing(headers, X_REAL_IP) {
            set(headers, X_REAL_IP, conn.peer_ip.clone());
        }
        if missing(headers, X_FORWARDED_PROTO) {
            let websocket = head.upgrade.as_ref().is_some_and(is_websocket);
            let scheme = match (websocket, conn.is_tls()) {
                (false, false) => "http",
                (false, true) => "https",
                (true, false) => "ws",
                (true, true) => "wss",
            };
            set(headers, X_FORWARDED_PROTO, HeaderValue::from_static(scheme));
        }
        if missing(headers, X_FORWARDED_PORT) {
            let port = port(&head.host, headers, conn.is_tls());
            set(headers, X_FORWARDED_PORT, port);
        }
        if missing(headers, X_FORWARDED_HOST) && !head.host.is_empty() {
            set(headers, X_FORWARDED_HOST, head.host.clone());
        }
        set(headers, X_FORWARDED_SERVER, self.server.clone());
    }
}

fn is_unset(headers: &HeaderList, name: &HeaderName) -> bool {
    headers.get(name).is_none_or(HeaderValue::is_empty)
}

fn is_websocket(protocol: &HeaderValue) -> bool {
    protocol.as_bytes().eq_ignore_ascii_case(b"websocket")
}

/// Makes one line of several.
fn join_lines(headers: &mut HeaderList, name: &HeaderName) {
    if headers.get_all(name).nth(1).is_none() {
        return;
    }
    let joined = list_elements(headers, name).collect::<Vec<_>>().join(", ");
    if let Ok(joined) = HeaderValue::try_from(joined) {
        headers.insert(name.clone(), joined);
    }
}

/// The port that the client meant: that of the host, else that of the scheme.
fn port(host: &HeaderValue, headers: &HeaderList, tls: bool) -> HeaderValue {
    let text = host.to_str().unwrap_or_default();
    let after_address = text.rfind(']').map_or(0, |bracket| bracket + 1);
    let port = text[after_address..].split_once(':').map(|(_, port)| port).filter(|port| !port.is_empty());
    if let Some(port) = port.and_then(|port| HeaderValue::from_str(port).ok()) {
        return port;
    }
    let proto = headers.get(&X_FORWARDED_PROTO).map(HeaderValue::as_bytes);
    let secure = tls || matches!(proto, Some(b"https" | b"wss"));
    HeaderValue::from_static(if secure { "443" } else { "80" })
}
