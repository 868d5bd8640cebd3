//! Cross-origin resource sharing (the Fetch standard, section 3.2).

use ferroway_config::dynamic;
use ferroway_core::{HeaderList, Reason, RequestHead, Response};
use ferroway_rules::GoRegex;
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderValue, Method, StatusCode};

use crate::{Problem, values};

const TRUE: HeaderValue = HeaderValue::from_static("true");
const ANY: HeaderValue = HeaderValue::from_static("*");

pub(super) struct Cors {
    origins: Box<[Origin]>,
    patterns: Box<[GoRegex]>,
    credentials: bool,
    allow_headers: Option<Allow>,
    allow_methods: Option<Allow>,
    expose: Option<HeaderValue>,
    max_age: Option<HeaderValue>,
    vary: bool,
}

/// An entry of `accessControlAllowOriginList`.
enum Origin {
    Any,
    Exactly(HeaderValue),
}

/// What a preflight response allows.
enum Allow {
    Fixed(HeaderValue),
    /// What the client asked for: with credentials browsers take `*` for a name.
    Requested,
}

impl Cors {
    /// `None` when no CORS option is set.
    pub(super) fn new(config: &dynamic::Headers) -> Result<Option<Self>, Problem> {
        let credentials = config.access_control_allow_credentials;
        let cors = Self {
            origins: config
                .access_control_allow_origin_list
                .iter()
                .map(|text| origin(text))
                .collect::<Result<_, _>>()?,
            patterns: patterns(&config.access_control_allow_origin_list_regex)?,
            credentials,
            allow_headers: allow(
                "accessControlAllowHeaders",
                &config.access_control_allow_headers,
                credentials,
            )?,
            allow_methods: allow(
                "accessControlAllowMethods",
                &config.access_control_allow_methods,
                credentials,
            )?,
            expose: joined("accessControlExposeHeaders", &config.access_control_expose_headers)?
                .filter(|_| !(credentials && has_star(&config.access_control_expose_headers))),
            max_age: config.access_control_max_age.map(HeaderValue::from),
            vary: config.add_vary_header,
        };
        let is_set = credentials
            || cors.vary
            || !cors.origins.is_empty()
            || !cors.patterns.is_empty()
            || cors.allow_headers.is_some()
            || cors.allow_methods.is_some()
            || !config.access_control_expose_headers.is_empty()
            || cors.max_age.is_some();
        Ok(is_set.then_some(cors))
    }

    /// The answer to a preflight request, whether its origin is allowed or not: without `Access-Control-Allow-Origin`
    /// the browser refuses by itself.
    pub(super) fn preflight(&self, request: &RequestHead) -> Option<Response> {
        let asked = |name: http::HeaderName| request.headers.get(name).filter(|value| !value.is_empty());
        if request.method != Method::OPTIONS || asked(ORIGIN).is_none() {
            return None;
        }
        let method = asked(ACCESS_CONTROL_REQUEST_METHOD)?;
        let mut response = Response::local(StatusCode::OK, Reason::MiddlewareAnswer);
        let headers = &mut response.head.headers;
        if self.credentials {
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, TRUE);
        }
        let requested = asked(ACCESS_CONTROL_REQUEST_HEADERS);
        for (name, value) in [
            (
                ACCESS_CONTROL_ALLOW_HEADERS,
                self.allow_headers.as_ref().and_then(|allow| allow.value(requested)),
            ),
            (
                ACCESS_CONTROL_ALLOW_METHODS,
                self.allow_methods.as_ref().and_then(|allow| allow.value(Some(method))),
            ),
            (ACCESS_CONTROL_ALLOW_ORIGIN, self.allow_origin(&request.headers)),
            (ACCESS_CONTROL_EXPOSE_HEADERS, self.expose.clone()),
            (ACCESS_CONTROL_MAX_AGE, self.max_age.clone()),
        ] {
            if let Some(value) = value {
                headers.insert(name, value);
            }
        }
        Some(response)
    }

    /// The value of `Access-Control-Allow-Origin` for a request, where its origin is allowed. A request without
    /// `Origin` counts as one with an empty one, as in Traefik: `*` with credentials then gives an empty value.
    pub(super) fn allow_origin(&self, request: &HeaderList) -> Option<HeaderValue> {
        let none = HeaderValue::from_static("");
        let origin = request.get(&ORIGIN).unwrap_or(&none);
        for allowed in &self.origins {
            match allowed {
                Origin::Any if self.credentials => return Some(origin.clone()),
                Origin::Any => return Some(ANY),
                Origin::Exactly(allowed) if allowed == origin => return Some(origin.clone()),
                Origin::Exactly(_) => {}
            }
        }
        let matches = self.patterns.iter().any(|pattern| pattern.is_match_bytes(origin.as_bytes()));
        matches.then(|| origin.clone())
    }

    /// Completes the response to a request that is no preflight.
    pub(super) fn apply(&self, headers: &mut HeaderList, allow_origin: Option<HeaderValue>) {
        if let Some(origin) = allow_origin {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        }
        if self.credentials {
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, TRUE);
        }
        if let Some(expose) = &self.expose {
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, expose.clone());
        }
        if self.vary {
            vary_by_origin(headers);
        }
    }
}

impl Allow {
    fn value(&self, requested: Option<&HeaderValue>) -> Option<HeaderValue> {
        match self {
            Self::Fixed(value) => Some(value.clone()),
            Self::Requested => requested.cloned(),
        }
    }
}

fn origin(text: &str) -> Result<Origin, Problem> {
    Ok(if text == "*" {
        Origin::Any
    } else {
        Origin::Exactly(values::parse("accessControlAllowOriginList", text)?)
    })
}

fn patterns(patterns: &[String]) -> Result<Box<[GoRegex]>, Problem> {
    let compiled = patterns.iter().map(|pattern| GoRegex::new(pattern));
    compiled
        .collect::<Result<_, _>>()
        .map_err(|error| Problem::invalid(format!("error occurred during origin parsing: {error}")))
}

fn has_star(list: &[String]) -> bool {
    list.iter().any(|element| element == "*")
}

fn joined(option: &str, list: &[String]) -> Result<Option<HeaderValue>, Problem> {
    let text = list.join(",");
    if text.is_empty() { Ok(None) } else { values::parse(option, &text).map(Some) }
}

fn allow(option: &str, list: &[String], credentials: bool) -> Result<Option<Allow>, Problem> {
    if credentials && has_star(list) {
        return Ok(Some(Allow::Requested));
    }
    Ok(joined(option, list)?.map(Allow::Fixed))
}

/// Adds `Origin` to `Vary`, on one line.
fn vary_by_origin(headers: &mut HeaderList) {
    match headers.get(&VARY) {
        None => return headers.append(VARY, HeaderValue::from_static("Origin")),
        Some(first) if first == "Origin" => return,
        Some(_) => {}
    }
    let mut value = Vec::with_capacity(64);
    for line in headers.get_all(&VARY) {
        value.extend_from_slice(line.as_bytes());
        value.push(b',');
    }
    value.extend_from_slice(b"Origin");
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.insert(VARY, value);
    }
}
