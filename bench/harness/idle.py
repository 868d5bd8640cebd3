"""What a proxy costs that does nothing: time to start, memory, and memory for each idle connection."""

import socket
import statistics
import time

from . import tls
from .machine import resident_megabytes
from .peers import FLOOR, Peer
from .session import Session
from .site import LOOPBACK, Work

CONNECTIONS = 4000
SETTLE_SECONDS = 1


def measure(session: Session, scenario: str, work: Work) -> list[dict]:
    """Measures every peer in turn, some rounds of that; gives medians."""
    rows = []
    for peer in session.able(work):
        if peer.name == FLOOR:
            continue
        try:
            samples = [_sample(session, peer, work) for _ in range(session.rounds)]
        except (RuntimeError, OSError) as error:
            session.trouble(scenario, peer, error)
            continue
        row = {"scenario": scenario, "peer": peer.name}
        row |= {key: statistics.median(sample[key] for sample in samples) for key in samples[0]}
        rows.append(row)
        print(f"{scenario:14} {peer.name:14} start {row['start_ms']:6.0f} ms  idle {row['memory_mb']:6.1f} MB  "
              f"{row['kb_per_connection']:6.2f} kB for each idle connection", flush=True)
    return rows


def _sample(session: Session, peer: Peer, work: Work) -> dict:
    site = session.site()
    connections = []
    try:
        with peer.start(site, work) as proxy:
            time.sleep(SETTLE_SECONDS)
            before = resident_megabytes(proxy.pid)
            client = tls.trusting() if work.tls else None
            for _ in range(CONNECTIONS):
                connection = socket.create_connection((LOOPBACK, site.port), timeout=5)
                if client:
                    connection = client.wrap_socket(connection, server_hostname="localhost")
                connections.append(connection)
                connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                if not connection.recv(4096):
                    raise RuntimeError(f"connection {len(connections)} was closed")
            time.sleep(SETTLE_SECONDS)
            after = resident_megabytes(proxy.pid)
            return {
                "start_ms": proxy.start_seconds * 1e3,
                "memory_mb": before,
                "kb_per_connection": (after - before) * 1024 / CONNECTIONS,
            }
    finally:
        for connection in connections:
            connection.close()
