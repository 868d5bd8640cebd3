//! TCP and UDP behind the routers: services, their health, middlewares, and the relay of bytes.
//!
//! A connection comes here when its router is known, TLS is terminated or not to be, and the PROXY protocol
//! header is read. [`admit`] asks the middlewares, [`Service::serve`] does the rest. Services and middlewares are
//! shared by all workers; a relay belongs to the worker of its connection. [`serve_udp`] is the same for a UDP entry
//! point, which one worker serves.

mod address;
mod health;
mod middlewares;
mod preface;
mod relay;
mod service;
mod transport;
mod turn;
mod udp;

pub use address::{ServerAddress, ServerAddressError};
pub use health::health_checks;
pub use middlewares::{InFlight, InFlightConn, IpAllowList, Middleware, MiddlewareError, Refused, admit};
pub use preface::Preface;
pub use relay::{End, Method, Relayed, relay, relay_by};
pub use service::{LoadBalancer, Server, Service, Weighted};
pub use transport::{BadVersion, DialError, TlsConnector, Transport, TransportOptions};
pub use udp::{UdpOptions, UdpServers, UdpService, UdpWeighted, serve_udp};
