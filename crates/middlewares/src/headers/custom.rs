//! `customRequestHeaders` and `customResponseHeaders`.

use std::collections::BTreeMap;

use ferroway_core::header::{X_FORWARDED_FOR, same_name};
use ferroway_core::{Exchange, HeaderList, RequestHead};
use http::header::{
    CONNECTION, CONTENT_LENGTH, HOST, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderName, HeaderValue};

use crate::{Problem, url, values};

/// What happens to one field.
enum Edit {
    Set(HeaderName, HeaderValue),
    Remove(HeaderName),
}

impl Edit {
    fn apply(&self, headers: &mut HeaderList) {
        match self {
            Self::Set(name, value) => {
                headers.insert(name.clone(), value.clone());
            }
            Self::Remove(name) => {
                headers.remove(name);
            }
        }
    }

    fn name(&self) -> &HeaderName {
        match self {
            Self::Set(name, _) | Self::Remove(name) => name,
        }
    }
}

/// The edits of an option; an empty value removes the field.
fn parse(option: &str, fields: &BTreeMap<String, String>) -> Result<Vec<Edit>, Problem> {
    let edits = fields.iter().map(|(name, value)| {
        let name = values::name(option, name)?;
        Ok(if value.is_empty() { Edit::Remove(name) } else { Edit::Set(name, values::parse(option, value)?) })
    });
    edits.collect()
}

/// Fields that concern the framing or one connection (RFC 9110 section 7.6.1). They are the codecs' own and in no map.
const OF_THE_CODEC: [HeaderName; 10] = [
    CONNECTION,
    CONTENT_LENGTH,
    HeaderName::from_static("keep-alive"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    HeaderName::from_static("proxy-connection"),
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// What happens to requests.
pub(super) struct RequestEdits {
    edits: Vec<Edit>,
    host: Option<HeaderValue>,
    forwarded_for: ForwardedFor,
    /// What is said in place of the client's `TE`.
    accepts_trailers: Option<bool>,
    /// No protocol switch is passed on.
    no_upgrade: bool,
}

/// What happens to `X-Forwarded-For` beyond the edits.
enum ForwardedFor {
    Untouched,
    /// It is set here, and the client's address is appended as usual.
    Set,
    /// The server gets none at all.
    Suppressed,
}

impl RequestEdits {
    pub(super) fn new(fields: &BTreeMap<String, String>) -> Result<Self, Problem> {
        const OPTION: &str = "customRequestHeaders";
        let mut edits = parse(OPTION, fields)?;
        let mut host = None;
        let mut accepts_trailers = None;
        let mut no_upgrade = false;
        for edit in &edits {
            match edit {
                Edit::Set(name, value) if *name == HOST => host = Some(checked_host(value)?),
                Edit::Set(name, value) if *name == TE => accepts_trailers = Some(value == "trailers"),
                Edit::Remove(name) if *name == TE => accepts_trailers = Some(false),
                Edit::Remove(name) => no_upgrade |= [CONNECTION, UPGRADE].contains(name),
                Edit::Set(..) => {}
            }
        }
        edits.retain(|edit| *edit.name() != HOST && !OF_THE_CODEC.contains(edit.name()));
        // Traefik: only in this spelling; `x-forwarded-for: ""` removes what the client sent and lets the append be.
        let forwarded_for = if fields.get("X-Forwarded-For").is_some_and(String::is_empty) {
            ForwardedFor::Suppressed
        } else if edits.iter().any(|edit| matches!(edit, Edit::Set(name, _) if *name == X_FORWARDED_FOR)) {
            ForwardedFor::Set
        } else {
            ForwardedFor::Untouched
        };
        Ok(Self { edits, host, forwarded_for, accepts_trailers, no_upgrade })
    }

    pub(super) fn apply(&self, request: &mut RequestHead, exchange: &mut Exchange) {
        self.remove_aliases(&mut request.headers);
        for edit in &self.edits {
            edit.apply(&mut request.headers);
        }
        if let Some(host) = &self.host {
            request.host.clone_from(host);
        }
        if let Some(accepts_trailers) = self.accepts_trailers {
            request.accepts_trailers = accepts_trailers;
        }
        if self.no_upgrade {
            request.upgrade = None;
        }
        match self.forwarded_for {
            ForwardedFor::Untouched => {}
            ForwardedFor::Set => exchange.suppress_forwarded_for = false,
            ForwardedFor::Suppressed => exchange.suppress_forwarded_for = true,
        }
    }

    /// Removes the client's fields that a server could take for one that is set or removed here (`x_user` for
    /// `X-User`): what a rule says about a field must hold for the server, too.
    fn remove_aliases(&self, headers: &mut HeaderList) {
        if self.edits.is_empty() {
            return;
        }
        let is_alias = |name: &HeaderName| {
            let twin = |edit: &Edit| edit.name() != name && same_name(edit.name().as_str(), name.as_str());
            self.edits.iter().any(twin) && name.as_str().contains('_')
        };
        headers.retain(|name| !is_alias(name));
    }
}

fn checked_host(value: &HeaderValue) -> Result<HeaderValue, Problem> {
    let valid = value.to_str().is_ok_and(|host| url::push_host(&mut String::new(), host).is_some());
    if valid {
        Ok(value.clone())
    } else {
        Err(Problem::invalid(format!(
            "customRequestHeaders: {value:?} is no host, expected a name and maybe a port"
        )))
    }
}

/// What happens to responses.
pub(super) struct ResponseEdits(Vec<Edit>);

impl ResponseEdits {
    pub(super) fn new(fields: &BTreeMap<String, String>) -> Result<Self, Problem> {
        let mut edits = parse("customResponseHeaders", fields)?;
        edits.retain(|edit| !OF_THE_CODEC.contains(edit.name()));
        Ok(Self(edits))
    }

    pub(super) fn apply(&self, headers: &mut HeaderList) {
        for edit in &self.0 {
            edit.apply(headers);
        }
    }
}
