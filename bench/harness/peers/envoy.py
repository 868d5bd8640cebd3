"""Envoy."""

import json

from ..site import LOOPBACK, Site, Work
from .peer import Command, Peer

EXTENSIONS = "type.googleapis.com/envoy.extensions.filters"


class Envoy(Peer):
    name = "envoy"
    program = "envoy"
    given = "--concurrency 1"

    def command(self, site: Site, work: Work) -> Command:
        config = site.write("envoy.json", json.dumps({"static_resources": {
            "listeners": [{"address": _address(site.port), "filter_chains": [{"filters": [_manager(work)]}]}],
            "clusters": [_cluster(site)],
        }}))
        return Command(["-c", str(config), "--concurrency", "1", "--disable-hot-restart", "-l", "error"])


def _address(port: int) -> dict:
    return {"socket_address": {"address": LOOPBACK, "port_value": port}}


def _manager(work: Work) -> dict:
    hosts = [
        {"name": f"h{index}", "domains": [host, f"{host}:*"], "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "app"}}]}
        for index, host in enumerate(work.hosts())
    ]
    return {"name": "envoy.filters.network.http_connection_manager", "typed_config": {
        "@type": f"{EXTENSIONS}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "web",
        "use_remote_address": True,
        "generate_request_id": False,
        "route_config": {"virtual_hosts": hosts},
        "http_filters": [{"name": "envoy.filters.http.router", "typed_config": {"@type": f"{EXTENSIONS}.http.router.v3.Router"}}],
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
