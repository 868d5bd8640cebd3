//! Values that are well-formed alone and make no sense together or in their place.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{EntryPoint, OtlpGrpc, PROVIDER_NAMES, Protocol, Static, is_ip_or_range};
use crate::problem::{Problem, ProblemKind};
use crate::source::{Source, Span};

/// Checks a static configuration as a whole. Errors forbid the start; warnings are for the log.
///
/// The problems have paths but no places; [`load`](crate::load::load) adds those.
pub fn validate(config: &Static) -> Vec<Problem> {
    let mut check = Check { problems: Vec::new(), nowhere: Source::other("static configuration") };
    for (name, point) in &config.entry_points {
        check.entry_point(name, point, config);
    }
    check.same_addresses(config);
    check.core(config);
    check.ocsp(config);
    check.names_of_entry_points(config);
    check.providers(config);
    check.observability(config);
    check.resolvers(config);
    check.logs(config);
    check.problems
}

struct Check {
    problems: Vec<Problem>,
    nowhere: Arc<Source>,
}

impl Check {
    fn error(&mut self, path: impl Into<String>, message: impl Into<String>) {
        let span = Span::whole(&self.nowhere);
        self.problems.push(Problem::error(ProblemKind::Semantic, span, path, message));
    }

    fn warning(&mut self, path: impl Into<String>, message: impl Into<String>) {
        let span = Span::whole(&self.nowhere);
        self.problems.push(Problem::warning(ProblemKind::Semantic, span, path, message));
    }

    fn entry_point(&mut self, name: &str, point: &EntryPoint, config: &Static) {
        let path = |option: &str| format!("entryPoints.{name}.{option}");
        let address = match point.parsed_address() {
            Ok(address) => Some(address),
            Err(error) => {
                let shown = &point.address;
                self.error(
                    path("address"),
                    format!("entry point {name}: invalid address {shown:?}: {error}"),
                );
                None
            }
        };
        self.trusted_addresses(name, point);
        self.header_strategies(name, point);
        let sizes = [
            ("http2.maxConcurrentStreams", point.http2.max_concurrent_streams),
            ("http2.maxDecoderHeaderTableSize", point.http2.max_decoder_header_table_size),
            ("http2.maxEncoderHeaderTableSize", point.http2.max_encoder_header_table_size),
            ("http3.advertisedPort", point.http3.as_ref().map_or(0, |http3| http3.advertised_port)),
        ];
        for (option, value) in sizes.into_iter().filter(|&(_, value)| value < 0) {
            self.error(path(option), format!("entry point {name}: {option} is {value} (expected 0 or more)"));
        }
        let is_udp = address.is_some_and(|address| address.protocol == Protocol::Udp);
        if is_udp && (point.udp.timeout.is_zero() || point.udp.timeout.is_negative()) {
            self.error(path("udp.timeout"), format!("entry point {name}: udp.timeout must be more than 0"));
        }
        if let Some(to) = point.http.redirections.as_ref().and_then(|own| own.entry_point.as_ref())
            && !to.to.starts_with(':')
            && !config.entry_points.contains_key(&to.to)
        {
            let target = &to.to;
            let message =
                format!("entry point {name}: unknown entry point {target:?}; nothing is redirected");
            self.warning(path("http.redirections.entryPoint.to"), message);
        }
    }

    fn trusted_addresses(&mut self, name: &str, point: &EntryPoint) {
        let path = |option: &str| format!("entryPoints.{name}.{option}");
        let trusted = [
            ("forwardedHeaders.trustedIPs", &point.forwarded_headers.trusted_ips[..]),
            (
                "proxyProtocol.trustedIPs",
                point.proxy_protocol.as_ref().map_or(&[][..], |own| &own.trusted_ips[..]),
            ),
        ];
        for (option, values) in trusted {
            for value in values.iter().filter(|value| !is_ip_or_range(value)) {
                let message = format!(
                    "entry point {name}: {value:?} is no IP address or range (expected 10.0.0.1 or 10.0.0.0/8)"
                );
                self.error(path(option), message);
            }
        }
        if point.proxy_protocol.as_ref().is_some_and(|own| !own.insecure && own.trusted_ips.is_empty()) {
            self.error(
                path("proxyProtocol"),
                format!("entry point {name}: proxyProtocol needs trustedIPs or insecure"),
            );
        }
    }

