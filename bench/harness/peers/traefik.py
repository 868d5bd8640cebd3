"""Traefik, and its configuration, which ferroway takes as it is."""

from .. import tls
from ..site import Site, Work
from .peer import Command, Peer

API_HOST = "api.example.com"
CHAIN = ["allow", "strip", "heads", "add", "replace"]
MIDDLEWARES = """\
  middlewares:
    allow: {ipAllowList: {sourceRange: [127.0.0.0/8, 10.0.0.0/8]}}
    strip: {stripPrefix: {prefixes: [/api]}}
    heads: {headers: {customRequestHeaders: {X-A: a, X-Gone: ""}, customResponseHeaders: {X-B: b}, frameDeny: true}}
    add: {addPrefix: {prefix: /inner}}
    replace: {replacePathRegex: {regex: "^/inner/(.*)", replacement: "/$1"}}
"""


def router(name: str, host: str, middlewares: str = "") -> str:
    """One router, on a line of its own as `routers` in a file has it."""
    return f"    {name}: {{rule: 'Host(`{host}`)', {middlewares}service: app, entryPoints: [web]}}\n"


def dynamic(site: Site, work: Work) -> str:
    """The dynamic configuration."""
    if work.relay:
        rule = "rule: 'HostSNI(`*`)', " if work.relay == "tcp" else ""
        return (
            f"{work.relay}:\n"
            f"  services: {{app: {{loadBalancer: {{servers: [{{address: '{site.backend()}'}}]}}}}}}\n"
            f"  routers: {{all: {{{rule}service: app, entryPoints: [web]}}}}\n"
        )
    use = f"middlewares: [{', '.join(CHAIN)}], " if work.chain else ""
    return (
        (_tls(site, work) if work.tls else "")
        + "http:\n"
        "  services:\n"
        f"    app: {{loadBalancer: {{servers: [{{url: 'http://{site.backend()}'}}]}}}}\n"
        + (MIDDLEWARES if work.chain else "")
        + "  routers:\n"
        + "".join(router(f"r{index}", host, use) for index, host in enumerate(work.hosts()))
        + (f"    api: {{rule: 'Host(`{API_HOST}`)', service: api@internal, entryPoints: [web]}}\n" if work.api else "")
    )


def _tls(site: Site, work: Work) -> str:
    certificate = tls.certificate(site.folder)
    options = "" if work.resumption else "  options: {default: {disableSessionTickets: true}}\n"
    return f"tls:\n  certificates: [{{certFile: {certificate.chain}, keyFile: {certificate.key}}}]\n{options}"


def static(site: Site, work: Work, name: str, more: str = "") -> str:
    """The static configuration."""
    log = site.log(f"{name}-access.log")
    access_log = f"accessLog: {{filePath: {log}, format: json}}\n" if work.access_log else ""
    address = site.address() + ("/udp" if work.relay == "udp" else "")
    use = ", http: {tls: {}}" if work.tls else ""
    return (
        f"entryPoints: {{web: {{address: '{address}'{use}}}}}\n"
        f"providers: {{file: {{filename: {site.folder}/{name}-dynamic.yml, watch: true}}}}\n"
        f"log: {{level: ERROR}}\n{access_log}{more}" + ("api: {}\n" if work.api else "")
    )


class Traefik(Peer):
    name = "traefik"
    program = "traefik"
    given = "GOMAXPROCS=1"
    version_arguments = ("version",)
    more = ""
    env = {"GOMAXPROCS": "1"}

    def can(self, work: Work) -> bool:
        return True

    def command(self, site: Site, work: Work) -> Command:
        self.write_dynamic(site, dynamic(site, work))
        static_file = site.write(f"{self.name}-static.yml", static(site, work, self.name, self.more))
        return Command([f"--configFile={static_file}"], self.env)

    def write_dynamic(self, site: Site, text: str) -> None:
        """Writes the dynamic configuration, anew while it runs too."""
        site.write(f"{self.name}-dynamic.yml", text)


class TraefikFast(Traefik):
    name = "traefik-fast"
    given = "GOMAXPROCS=1; with its experimental fastProxy"
    more = "experimental: {fastProxy: {}}\n"

    def can(self, work: Work) -> bool:
        return not work.relay
