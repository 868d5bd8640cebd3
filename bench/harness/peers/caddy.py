"""Caddy."""

from .. import tls
from ..site import LOOPBACK, Site, Work
from .peer import Command, Peer


class Caddy(Peer):
    name = "caddy"
    program = "caddy"
    given = "GOMAXPROCS=1"
    version_arguments = ("version",)

    def can(self, work: Work) -> bool:
        # It takes minutes to load 10,000 sites. A Caddyfile cannot turn session tickets off.
        return super().can(work) and work.routers <= 1000 and work.resumption and not work.relay

    def command(self, site: Site, work: Work) -> Command:
        certificate = tls.certificate(site.folder)
        scheme, use = ("https", f"  tls {certificate.chain} {certificate.key}\n") if work.tls else ("http", "")
        sites = "".join(
            f"{scheme}://{host}:{site.port} {{\n  bind {LOOPBACK}\n{use}  reverse_proxy {site.backend()}\n}}\n"
            for host in work.hosts()
        )
        servers = "  servers {\n    protocols h1 h2 h2c\n  }\n"
        config = site.write("Caddyfile", f"{{\n  admin off\n  auto_https off\n{servers}}}\n{sites}")
        return Command(["run", "--config", str(config), "--adapter", "caddyfile"],
                       {"GOMAXPROCS": "1", "HOME": str(site.folder)})