    fn header_strategies(&mut self, name: &str, point: &EntryPoint) {
        let (alias, underscore) =
            (&point.http.alias_headers_strategy, &point.http.underscore_headers_strategy);
        for (option, value) in [("aliasHeadersStrategy", alias), ("underscoreHeadersStrategy", underscore)] {
            if !matches!(value.as_str(), "" | "keep" | "delete" | "reject") {
                let message = format!(
                    "entry point {name}: invalid {option} {value:?} (expected keep, delete or reject)"
                );
                self.error(format!("entryPoints.{name}.http.{option}"), message);
            }
        }
        if !alias.is_empty() && !underscore.is_empty() && alias != underscore {
            let message = format!(
                "entry point {name}: aliasHeadersStrategy {alias:?} and underscoreHeadersStrategy {underscore:?} differ; remove the latter"
            );
            self.error(format!("entryPoints.{name}.http.underscoreHeadersStrategy"), message);
        }
    }

    fn same_addresses(&mut self, config: &Static) {
        let all = config.all_entry_points();
        let mut seen: BTreeMap<(String, u16, bool), (&str, bool)> = BTreeMap::new();
        for (name, point) in &all {
            let Ok(address) = point.parsed_address() else { continue };
            if address.port == 0 {
                continue;
            }
            let key = (address.host, address.port, address.protocol == Protocol::Udp);
            match seen.get(&key) {
                Some((other, shares)) if !(*shares && point.reuse_port) => {
                    let message =
                        format!("entry point {name}: the address {:?} is that of {other} too", point.address);
                    self.error(format!("entryPoints.{name}.address"), message);
                }
                _ => {
                    seen.insert(key, (name, point.reuse_port));
                }
            }
        }
    }

    fn core(&mut self, config: &Static) {
        let syntax = &config.core.default_rule_syntax;
        if !matches!(syntax.as_str(), "v2" | "v3") {
            let message = format!("unsupported default rule syntax {syntax:?} (expected v2 or v3)");
            self.error("core.defaultRuleSyntax", message);
        }
        if let Some(api) = &config.api {
            let allowed = |c: char| c.is_ascii_alphanumeric() || "/_.:~-".contains(c);
            let path = &api.base_path;
            if !path.starts_with('/') || !path.chars().all(allowed) {
                let message =
                    format!("invalid base path {path:?} (expected / and letters, digits or any of /_.:~-)");
                self.error("api.basePath", message);
            }
        }
    }

    fn ocsp(&mut self, config: &Static) {
        for (from, to) in config.ocsp.iter().flat_map(|ocsp| &ocsp.responder_overrides) {
            let path = format!("ocsp.responderOverrides.{from}");
            if to.is_empty() {
                self.error(path, format!("the responder for {from:?} is empty"));
            } else if !is_http_url(to) {
                let message =
                    format!("the responder for {from:?} is {to:?}; expected http://host or https://host");
                self.error(path, message);
            }
        }
    }

    fn names_of_entry_points(&mut self, config: &Static) {
        let all = config.all_entry_points();
        let ping = config.ping.as_ref().filter(|ping| !ping.manual_routing);
        if let Some(ping) = ping.filter(|ping| !all.contains_key(&ping.entry_point)) {
            let name = &ping.entry_point;
            self.warning("ping.entryPoint", format!("unknown entry point {name:?}; /ping is not served"));
        }
    }

    fn providers(&mut self, config: &Static) {
        let providers = &config.providers;
        for name in &providers.precedence {
            if !PROVIDER_NAMES.iter().any(|known| name.eq_ignore_ascii_case(known)) {
                let message = format!(
                    "provider {name:?} is not a valid provider name (expected some of {})",
                    PROVIDER_NAMES.join(", ")
                );
                self.error("providers.precedence", message);
            }
        }
        if let Some(file) = &providers.file
            && file.directory.is_empty()
            && file.filename.is_empty()
        {
            self.warning("providers.file", "neither filename nor directory is set; no file is read");
        }
        if providers.knative.is_some() && !config.experimental.knative {
            self.error("providers.knative", "the provider knative needs experimental.knative: true");
        }
        let nginx = providers.kubernetes_ingress_nginx.as_ref();
        if nginx
            .is_some_and(|own| !own.watch_namespace.is_empty() && !own.watch_namespace_selector.is_empty())
        {
            let message = "watchNamespace and watchNamespaceSelector exclude each other";
            self.error("providers.kubernetesIngressNGINX.watchNamespaceSelector", message);
        }
    }

