"""HAProxy."""

from .. import tls
from ..site import Site, Work
from .peer import Command, Peer


class HaProxy(Peer):
    name = "haproxy"
    program = "haproxy"
    given = "nbthread 1; http-reuse always"
    version_arguments = ("-v",)

    def can(self, work: Work) -> bool:
        return super().can(work) and work.relay != "udp"

    def command(self, site: Site, work: Work) -> Command:
        mode = "tcp" if work.relay else "http"
        config = site.write(f"{self.name}.cfg", f"""\
global
  nbthread 1
  maxconn 9500
{self.more(work)}\
defaults
  mode {mode}
  timeout connect 5s
  timeout client 60s
  timeout server 60s
{self.relay(site) if work.relay else _http(site, work)}""")
        return Command(["-f", str(config)])

    def more(self, work: Work) -> str:
        """More for all of the process."""
        return "" if work.resumption else "  tune.ssl.cachesize 0\n"

    def relay(self, site: Site) -> str:
        """What comes on one port goes to the server."""
        return f"""\
listen web
  bind {site.address()}
  server one {site.backend()}
"""


class HaProxySplice(HaProxy):
    name = "haproxy-splice"
    given = "nbthread 1; option splice-auto"

    def can(self, work: Work) -> bool:
        return work.relay == "tcp"

    def more(self, work: Work) -> str:
        """More for all of the process."""
        return "" if work.resumption else "  tune.ssl.cachesize 0\n"

    def more(self, work: Work) -> str:
        # By default it keeps two descriptors for the pipe of every connection that there could be.
        return "  maxpipes 256\n"

    def relay(self, site: Site) -> str:
        return super().relay(site) + "  option splice-auto\n"


def _http(site: Site, work: Work) -> str:
    hosts = site.write("haproxy.map", "".join(f"{host} app\n" for host in work.hosts()))
    scheme = "https" if work.tls else "http"
    return f"""\
frontend web
  bind {site.address()}{_tls(site, work) if work.tls else ""}
  option forwardfor
  http-request set-header X-Forwarded-Proto {scheme}
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  http-request set-header X-Forwarded-Port {site.port}
  http-request set-header X-Forwarded-Server bench
  http-request set-header X-Real-Ip %[src]
  use_backend %[req.hdr(host),field(1,:),lower,map({hosts},none)]
backend app
  http-reuse always
  server one {site.backend()}
"""


def _tls(site: Site, work: Work) -> str:
    return f" ssl crt {tls.certificate(site.folder).both} alpn h2,http/1.1{'' if work.resumption else ' no-tls-tickets'}"
