"""Envoy."""

import json

from .. import tls
from ..site import LOOPBACK, Site, Work
from .peer import Command, Peer

TYPES = "type.googleapis.com/envoy.extensions"
FILTERS = f"{TYPES}.filters"


class Envoy(Peer):
    name = "envoy"
    program = "envoy"
    given = "--concurrency 1"

    def command(self, site: Site, work: Work) -> Command:
        config = site.write("envoy.json", json.dumps({"static_resources": {
            "listeners": [_datagrams(site) if work.relay == "udp" else _connections(site, work)],
            "clusters": [_cluster(site)],
        }}))
        return Command(["-c", str(config), "--concurrency", "1", "--disable-hot-restart", "-l", "error"])


def _connections(site: Site, work: Work) -> dict:
    chain = {"filters": [_relay() if work.relay else _manager(work)]}
    if work.tls:
        chain["transport_socket"] = _tls(site, work)
    return {"address": _address(site.port), "filter_chains": [chain]}


def _tls(site: Site, work: Work) -> dict:
    certificate = tls.certificate(site.folder)
    off = {} if work.resumption else {
        "disable_stateless_session_resumption": True, "disable_stateful_session_resumption": True,
    }
    return {"name": "envoy.transport_sockets.tls", "typed_config": {
        "@type": f"{TYPES}.transport_sockets.tls.v3.DownstreamTlsContext",
        "common_tls_context": {
            "alpn_protocols": ["h2", "http/1.1"],
            "tls_params": {"tls_maximum_protocol_version": "TLSv1_3"},
            "tls_certificates": [
                {"certificate_chain": {"filename": str(certificate.chain)}, "private_key": {"filename": str(certificate.key)}},
            ],
        },
    } | off}


def _relay() -> dict:
    return {"name": "envoy.filters.network.tcp_proxy", "typed_config": {
        "@type": f"{FILTERS}.network.tcp_proxy.v3.TcpProxy", "stat_prefix": "relay", "cluster": "app",
    }}


def _datagrams(site: Site) -> dict:
    route = {"name": "route", "typed_config": {"@type": f"{FILTERS}.udp.udp_proxy.v3.Route", "cluster": "app"}}
    proxy = {"name": "envoy.filters.udp_listener.udp_proxy", "typed_config": {
        "@type": f"{FILTERS}.udp.udp_proxy.v3.UdpProxyConfig",
        "stat_prefix": "relay",
        "matcher": {"on_no_match": {"action": route}},
    }}
    address = _address(site.port)
    address["socket_address"]["protocol"] = "UDP"
    return {"address": address, "udp_listener_config": {}, "listener_filters": [proxy]}


def _address(port: int) -> dict:
    return {"socket_address": {"address": LOOPBACK, "port_value": port}}


def _manager(work: Work) -> dict:
    hosts = [
        {"name": f"h{index}", "domains": [host, f"{host}:*"], "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "app"}}]}
        for index, host in enumerate(work.hosts())
    ]
    return {"name": "envoy.filters.network.http_connection_manager", "typed_config": {
        "@type": f"{FILTERS}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "web",
        "use_remote_address": True,
        "generate_request_id": False,
        "route_config": {"virtual_hosts": hosts},
        "http_filters": [{"name": "envoy.filters.http.router", "typed_config": {"@type": f"{FILTERS}.http.router.v3.Router"}}],
    }}


def _cluster(site: Site) -> dict:
    plenty = {"max_connections": 20000, "max_pending_requests": 20000, "max_requests": 20000}
    return {
        "name": "app",
        "connect_timeout": "1s",
        "type": "STATIC",
        "circuit_breakers": {"thresholds": [plenty]},
        "load_assignment": {"cluster_name": "app", "endpoints": [
            {"lb_endpoints": [{"endpoint": {"address": _address(site.backend_port)}}]},
        ]},
    }
