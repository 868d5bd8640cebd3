"""What questions to the API cost: their own time, and that of requests which flow beside them."""

import http.client
import multiprocessing
import socket
import statistics
import time

from .machine import resident_megabytes
from .peers import Peer
from .peers.traefik import API_HOST, Traefik
from .session import Session
from .site import LOOPBACK, Site, Work

PAGE, EVERYTHING = "/api/http/routers?per_page=100&page=7", "/api/rawdata"
ASKED = 20
SECONDS_BETWEEN_QUESTIONS = 0.2
SECONDS_PER_REQUEST = 0.002


def measure(session: Session, name: str, routers: int) -> list[dict]:
    """Asks every peer that has the API, some rounds of that; gives medians."""
    rows = []
    work = Work(routers=routers, api=True)
    for peer in session.able(work):
        if not isinstance(peer, Traefik) or peer.name == "traefik-fast":
            continue
        try:
            samples = [_sample(session, peer, work) for _ in range(session.rounds)]
        except (RuntimeError, OSError, http.client.HTTPException) as error:
            session.trouble(name, peer, error)
            continue
        row = {"scenario": name, "peer": peer.name}
        row |= {key: statistics.median(sample[key] for sample in samples) for key in samples[0]}
        rows.append(row)
        print(f"{name:14} {peer.name:14} first {row['first_ms']:6.1f} ms  page {row['page_ms']:6.2f} ms  "
              f"rawdata {row['rawdata_ms']:6.1f} ms  p99 {row['quiet_p99_ms']:6.2f} ms, beside questions to "
              f"another {row['elsewhere_p99_ms']:6.2f} ms, to it {row['asked_p99_ms']:6.2f} ms  {row['memory_mb']:6.1f} MB", flush=True)
    return rows


def _sample(session: Session, peer: Peer, work: Work) -> dict:
    site, other = session.site(), session.site()
    # The same questions to another process take the same part of the machine away.
    with peer.start(other, work), peer.start(site, work) as proxy:
        first = _ask(site, PAGE)
        _ask(other, PAGE)
        quiet = _beside(site, work, session.seconds, lambda: time.sleep(SECONDS_BETWEEN_QUESTIONS))
        elsewhere = _beside(site, work, session.seconds, lambda: _questions(other))
        asked = _beside(site, work, session.seconds, lambda: _questions(site))
        return {
            "first_ms": first * 1e3,
            "page_ms": statistics.median(_ask(site, PAGE) for _ in range(ASKED)) * 1e3,
            "rawdata_ms": statistics.median(_ask(site, EVERYTHING) for _ in range(ASKED)) * 1e3,
            "quiet_p99_ms": quiet * 1e3,
            "elsewhere_p99_ms": elsewhere * 1e3,
            "asked_p99_ms": asked * 1e3,
            "memory_mb": resident_megabytes(proxy.pid),
        }


def _questions(site: Site) -> None:
    for question in (PAGE, EVERYTHING):
        _ask(site, question)
    time.sleep(SECONDS_BETWEEN_QUESTIONS)


def _ask(site: Site, question: str) -> float:
    """Seconds until the whole answer was there."""
    connection = http.client.HTTPConnection(LOOPBACK, site.port, timeout=10)
    began = time.monotonic()
    connection.request("GET", question, headers={"Host": API_HOST})
    response = connection.getresponse()
    response.read()
    took = time.monotonic() - began
    connection.close()
    if response.status != 200:
        raise RuntimeError(f"{question} was answered with {response.status}")
    return took


def _beside(site: Site, work: Work, seconds: int, action) -> float:
    """The 99th percentile of steady requests while an action is repeated."""
    results = multiprocessing.Queue()
    client = multiprocessing.Process(target=_steady, args=(site.port, work.host(), seconds, results), daemon=True)
    client.start()
    while client.is_alive():
        action()
    times = sorted(results.get(timeout=10))
    client.join()
    if not times:
        raise RuntimeError("no request was answered")
    return times[len(times) * 99 // 100]


def _steady(port: int, host: str, seconds: int, results: multiprocessing.Queue) -> None:
    """Requests at a fixed rate; a late one counts from when it was due."""
    connection = socket.create_connection((LOOPBACK, port), timeout=5)
    request = f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    times = []
    due = time.monotonic()
    end = due + seconds
    while due < end:
        due += SECONDS_PER_REQUEST
        time.sleep(max(0.0, due - time.monotonic()))
        connection.sendall(request)
        # The answer is short, and comes in one piece.
        if not connection.recv(4096).startswith(b"HTTP/1.1 200"):
            raise RuntimeError("a request was not answered with 200")
        times.append(time.monotonic() - due)
    connection.close()
    results.put(times)
