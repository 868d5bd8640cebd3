"""The proxies, one file each; `PEERS` is the one list of them."""

from .caddy import Caddy
from .envoy import Envoy
from .ferroway import Ferroway
from .floor import Floor
from .haproxy import HaProxy, HaProxySplice
from .nginx import Nginx
from .peer import Peer
from .traefik import Traefik, TraefikFast

PEERS: list[Peer] = [Floor(), Ferroway(), Nginx(), HaProxy(), HaProxySplice(), Envoy(), Traefik(), TraefikFast(), Caddy()]
FLOOR = Floor.name
NGINX = Nginx.name
