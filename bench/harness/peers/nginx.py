"""nginx."""

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

    def command(self, site: Site, work: Work) -> Command:
        servers = "".join(
            f"server {{ listen {site.address()}; server_name {host}; location / {{ {PROXY} }} }}\n" for host in work.hosts()
        )
        folder = site.folder
        config = site.write("nginx.conf", f"""\
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx-error.log crit;
events {{ worker_connections 15000; }}
http {{
  access_log off; keepalive_requests 100000000; keepalive_timeout 3600s; server_names_hash_max_size 65536;
  client_max_body_size 16m; client_body_temp_path {folder}/nginx-body; proxy_temp_path {folder}/nginx-proxy;
  upstream app {{ server {LOOPBACK}:{site.backend_port}; keepalive 256; keepalive_requests 100000000; }}
{servers}}}
""")
        return Command(["-c", str(config), "-e", f"{folder}/nginx-start.log"])
