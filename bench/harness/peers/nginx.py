"""nginx."""

from .. import tls
from ..install import NGINX_STREAM, find
from ..site import LOOPBACK, Site, Work
from .peer import Command, Peer

# What the others do for servers by default.
PROXY = """\
proxy_pass http://app; proxy_http_version 1.1; proxy_request_buffering off;
proxy_set_header Connection ''; proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For $remote_addr;
proxy_set_header X-Real-Ip $remote_addr; proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header X-Forwarded-Host $host;
proxy_set_header X-Forwarded-Port $server_port; proxy_set_header X-Forwarded-Server bench;
"""


class Nginx(Peer):
    name = "nginx"
    program = "nginx"
    given = "one worker; uploads are passed on as they come (proxy_request_buffering off)"
    version_arguments = ("-v",)

    def can(self, work: Work) -> bool:
        return super().can(work) and (not work.relay or find(NGINX_STREAM) is not None)

    def command(self, site: Site, work: Work) -> Command:
        folder = site.folder
        load = f"load_module {find(NGINX_STREAM)};\n" if work.relay else ""
        config = site.write("nginx.conf", f"""\
{load}worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx-error.log crit;
events {{ worker_connections 15000; }}
{_stream(site, work) if work.relay else _http(site, work)}
""")
        return Command(["-c", str(config), "-e", f"{folder}/nginx-start.log"])


def _http(site: Site, work: Work) -> str:
    listen = f"{site.address()}{' ssl' if work.tls else ''}{' http2' if work.http2 else ''}"
    servers = "".join(f"server {{ listen {listen}; server_name {host}; location / {{ {PROXY} }} }}\n" for host in work.hosts())
    return f"""\
http {{
  access_log off; keepalive_requests 100000000; keepalive_timeout 3600s; server_names_hash_max_size 65536;
  client_max_body_size 16m; client_body_temp_path {site.folder}/nginx-body; proxy_temp_path {site.folder}/nginx-proxy;
  upstream app {{ server {LOOPBACK}:{site.backend_port}; keepalive 256; keepalive_requests 100000000; }}
{_tls(site, work) if work.tls else ""}{servers}}}"""


def _tls(site: Site, work: Work) -> str:
    certificate = tls.certificate(site.folder)
    resumption = "" if work.resumption else "  ssl_session_tickets off; ssl_session_cache off;\n"
    return f"""\
  ssl_protocols TLSv1.2 TLSv1.3; ssl_certificate {certificate.chain}; ssl_certificate_key {certificate.key};
{resumption}"""


def _stream(site: Site, work: Work) -> str:
    udp = " udp" if work.relay == "udp" else ""
    return f"stream {{ server {{ listen {site.address()}{udp}; proxy_pass {site.backend()}; }} }}"
