//! Security fields, and the check of the host.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use ferroway_config::dynamic;
use ferroway_core::{HeaderList, Reason, RequestHead, Response, respond_text};
use http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY_REPORT_ONLY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS, X_XSS_PROTECTION,
};
use http::{HeaderName, HeaderValue, StatusCode};

use crate::{Problem, values};

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// What stands for `'nonce-…'` in a policy.
const NONCE: &str = "$NONCE";

/// What of this a request gets depends on its host, on TLS and on chance.
pub(super) struct Secure {
    /// Empty: any.
    allowed_hosts: Box<[String]>,
    /// Where proxies before us put the client's `Host`.
    host_fields: Box<[HeaderName]>,
    /// How proxies before us tell that the client came by way of TLS.
    tls_fields: Box<[(HeaderName, HeaderValue)]>,
    sts: Option<Sts>,
    fixed: Box<[(HeaderName, HeaderValue)]>,
    /// Policies with a nonce: the text around the nonces.
    templates: Box<[(HeaderName, Box<[String]>)]>,
}

struct Sts {
    value: HeaderValue,
    /// Also without TLS.
    always: bool,
}

/// A number that nobody can guess, new for each request.
pub(super) struct Nonce(String);

impl Nonce {
    /// How many random bytes it has: 128 bits, as the CSP specification asks for.
    const LEN: usize = 16;

    /// `None` when the system gives no random numbers.
    pub(super) fn new() -> Option<Self> {
        let mut bytes = [0; Self::LEN];
        getrandom::fill(&mut bytes).ok()?;
        Some(Self(STANDARD_NO_PAD.encode(bytes)))
    }
}

impl Secure {
    pub(super) fn new(config: &dynamic::Headers) -> Result<Self, Problem> {
        let (mut fixed, mut templates) = (Vec::new(), Vec::new());
        for (name, option, text) in fields(config) {
            let value = values::parse(option, text)?;
            let is_policy = [CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY_REPORT_ONLY].contains(&name);
            if is_policy && text.contains(NONCE) {
                let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
                templates.push((name, text.split(NONCE).map(str::to_owned).collect()));
            } else if !value.is_empty() {
                fixed.push((name, value));
            }
        }
        let host_fields =
            config.hosts_proxy_headers.iter().map(|name| values::name("hostsProxyHeaders", name));
        let tls_fields = config.ssl_proxy_headers.iter().map(|(name, value)| {
            const OPTION: &str = "sslProxyHeaders";
            Ok((values::name(OPTION, name)?, values::parse(OPTION, value)?))
        });
        Ok(Self {
            allowed_hosts: if config.is_development {
                Box::default()
            } else {
                config.allowed_hosts.clone().into()
            },
            host_fields: host_fields.collect::<Result<_, _>>()?,
            tls_fields: tls_fields.collect::<Result<_, Problem>>()?,
            sts: Sts::new(config),
            fixed: fixed.into(),
            templates: templates.into(),
        })
    }

    /// The answer to a request for a host that is not allowed.
    pub(super) fn refusal(&self, request: &RequestHead) -> Option<Response> {
        if self.allowed_hosts.is_empty() {
            return None;
        }
        let named = |name| request.headers.get(name).filter(|value| !value.is_empty());
        let host = self.host_fields.iter().find_map(named).unwrap_or(&request.host);
        if self.allowed_hosts.iter().any(|allowed| allowed.as_bytes().eq_ignore_ascii_case(host.as_bytes())) {
            return None;
        }
        Some(respond_text(StatusCode::INTERNAL_SERVER_ERROR, Reason::MiddlewareRejected, "Bad Host"))
    }

    /// Whether a proxy before us says that the client came by way of TLS, where the response depends on it.
    pub(super) fn is_tls_before_us(&self, request: &HeaderList) -> bool {
        self.sts.as_ref().is_some_and(|sts| !sts.always)
            && self.tls_fields.iter().any(|(name, value)| request.get(name) == Some(value))
    }

    /// Whether the response needs a nonce.
    pub(super) fn wants_nonce(&self) -> bool {
        !self.templates.is_empty()
    }

    pub(super) fn apply(&self, headers: &mut HeaderList, tls: bool, nonce: Option<&Nonce>) {
        if let Some(sts) = self.sts.as_ref().filter(|sts| sts.always || tls) {
            headers.insert(STRICT_TRANSPORT_SECURITY, sts.value.clone());
        }
        for (name, value) in &self.fixed {
            headers.insert(name.clone(), value.clone());
        }
        for (name, parts) in &self.templates {
            let Some(Nonce(nonce)) = nonce else { continue };
            let policy = parts.join(&format!("'nonce-{nonce}'"));
            if let Ok(value) = HeaderValue::try_from(policy) {
                headers.insert(name.clone(), value);
            }
        }
    }
}

impl Sts {
    /// `None` when it is switched off.
    fn new(config: &dynamic::Headers) -> Option<Self> {
        let seconds = config.sts_seconds.filter(|seconds| *seconds != 0 && !config.is_development)?;
        let subdomains = if config.sts_include_subdomains { "; includeSubDomains" } else { "" };
        let preload = if config.sts_preload { "; preload" } else { "" };
        let value = format!("max-age={seconds}{subdomains}{preload}");
        let value = HeaderValue::try_from(value).expect("a number and two fixed texts are a field value");
        Some(Self { value, always: config.force_sts_header })
    }
}

/// The fields that do not depend on the request: name, option, text; an empty text leaves the field out.
fn fields(config: &dynamic::Headers) -> [(HeaderName, &'static str, &str); 7] {
    let frame_options = or(&config.custom_frame_options_value, config.frame_deny, "DENY");
    let xss = or(&config.custom_browser_xss_value, config.browser_xss_filter, "1; mode=block");
    let report_only = &config.content_security_policy_report_only;
    [
        (X_FRAME_OPTIONS, "customFrameOptionsValue", frame_options),
        (X_CONTENT_TYPE_OPTIONS, "contentTypeNosniff", or("", config.content_type_nosniff, "nosniff")),
        (X_XSS_PROTECTION, "customBrowserXSSValue", xss),
        (CONTENT_SECURITY_POLICY, "contentSecurityPolicy", &config.content_security_policy),
        (CONTENT_SECURITY_POLICY_REPORT_ONLY, "contentSecurityPolicyReportOnly", report_only),
        (REFERRER_POLICY, "referrerPolicy", &config.referrer_policy),
        (PERMISSIONS_POLICY, "permissionsPolicy", &config.permissions_policy),
    ]
}

/// The user's own text, else the usual one where it is asked for.
fn or<'a>(custom: &'a str, enabled: bool, usual: &'a str) -> &'a str {
    match custom {
        "" if enabled => usual,
        _ => custom,
    }
}
