//! The HTTP middlewares, one folder each, and the table that makes running ones of their configuration.
//!
//! Everything that can be parsed or compiled is so when a middleware is built; a request only pays for its own edits.
//! Nothing here knows routers, services or sockets: a middleware sees heads ([`RequestHead`](ferroway_core::RequestHead)),
//! and those that wait or touch bodies are [`Wrap`]s.
//!
//! To add one: a folder named after its kind with the constructor, the filter or wrap, and `tests.rs`; then its `mod`
//! line and its line in the table, both in this file.

mod add_prefix;
mod answer;
mod chain;
mod encoded_characters;
mod error;
mod grpc_web;
mod headers;
mod ip_allow_list;
mod ip_white_list;
mod pass_tls_client_cert;
mod path;
mod redirect_regex;
mod redirect_scheme;
mod replace_path;
mod replace_path_regex;
mod source_ip;
mod strip_prefix;
mod strip_prefix_regex;
#[cfg(test)]
mod testing;
mod unavailable;
mod url;
mod values;

use std::sync::Arc;

use ferroway_config::dynamic::{self, MiddlewareKind as Kind};
use ferroway_core::{Filter, Middleware, Wrap};

pub use chain::build_chain;
pub use error::{BuildError, Problem};

/// What building needs beside a middleware's own options.
#[derive(Clone, Copy)]
pub struct BuildContext<'a> {
    /// Finds a definition by `name@provider`.
    pub definitions: &'a dyn Fn(&str) -> Option<Arc<dynamic::Middleware>>,
    /// Is told of middlewares of a kind that ferroway does not have: `name@provider` and what is wrong. In their
    /// place in the chain stands an answer.
    pub unavailable: &'a dyn Fn(&str, &Problem),
}

/// What a definition becomes.
enum Built {
    /// Something that runs.
    Middleware(Middleware),
    /// Other middlewares in its place, named as its provider names them.
    Chain(Vec<String>),
    /// Nothing: ferroway does not have the kind.
    Unavailable,
}

/// The table of middlewares: the kind's configuration, and what is made of it.
fn build_kind(kind: &Kind) -> Result<Built, Problem> {
    Ok(match kind {
        Kind::AddPrefix(config) => filter(add_prefix::AddPrefix::new(config)?),
        Kind::Chain(config) => Built::Chain(config.middlewares.clone()),
        Kind::EncodedCharacters(config) => filter(encoded_characters::EncodedCharacters::new(config)),
        Kind::GrpcWeb(config) => wrap(grpc_web::GrpcWeb::new(config)),
        Kind::Headers(config) => filter(headers::Headers::new(config)?),
        Kind::IpAllowList(config) => filter(ip_allow_list::IpAllowList::new(config)?),
        Kind::IpWhiteList(config) => filter(ip_white_list::new(config)?),
        Kind::PassTlsClientCert(config) => filter(pass_tls_client_cert::PassTlsClientCert::new(config)),
        Kind::RedirectRegex(config) => filter(redirect_regex::RedirectRegex::new(config)?),
        Kind::RedirectScheme(config) => filter(redirect_scheme::RedirectScheme::new(config)?),
        Kind::ReplacePath(config) => filter(replace_path::ReplacePath::new(config)?),
        Kind::ReplacePathRegex(config) => filter(replace_path_regex::ReplacePathRegex::new(config)?),
        Kind::StripPrefix(config) => filter(strip_prefix::StripPrefix::new(config)?),
        Kind::StripPrefixRegex(config) => filter(strip_prefix_regex::StripPrefixRegex::new(config)?),
        _ => Built::Unavailable,
    })
}

fn filter(filter: impl Filter + 'static) -> Built {
    Built::Middleware(Middleware::Filter(Arc::new(filter)))
}

fn wrap(wrap: impl Wrap + 'static) -> Built {
    Built::Middleware(Middleware::Wrap(Arc::new(wrap)))
}