    fn observability(&mut self, config: &Static) {
        let log = config.log.as_ref().and_then(|log| log.otlp.as_ref());
        let access = config.access_log.as_ref().and_then(|log| log.otlp.as_ref());
        for (path, logs) in [("log.otlp", log), ("accessLog.otlp", access)] {
            let Some(logs) = logs else { continue };
            if !config.experimental.otlp_logs {
                self.error(path, format!("{path} needs experimental.otlpLogs: true"));
            }
            self.grpc(path, logs.grpc.as_ref());
        }
        let metrics = config.metrics.as_ref().and_then(|metrics| metrics.otlp.as_ref());
        self.grpc("metrics.otlp", metrics.and_then(|otlp| otlp.grpc.as_ref()));
        let tracing = config.tracing.as_ref().and_then(|tracing| tracing.otlp.as_ref());
        self.grpc("tracing.otlp", tracing.and_then(|otlp| otlp.grpc.as_ref()));
    }

    fn grpc(&mut self, path: &str, grpc: Option<&OtlpGrpc>) {
        if grpc.is_some_and(|grpc| grpc.insecure && grpc.tls.is_some()) {
            self.error(
                format!("{path}.grpc.tls"),
                format!("{path}.grpc: tls and insecure exclude each other"),
            );
        }
    }

    fn resolvers(&mut self, config: &Static) {
        for (name, resolver) in &config.certificates_resolvers {
            let path = format!("certificatesResolvers.{name}");
            if resolver.acme.is_some() && resolver.tailscale.is_some() {
                let message =
                    format!("certificates resolver {name:?}: acme and tailscale exclude each other");
                self.error(path.clone(), message);
            }
            let Some(acme) = &resolver.acme else { continue };
            if acme.storage.is_empty() {
                let message = format!("certificates resolver {name:?} has no storage for its certificates");
                self.error(format!("{path}.acme.storage"), message);
            }
            if acme.certificates_duration < 1 {
                let message =
                    format!("certificates resolver {name:?}: certificatesDuration must be 1 hour or more");
                self.error(format!("{path}.acme.certificatesDuration"), message);
            }
            if acme.client_timeout < acme.client_response_header_timeout {
                let message = format!(
                    "certificates resolver {name:?}: clientTimeout is less than clientResponseHeaderTimeout"
                );
                self.error(format!("{path}.acme.clientTimeout"), message);
            }
        }
    }

    fn logs(&mut self, config: &Static) {
        const LEVELS: [&str; 7] = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "PANIC"];
        if let Some(level) = config.log.as_ref().map(|log| &log.level)
            && !LEVELS.iter().any(|known| level.eq_ignore_ascii_case(known))
        {
            let expected = LEVELS.join(", ");
            self.warning("log.level", format!("unknown level {level:?}, using ERROR (expected {expected})"));
        }
        if let Some(format) = config.access_log.as_ref().map(|log| &log.format)
            && !matches!(format.as_str(), "common" | "genericCLF" | "json")
        {
            let message =
                format!("unknown format {format:?}, using common (expected common, genericCLF or json)");
            self.warning("accessLog.format", message);
        }
    }
}

/// Whether something can be asked over HTTP at a URL, as far as the URL tells.
fn is_http_url(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (host, rest) = match authority.split_once(']') {
        Some((host, rest)) => (host.strip_prefix('[').unwrap_or_default(), rest),
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let has_port = |rest: &str| rest.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
    (scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https"))
        && url.bytes().all(|byte| byte.is_ascii_graphic())
        && !host.is_empty()
        && (rest.is_empty() || has_port(rest))
}
