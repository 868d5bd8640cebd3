"""HAProxy."""

from ..site import Site, Work
from .peer import Command, Peer


class HaProxy(Peer):
    name = "haproxy"
    program = "haproxy"
    given = "nbthread 1; http-reuse always"
    version_arguments = ("-v",)

    def command(self, site: Site, work: Work) -> Command:
        hosts = site.write("haproxy.map", "".join(f"{host} app\n" for host in work.hosts()))
        config = site.write("haproxy.cfg", f"""\
global
  nbthread 1
  maxconn 9500
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend web
  bind {site.address()}
  option forwardfor
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  http-request set-header X-Forwarded-Port {site.port}
  http-request set-header X-Forwarded-Server bench
  http-request set-header X-Real-Ip %[src]
  use_backend %[req.hdr(host),field(1,:),lower,map({hosts},none)]
backend app
  http-reuse always
  server one {site.backend()}
""")
        return Command(["-f", str(config)])
