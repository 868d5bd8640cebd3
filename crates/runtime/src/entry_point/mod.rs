//! What an entry point does to every request before it is routed (specification section 6.1): name
//! aliases, the normal form of the path, forwarded headers, hop-by-hop fields.

mod aliases;
mod encoded_characters;
mod forwarded;

use std::sync::Arc;

use ferroway_core::header::is_forwarded;
use ferroway_core::{ConnInfo, Reason, RequestHead, Response, respond_text};
use http::header::{CONNECTION, HeaderName, UPGRADE};
use http::{HeaderValue, StatusCode};

pub use aliases::Aliases;
pub use encoded_characters::EncodedCharacters;
pub use forwarded::{Forwarded, Trust};

/// The part of an entry point that concerns requests.
#[derive(Debug)]
pub struct EntryPoint {
    /// Its name.
    pub name: Arc<str>,
    /// What happens to fields whose names some readers take for others.
    pub aliases: Aliases,
    /// Whether `.`, `..` and `//` are removed from paths.
    pub sanitise_path: bool,
    /// Whether `;` in a query is escaped instead of taken for `&`.
    pub encode_semicolons: bool,
    /// Who is trusted, and what servers are told.
    pub forwarded: Forwarded,
    /// Fields named by `Connection` that middlewares may see all the same.
    pub keep_connection: Vec<HeaderName>,
    /// Escapes that paths must not have.
    pub denied: EncodedCharacters,
    /// Whether requests that no router matches are logged.
    pub access_log: bool,
}

impl EntryPoint {
    /// Brings a request into the form that rules, middlewares and servers see; or refuses it.
    ///
    /// # Errors
    /// The answer for the client.
    pub fn admit(&self, head: &mut RequestHead, conn: &ConnInfo) -> Result<(), Box<Response>> {
        if !self.aliases.admit(&mut head.headers) {
            return Err(Box::new(respond_text(StatusCode::BAD_REQUEST, Reason::HeaderAlias, "Bad Request")));
        }
        if self.sanitise_path {
            head.target.sanitise();
        }
        head.target.separate_semicolons(self.encode_semicolons);
        self.forwarded.apply(head, conn);
        for name in &head.connection {
            // Those that are kept for middlewares go when the request is sent to a server.
            if !is_forwarded(name.as_str()) && !self.keep_connection.contains(name) {
                head.headers.remove(name);
            }
        }
        if let Some(protocol) = &head.upgrade {
            // For rules and middlewares; the codec writes its own.
            head.headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
            head.headers.insert(UPGRADE, protocol.clone());
        }
        Ok(())
    }
}
