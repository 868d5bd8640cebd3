//! Addresses of servers.

use std::net::IpAddr;

/// `host:port`, as servers are configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerAddress {
    /// A name or an address, without brackets.
    pub host: Box<str>,
    /// The port.
    pub port: u16,
}

/// An address that is not `host:port`.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid server address {text:?}: {problem}, expected host:port")]
pub struct ServerAddressError {
    text: Box<str>,
    problem: &'static str,
}

impl ServerAddress {
    /// Understands an address. IPv6 addresses stand in brackets.
    ///
    /// # Errors
    /// It has not the expected form.
    pub fn parse(text: &str) -> Result<Self, ServerAddressError> {
        let error = |problem| ServerAddressError { text: text.into(), problem };
        let (host, port) = text.rsplit_once(':').ok_or_else(|| error("no port"))?;
        let port = port.parse().map_err(|_| error("the port is not a number up to 65535"))?;
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        if bare.is_none() && host.contains(':') {
            return Err(error("an IPv6 address needs brackets"));
        }
        let host = bare.unwrap_or(host);
        if host.is_empty() {
            return Err(error("no host"));
        }
        Ok(Self { host: host.into(), port })
    }

    /// The address, where the host is no name.
    pub(crate) fn ip(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }
}

impl std::fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, expected) in [
            ("10.0.0.1:5432", Ok("10.0.0.1:5432")),
            ("db.test:5432", Ok("db.test:5432")),
            ("[::1]:80", Ok("[::1]:80")),
            ("nonsense", Err("no port")),
            (":80", Err("no host")),
            ("a:http", Err("the port is not a number up to 65535")),
            ("a:65536", Err("the port is not a number up to 65535")),
            ("::1:80", Err("an IPv6 address needs brackets")),
        ] {
            let parsed = ServerAddress::parse(text).map(|address| address.to_string());
            assert_eq!(parsed.map_err(|error| error.problem), expected.map(str::to_owned), "{text}");
        }
    }
}
