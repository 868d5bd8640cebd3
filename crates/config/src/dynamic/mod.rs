//! The dynamic configuration: what providers deliver again and again while ferroway runs.

mod http;
mod kind;
mod middleware;
mod object;
mod reuse;
mod service;
mod shared;
mod tcp;
mod tls;
mod udp;

#[cfg(test)]
mod tests;

pub use http::{Http, Router, RouterObservability};
pub use kind::KindError;
pub use middleware::*;
pub use object::Object;
pub use service::*;
pub use shared::{Certificate, ClientTls, Domain, Enabled, RouterTls, Spiffe};
pub use tcp::*;
pub use tls::{ClientAuth, GeneratedCert, StoredCertificate, Tls, TlsOptions, TlsStore};
pub use udp::*;

use crate::decode::{Broken, Context, config, members};
use crate::node::{Node, Value};
use crate::problem::Problem;

config! {
    /// The root of a document.
    pub struct Root: "*dynamic.Configuration" {
        /// HTTP routing.
        "http" http: Http,
        /// TCP routing.
        "tcp" tcp: Tcp,
        /// UDP routing.
        "udp" udp: Udp,
        /// TLS towards clients.
        "tls" tls: Tls,
    }
}

/// One provider's dynamic configuration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dynamic {
    /// HTTP routing.
    pub http: Http,
    /// TCP routing.
    pub tcp: Tcp,
    /// UDP routing.
    pub udp: Udp,
    /// TLS towards clients.
    pub tls: Tls,
    /// Objects that could not be decoded; they are in no map above.
    pub broken: Vec<Broken>,
}

/// Decodes a document of dynamic configuration.
///
/// An object with errors goes to [`Dynamic::broken`] and leaves the others alone; an unknown or bad option outside
/// of objects is left out. All problems are in the second value too, those outside of objects first, so a caller
/// that, like Traefik's file provider, refuses a document with errors looks there.
pub fn decode_dynamic(node: &Node) -> (Dynamic, Vec<Problem>) {
    let mut cx = Context::new();
    let mut dynamic = Dynamic::default();
    match node.value {
        Value::Null => {}
        Value::Map(_) => {
            members(node, Root::SECTION, &mut cx, &mut |index, node, cx| {
                match Root::SECTION.fields[index].name {
                    "http" => dynamic.http.decode_parts(node, cx),
                    "tcp" => dynamic.tcp.decode_parts(node, cx),
                    "udp" => dynamic.udp.decode_parts(node, cx),
                    _ => dynamic.tls.decode_parts(node, cx),
                };
            });
        }
        _ => {
            let _: Option<()> = cx.expected(node, "a map with http, tcp, udp or tls");
        }
    }
    let (mut problems, broken) = cx.finish();
    problems.extend(broken.iter().flat_map(|object| object.problems.iter().cloned()));
    dynamic.broken = broken;
    (dynamic, problems)
}
