//! Where a check goes: the server's URL with what the check says differently.

use super::check::{Check, Mode};

/// The parts of a URL that a request needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CheckTarget {
    pub(super) scheme: String,
    /// Host, and port where there is one.
    pub(super) authority: String,
    /// Path and query, with the first slash.
    pub(super) path: String,
}

impl CheckTarget {
    /// The target for a server.
    pub(super) fn of(server: &str, check: &Check) -> Result<Self, String> {
        let mut target = Self::absolute(server).ok_or_else(|| format!("{server:?} is no URL"))?;
        if check.mode == Mode::Grpc {
            target.path = "/grpc.health.v1.Health/Check".to_owned();
            // Plain HTTP/2, unless the check says otherwise.
            target.scheme = if check.scheme.as_deref() == Some("https") { "https" } else { "h2c" }.to_owned();
        } else {
            target.path = target.resolved_path(&check.path);
            if let Some(scheme) = &check.scheme {
                target.scheme.clone_from(scheme);
            }
        }
        if let Some(port) = check.port {
            let host = match target.authority.rfind(']') {
                Some(bracket) => &target.authority[..=bracket],
                None => target.authority.split(':').next().unwrap_or_default(),
            };
            target.authority = format!("{host}:{port}");
        }
        Ok(target)
    }

    /// Where a redirection leads.
    pub(super) fn redirected(&self, location: &str) -> Option<Self> {
        if location.contains("://") {
            return Self::absolute(location);
        }
        if let Some(rest) = location.strip_prefix("//") {
            return Self::absolute(&format!("{}://{rest}", self.scheme));
        }
        Some(Self { path: self.resolved_path(location), ..self.clone() })
    }

    /// The target as a URL without path.
    pub(super) fn origin(&self) -> String {
        format!("{}://{}", self.scheme, self.authority)
    }

    fn absolute(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let path = path.split('#').next().unwrap_or_default();
        let slash = if path.starts_with('/') { "" } else { "/" };
        let path = format!("{slash}{path}");
        Some(Self { scheme: scheme.to_ascii_lowercase(), authority: authority.to_owned(), path })
    }

    /// A reference to a path, relative to this one (RFC 3986 section 5.2; dots are the server's business).
    fn resolved_path(&self, reference: &str) -> String {
        let reference = reference.split('#').next().unwrap_or_default();
        let own = self.path.split('?').next().unwrap_or_default();
        match reference.chars().next() {
            None => self.path.clone(),
            Some('/') => reference.to_owned(),
            Some('?') => format!("{own}{reference}"),
            Some(_) => {
                let folder = own.rfind('/').map_or("/", |slash| &own[..=slash]);
                format!("{folder}{reference}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ferroway_config::dynamic::HealthCheck;
    use ferroway_upstream::TransportOptions;

    use super::*;

    fn shown(target: &CheckTarget) -> String {
        format!("{}{}", target.origin(), target.path)
    }

    #[test]
    fn targets() {
        for (server, mode, scheme, port, path, expected) in [
            ("http://a.test", "http", "", 0, "/health?x", "http://a.test/health?x"),
            ("http://a.test:81/base/", "http", "", 0, "", "http://a.test:81/base/"),
            ("http://a.test:81/base/", "http", "", 0, "health", "http://a.test:81/base/health"),
            ("http://a.test:81/base/?q", "http", "", 82, "?p", "http://a.test:82/base/?p"),
            ("https://u:p@[::1]:81", "http", "http", 82, "/h", "http://[::1]:82/h"),
            ("http://[::1]", "http", "", 0, "/h", "http://[::1]/h"),
            ("http://a.test:50051/x", "grpc", "", 0, "/x", "h2c://a.test:50051/grpc.health.v1.Health/Check"),
            ("https://a.test", "grpc", "https", 0, "", "https://a.test/grpc.health.v1.Health/Check"),
        ] {
            let config = HealthCheck {
                mode: mode.to_owned(),
                scheme: scheme.to_owned(),
                path: path.to_owned(),
                port,
                ..HealthCheck::default()
            };
            let check = Check::new(&config, &TransportOptions::default(), None).expect("valid");
            let target = CheckTarget::of(server, &check).expect("a URL");
            assert_eq!(shown(&target), expected, "{server} {mode} {path}");
        }
    }

    #[test]
    fn redirections() {
        let from = CheckTarget::absolute("http://a.test/b/c?d").expect("a URL");
        for (location, expected) in [
            ("/x", "http://a.test/x"),
            ("x", "http://a.test/b/x"),
            ("?y", "http://a.test/b/c?y"),
            ("//b.test/x#f", "http://b.test/x"),
            ("HTTPS://b.test:1", "https://b.test:1/"),
        ] {
            let target = from.redirected(location).expect("a target");
            assert_eq!(shown(&target), expected, "{location}");
        }
    }
}
