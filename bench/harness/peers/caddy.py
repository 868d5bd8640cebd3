"""Caddy."""

from ..site import LOOPBACK, Site, Work
from .peer import Command, Peer


class Caddy(Peer):
    name = "caddy"
    program = "caddy"
    given = "GOMAXPROCS=1"
    version_arguments = ("version",)

    def can(self, work: Work) -> bool:
        # It takes minutes to load 10,000 sites.
        return super().can(work) and work.routers <= 1000

    def command(self, site: Site, work: Work) -> Command:
        sites = "".join(
            f"http://{host}:{site.port} {{\n  bind {LOOPBACK}\n  reverse_proxy {site.backend()}\n}}\n" for host in work.hosts()
        )
        config = site.write("Caddyfile", f"{{\n  admin off\n  auto_https off\n}}\n{sites}")
        return Command(["run", "--config", str(config), "--adapter", "caddyfile"],
                       {"GOMAXPROCS": "1", "HOME": str(site.folder)})
