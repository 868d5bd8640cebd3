//! What a TCP connection passes before its service (specification section 4.24).

mod in_flight_conn;
mod ip_allow_list;

use std::net::IpAddr;
use std::sync::Arc;

use ferroway_config::dynamic::TcpMiddleware;

pub use in_flight_conn::{InFlight, InFlightConn};
pub use ip_allow_list::IpAllowList;

/// A middleware, shared by all workers. One that counts keeps its count as long as the same object is used, so a
/// reload passes it on while its configuration is the same.
#[derive(Debug, Clone)]
pub enum Middleware {
    /// Limits the open connections of a client.
    InFlightConn(Arc<InFlightConn>),
    /// Lets in certain clients only.
    IpAllowList(Arc<IpAllowList>),
}

/// Why a middleware cannot be built.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum MiddlewareError {
    /// It is of no kind.
    #[error("invalid TCP middleware: no kind is set, expected inFlightConn or ipAllowList")]
    Empty,
    /// An option of it is wrong.
    #[error("{0}")]
    Invalid(String),
}

/// Why a connection is refused; it is to be closed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Its address is not in the list.
    #[error("{0} is not in the source range")]
    NotAllowed(IpAddr),
    /// It has too many already.
    #[error("{0} has as many connections as it may have")]
    TooMany(IpAddr),
}

impl Middleware {
    /// From its configuration. Of several kinds the last of inFlightConn, ipWhiteList, ipAllowList counts.
    ///
    /// # Errors
    /// It has no kind, or an option is wrong.
    pub fn new(config: &TcpMiddleware) -> Result<Self, MiddlewareError> {
        match (&config.in_flight_conn, &config.ip_white_list, &config.ip_allow_list) {
            (_, _, Some(list)) | (_, Some(list), None) => {
                Ok(Self::IpAllowList(Arc::new(IpAllowList::new(&list.source_range)?)))
            }
            (Some(limit), None, None) => Ok(Self::InFlightConn(Arc::new(InFlightConn::new(limit.amount)))),
            (None, None, None) => Err(MiddlewareError::Empty),
        }
    }

    /// Lets a connection of `peer` pass. What is returned is to be kept until the connection ends.
    ///
    /// # Errors
    /// The connection is refused.
    pub fn admit(&self, peer: IpAddr) -> Result<Option<InFlight>, Refused> {
        let peer = peer.to_canonical();
        match self {
            Self::InFlightConn(limit) => limit.enter(peer).map(Some).ok_or(Refused::TooMany(peer)),
            Self::IpAllowList(list) if list.contains(peer) => Ok(None),
            Self::IpAllowList(_) => Err(Refused::NotAllowed(peer)),
        }
    }
}

/// Lets a connection pass a chain of middlewares, in this order; see [`Middleware::admit`].
///
/// # Errors
/// One of them refuses it.
pub fn admit(middlewares: &[Middleware], peer: IpAddr) -> Result<Vec<InFlight>, Refused> {
    middlewares.iter().filter_map(|middleware| middleware.admit(peer).transpose()).collect()
}

#[cfg(test)]
mod tests {
    use ferroway_config::dynamic::{TcpInFlightConn, TcpIpAllowList};

    use super::*;

    fn list(ranges: &[&str]) -> Option<TcpIpAllowList> {
        Some(TcpIpAllowList { source_range: ranges.iter().map(|range| (*range).to_owned()).collect() })
    }

    #[test]
    fn lists() {
        for (ranges, peer, allowed) in [
            (&["127.0.0.1"][..], "127.0.0.1", true),
            (&["127.0.0.1"], "::ffff:127.0.0.1", true),
            (&["127.0.0.1"], "127.0.0.2", false),
            (&["10.1.2.3/8", "::1"], "10.255.0.1", true),
            (&["10.1.2.3/8", "::1"], "::1", true),
            (&["::ffff:10.0.0.0/104"], "10.9.9.9", true),
            (&["::/0"], "10.0.0.1", false),
        ] {
            let config = TcpMiddleware { ip_white_list: list(ranges), ..TcpMiddleware::default() };
            let admitted = Middleware::new(&config).expect("valid").admit(peer.parse().expect("an address"));
            assert_eq!(admitted.is_ok(), allowed, "{peer} in {ranges:?}");
        }
    }

    #[test]
    fn a_client_has_so_many_connections_and_not_more() {
        let config =
            TcpMiddleware { in_flight_conn: Some(TcpInFlightConn { amount: 2 }), ..TcpMiddleware::default() };
        let chain = [Middleware::new(&config).expect("valid")];
        let enter = |peer: &str| admit(&chain, peer.parse().expect("an address"));
        let first = enter("10.0.0.1").expect("one");
        let _second = enter("::ffff:10.0.0.1").expect("two");
        let refused = enter("10.0.0.1").expect_err("three");
        assert_eq!(refused.to_string(), "10.0.0.1 has as many connections as it may have");
        let other = enter("10.0.0.2").expect("another client");
        drop(first);
        let third = enter("10.0.0.1").expect("one has gone");
        drop((third, other, _second));
        let [Middleware::InFlightConn(limit)] = &chain else { panic!("the kind above") };
        assert_eq!(limit.clients(), 0, "clients that are gone take no memory");
    }

    #[test]
    fn errors_and_the_order_of_kinds() {
        let empty = TcpMiddleware::default();
        assert_eq!(Middleware::new(&empty).map(|_| ()), Err(MiddlewareError::Empty));
        for (ranges, expected) in [
            (&[][..], "sourceRange is empty, expected the addresses that may pass"),
            (
                &["1.2.3.4", "x"],
                "invalid CIDR address: \"x\" is neither an IP address nor a range like 10.0.0.0/8",
            ),
        ] {
            let config = TcpMiddleware { ip_allow_list: list(ranges), ..TcpMiddleware::default() };
            assert_eq!(Middleware::new(&config).expect_err("invalid").to_string(), expected);
        }
        let both = TcpMiddleware {
            in_flight_conn: Some(TcpInFlightConn { amount: 0 }),
            ip_white_list: list(&["x"]),
            ip_allow_list: list(&["::1"]),
        };
        assert!(matches!(Middleware::new(&both), Ok(Middleware::IpAllowList(_))));
    }
}
