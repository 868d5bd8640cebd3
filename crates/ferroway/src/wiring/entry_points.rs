//! `entryPoints`: sockets, limits, and what is done to requests.

use std::net::IpAddr;
use std::time::Duration;

use anyhow::Context;
use ferroway_config::static_config::{EntryPoint as Config, EntryPointHttp, Protocol, Static};
use ferroway_http::h2::server::Limits;
use ferroway_http::server::Settings;
use ferroway_listener::Address;
use ferroway_runtime::{
    Aliases, EncodedCharacters, EntryPoint, Forwarded, Listening, Transport, Trust, UdpListening, UdpOptions,
};
use http::HeaderValue;
use http::header::HeaderName;
use ipnet::IpNet;

use super::sockets::Sockets;

/// The entry points that take connections, in the order of their names.
pub(crate) fn tcp_entry_points(config: &Static) -> impl Iterator<Item = (String, Config)> {
    config.all_entry_points().into_iter().filter(|(_, point)| !is_udp(point))
}

/// The entry points that take datagrams, in the order of their names.
pub(crate) fn udp_entry_points(config: &Static) -> impl Iterator<Item = (String, Config)> {
    config.all_entry_points().into_iter().filter(|(_, point)| is_udp(point))
}

fn is_udp(point: &Config) -> bool {
    point.parsed_address().is_ok_and(|address| address.protocol == Protocol::Udp)
}

/// Binds and describes the entry points that take connections.
///
/// # Errors
/// An address that cannot be listened on, or an option that makes no sense.
pub(crate) fn listen(config: &Static, sockets: &mut Sockets) -> anyhow::Result<Vec<Listening>> {
    let server = host_name();
    tcp_entry_points(config)
        .map(|(name, point)| one(&name, &point, &server, sockets).with_context(|| building(&name)))
        .collect()
}

/// Binds and describes the entry points that take datagrams.
///
/// # Errors
/// An address that cannot be listened on.
pub(crate) fn listen_udp(config: &Static, sockets: &mut Sockets) -> anyhow::Result<Vec<UdpListening>> {
    udp_entry_points(config)
        .map(|(name, point)| one_udp(&name, &point, sockets).with_context(|| building(&name)))
        .collect()
}

fn building(name: &str) -> String {
    format!("error while building entryPoint {name}")
}

fn one_udp(name: &str, config: &Config, sockets: &mut Sockets) -> anyhow::Result<UdpListening> {
    let socket = sockets.udp(name, &Address::parse_udp(&config.address)?, config.reuse_port)?;
    let options = UdpOptions {
        entry_point: name.into(),
        idle: config.udp.timeout.to_std(),
        max_sessions: UdpOptions::MAX_SESSIONS,
    };
    Ok(UdpListening { options, socket })
}

fn one(
    name: &str,
    config: &Config,
    server: &HeaderValue,
    sockets: &mut Sockets,
) -> anyhow::Result<Listening> {
    let address = Address::parse(&config.address)?;
    let listener = sockets.tcp(name, &address, config.reuse_port)?;
    let keep_connection = config
        .forwarded_headers
        .connection
        .iter()
        .map(|name| name.parse::<HeaderName>().with_context(|| format!("{name:?} is no header name")))
        .collect::<anyhow::Result<_>>()?;
    let entry_point = EntryPoint {
        name: name.into(),
        aliases: aliases(&config.http),
        sanitise_path: config.http.sanitize_path,
        encode_semicolons: config.http.encode_query_semicolons,
        forwarded: Forwarded {
            trust: trust(
                "forwardedHeaders",
                config.forwarded_headers.insecure,
                &config.forwarded_headers.trusted_ips,
            )?,
            server: server.clone(),
            append_for: !config.forwarded_headers.not_append_x_forwarded_for,
        },
        keep_connection,
        denied: denied(&config.http),
        access_log: config.observability.access_logs,
    };
    Ok(Listening { entry_point: entry_point.into(), transport: transport(config)?, listener })
}

