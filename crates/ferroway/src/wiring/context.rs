//! What planning and building are told of the static configuration.

use ferroway_api::Target;
use ferroway_config::dynamic::{ForwardingTimeouts, ServersTransport, TcpClientTls, TcpServersTransport};
use ferroway_config::static_config::{EntryPoint, Static, default_entry_points};
use ferroway_control::{Context, EntryPointContext, Internal, Redirection};
use ferroway_core::ShutdownWatch;
use ferroway_router::Syntax;
use ferroway_runtime::{BuildOptions, InternalServices};
use http::StatusCode;

use super::api::Desk;
use super::entry_points::{tcp_entry_points, udp_entry_points};
use super::ping::Ping;

/// The planner's context.
pub(crate) fn planning(config: &Static) -> Context {
    let all = config.all_entry_points();
    let defaults = default_entry_points(&all);
    let entry_points = tcp_entry_points(config)
        .map(|(name, point)| EntryPointContext {
            is_default: defaults.contains(&name),
            name: name.into(),
            middlewares: point.http.middlewares,
            tls: point.http.tls,
        })
        .collect();
    Context {
        entry_points,
        udp_entry_points: udp_entry_points(config).map(|(name, _)| name.as_str().into()).collect(),
        precedence: config.providers.precedence.clone(),
        certificate_resolvers: config.certificates_resolvers.keys().cloned().collect(),
        strict_tls_options: config.core.strict_tls_options,
        default_syntax: if config.core.default_rule_syntax == "v2" { Syntax::V2 } else { Syntax::V3 },
        internal_services: internal_services(config),
    }
}

/// The services of ferroway's own that are switched on.
pub(crate) fn internal_services(config: &Static) -> Vec<&'static str> {
    let mut services = vec!["noop"];
    if config.ping.is_some() {
        services.push("ping");
    }
    if let Some(api) = &config.api {
        services.push("api");
        if api.dashboard {
            services.push("dashboard");
        }
    }
    services
}

/// The builder's options. `desk` is where questions to the API are put.
pub(crate) fn building(config: &Static, shutdown: ShutdownWatch, desk: &Desk) -> BuildOptions {
    let transport = &config.servers_transport;
    let mut internal = InternalServices::new();
    if let Some(ping) = &config.ping {
        let terminating = u16::try_from(ping.terminating_status_code).ok();
        let terminating = terminating.and_then(|code| StatusCode::from_u16(code).ok());
        let terminating = terminating.unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
        internal.add("ping@internal", Ping { shutdown, terminating });
    }
    if let Some(api) = &config.api {
        internal.add("api@internal", desk.service(Target::Api));
        if api.dashboard {
            internal.add("dashboard@internal", desk.service(Target::Dashboard));
        }
    }
    let timeouts = &transport.forwarding_timeouts;
    let default_transport = ServersTransport {
        insecure_skip_verify: transport.insecure_skip_verify,
        root_cas: transport.root_cas.clone(),
        max_idle_conns_per_host: transport.max_idle_conns_per_host,
        forwarding_timeouts: ForwardingTimeouts {
            dial_timeout: timeouts.dial_timeout,
            response_header_timeout: timeouts.response_header_timeout,
            idle_conn_timeout: timeouts.idle_conn_timeout,
            ..ForwardingTimeouts::default()
        },
        ..ServersTransport::default()
    };
    BuildOptions {
        entry_points: tcp_entry_points(config).count(),
        udp_entry_points: udp_entry_points(config).count(),
        default_transport: default_transport.into(),
        default_tcp_transport: default_tcp_transport(config).into(),
        ocsp: config.ocsp.clone(),
        internal,
    }
}

fn default_tcp_transport(config: &Static) -> TcpServersTransport {
    let transport = &config.tcp_servers_transport;
    let tls = transport.tls.as_ref().map(|tls| TcpClientTls {
        insecure_skip_verify: tls.insecure_skip_verify,
        root_cas: tls.root_cas.clone(),
        spiffe: tls.spiffe.clone(),
        ..TcpClientTls::default()
    });
    TcpServersTransport {
        dial_keep_alive: transport.dial_keep_alive,
        dial_timeout: transport.dial_timeout,
        termination_delay: transport.termination_delay,
        proxy_protocol: None,
        tls,
    }
}

/// What ferroway configures for itself.
pub(crate) fn internal(config: &Static) -> Internal {
    let all = config.all_entry_points();
    let redirections = all.iter().filter_map(|(name, point)| redirection(name, point, config)).collect();
    let ping = config.ping.as_ref().filter(|ping| !ping.manual_routing);
    let api = config.api.as_ref().filter(|api| api.insecure);
    Internal {
        redirections,
        ping: ping.map(|ping| ping.entry_point.clone()),
        api: api.is_some(),
        dashboard: api.is_some_and(|api| api.dashboard),
        debug: api.is_some_and(|api| api.debug),
    }
}

fn redirection(name: &str, point: &EntryPoint, config: &Static) -> Option<Redirection> {
    let target = point.http.redirections.as_ref()?.entry_point.as_ref()?;
    let port = match target.to.strip_prefix(':') {
        Some(port) => port.to_owned(),
        None => match config.entry_points.get(&target.to).map(EntryPoint::parsed_address) {
            Some(Ok(address)) => address.port.to_string(),
            _ => {
                tracing::error!(
                    entryPointName = name,
                    "'to' entry point field references a non-existing entry point: {}",
                    target.to
                );
                return None;
            }
        },
    };
    Some(Redirection {
        from: name.to_owned(),
        to: target.to.clone(),
        port,
        scheme: target.scheme.clone(),
        permanent: target.permanent,
        priority: target.priority,
    })
}
