"""Whether a proxy is there: one request, or one datagram, as the work has them."""

import http.client
import socket

from . import tls
from .site import LOOPBACK, Site, Work
from .turns import Http2Client, UnexpectedAnswer

TIMEOUT = 2
DATAGRAM = b"is there anybody?"


def get(port: int, path: str = "/", host: str = "localhost", encrypted: bool = False) -> int:
    """The status of one request over a connection of its own."""
    if encrypted:
        connection = http.client.HTTPSConnection("localhost", port, timeout=TIMEOUT, context=tls.trusting())
    else:
        connection = http.client.HTTPConnection(LOOPBACK, port, timeout=TIMEOUT)
    try:
        connection.request("GET", path, headers={"Host": host})
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


def answers(site: Site, work: Work) -> bool:
    """Whether the server's answer comes through the proxy."""
    try:
        if work.relay == "udp":
            return _echoes(site)
        if work.http2:
            with Http2Client(site, work) as client:
                client.ask(1)
            return True
        return get(site.port, work.prefix() + "/", work.host(), work.tls) == 200
    except (OSError, http.client.HTTPException, UnexpectedAnswer):
        return False


def _echoes(site: Site) -> bool:
    with socket.socket(type=socket.SOCK_DGRAM) as client:
        client.settimeout(TIMEOUT)
        client.connect((LOOPBACK, site.port))
        client.send(DATAGRAM)
        return client.recv(len(DATAGRAM) + 1) == DATAGRAM