fn transport(config: &Config) -> anyhow::Result<Transport> {
    let number = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
    let proxy_protocol = match &config.proxy_protocol {
        None => None,
        Some(own) => Some(trust("proxyProtocol", own.insecure, &own.trusted_ips)?),
    };
    Ok(Transport {
        settings: settings(config),
        http2: Limits {
            max_concurrent_streams: number(config.http2.max_concurrent_streams),
            max_decoder_header_table_size: number(config.http2.max_decoder_header_table_size),
            extended_connect: true,
        },
        proxy_protocol,
        acme_by_servers: config.allow_acme_by_pass,
    })
}

fn settings(config: &Config) -> Settings {
    let limit = |duration: ferroway_config::Duration| (duration.as_nanos() > 0).then(|| duration.to_std());
    let timeouts = &config.transport.responding_timeouts;
    Settings {
        read_timeout: limit(timeouts.read_timeout),
        write_timeout: limit(timeouts.write_timeout),
        idle_timeout: limit(timeouts.idle_timeout),
        // Go's default for what makes no sense.
        max_header_bytes: usize::try_from(config.http.max_header_bytes)
            .ok()
            .filter(|n| *n > 0)
            .unwrap_or(1 << 20),
        keep_alive_max_time: limit(config.transport.keep_alive_max_time),
        keep_alive_max_requests: u64::try_from(config.transport.keep_alive_max_requests)
            .ok()
            .filter(|n| *n > 0),
    }
}

fn aliases(config: &EntryPointHttp) -> Aliases {
    let (strategy, underscores_only) = match config.alias_headers_strategy.as_str() {
        "" => (config.underscore_headers_strategy.as_str(), true),
        strategy => (strategy, false),
    };
    match strategy.to_ascii_lowercase().as_str() {
        "delete" => Aliases::Delete { underscores_only },
        "reject" => Aliases::Reject { underscores_only },
        _ => Aliases::Keep,
    }
}

/// Whom the section `option` trusts.
fn trust(option: &str, insecure: bool, trusted: &[String]) -> anyhow::Result<Trust> {
    if insecure {
        return Ok(Trust::All);
    }
    let network = |text: &String| {
        let address = text.parse::<IpAddr>().map(|ip| IpNet::from(ip.to_canonical()));
        address.or_else(|_| text.parse::<IpNet>()).with_context(|| {
            format!("{option}.trustedIPs: {text:?} is neither an address nor a network (10.0.0.0/8)")
        })
    };
    Ok(Trust::Networks(trusted.iter().map(network).collect::<anyhow::Result<_>>()?))
}

fn denied(config: &EntryPointHttp) -> EncodedCharacters {
    let allowed = &config.encoded_characters;
    let characters = [
        (allowed.allow_encoded_slash, b'/'),
        (allowed.allow_encoded_back_slash, b'\\'),
        (allowed.allow_encoded_null_character, 0),
        (allowed.allow_encoded_semicolon, b';'),
        (allowed.allow_encoded_percent, b'%'),
        (allowed.allow_encoded_question_mark, b'?'),
        (allowed.allow_encoded_hash, b'#'),
    ];
    EncodedCharacters::denying(characters.into_iter().filter(|(allowed, _)| !allowed).map(|(_, byte)| byte))
}

/// The name of this machine, for `X-Forwarded-Server`.
fn host_name() -> HeaderValue {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    HeaderValue::from_str(&name).unwrap_or_else(|_| HeaderValue::from_static("localhost"))
}

/// The longest grace times of all entry points: how long to go on accepting, and how long to finish.
pub(crate) fn grace_times(config: &Static) -> (Duration, Duration) {
    let all = config.all_entry_points();
    let longest = |pick: fn(&Config) -> ferroway_config::Duration| {
        all.values().map(|point| pick(point).to_std()).max().unwrap_or_default()
    };
    (
        longest(|point| point.transport.life_cycle.request_accept_grace_timeout),
        longest(|point| point.transport.life_cycle.grace_time_out),
    )
}
