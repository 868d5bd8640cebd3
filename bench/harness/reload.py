"""What a change of the configuration costs: time until it is live, processor time, requests that get lost."""

import http.client
import multiprocessing
import statistics
import time

from .machine import precise_cpu_seconds, resident_megabytes
from .peers.traefik import Traefik, dynamic, router
from .probe import get
from .session import Session
from .site import LOOPBACK, Site, Work

CHANGES = 3
LIVE_LIMIT = 60
# Traefik holds changes back that follow another within two seconds (providersThrottleDuration).
WINDOW_SECONDS = 3


def measure(session: Session, routers: int) -> list[dict]:
    """Adds one router to a file of many, some times, with steady traffic and without."""
    name = f"reload-{routers // 1000}k"
    rows = []
    for peer in session.able(Work(routers=routers)):
        if not isinstance(peer, Traefik) or peer.name == "traefik-fast":
            continue
        try:
            row = {"scenario": name, "peer": peer.name} | _measure_peer(session, peer, Work(routers=routers))
        except (RuntimeError, OSError) as error:
            session.trouble(name, peer, error)
            continue
        rows.append(row)
        print(f"{name:14} {peer.name:14} start {row['start_ms']:6.0f} ms  live after {row['live_ms']:7.1f} ms  "
              f"cpu {row['cpu_ms']:6.1f} ms, with traffic {row['cpu_traffic_ms']:6.1f} ms  "
              f"lost {row['lost']} of {row['requests']}  {row['memory_mb']:6.1f} MB", flush=True)
    return rows


def _measure_peer(session: Session, peer: Traefik, work: Work) -> dict:
    site = session.site()
    with peer.start(site, work) as proxy:
        time.sleep(WINDOW_SECONDS)
        changes = _Changes(peer, site, work, proxy.pid)
        quiet = [changes.apply(polling=False) for _ in range(CHANGES)]
        with _Traffic(site.port) as traffic:
            time.sleep(1)
            busy = [changes.apply(polling=True) for _ in range(CHANGES)]
        requests, lost = traffic.result()
        return {
            "start_ms": proxy.start_seconds * 1e3,
            "live_ms": statistics.median(live for live, _ in busy) * 1e3,
            "cpu_ms": statistics.median(cpu for _, cpu in quiet) * 1e3,
            "cpu_traffic_ms": statistics.median(cpu for _, cpu in busy) * 1e3,
            "requests": requests,
            "lost": lost,
            "memory_mb": resident_megabytes(proxy.pid),
        }


class _Changes:
    """Adds one router after the other to the file of a running proxy."""

    def __init__(self, peer: Traefik, site: Site, work: Work, pid: int):
        self.peer, self.site, self.pid = peer, site, pid
        self.before, self.after = dynamic(site, work).split("  routers:\n")
        self.count = 0

    def apply(self, polling: bool) -> tuple[float, float]:
        """Adds a router: seconds until it answers, and seconds of processor time beyond those of a window without a
        change. Without polling the first is only an upper bound; the requests that ask cost time too."""
        idle = self._cpu_of(lambda: time.sleep(WINDOW_SECONDS))
        host = f"new{self.count}.example.com"
        text = self.before + "  routers:\n" + router(f"new{self.count}", host) + self.after
        self.count += 1
        live = 0.0

        def change():
            nonlocal live
            began = time.monotonic()
            self.peer.write_dynamic(self.site, text)
            if polling:
                live = self._await(host, began)
            time.sleep(max(0.0, began + WINDOW_SECONDS - time.monotonic()))

        spent = self._cpu_of(change) - idle
        if not polling:
            live = self._await(host, time.monotonic())
        return live, max(spent, 0.0)

    def _cpu_of(self, action) -> float:
        before = precise_cpu_seconds(self.pid)
        action()
        return precise_cpu_seconds(self.pid) - before

    def _await(self, host: str, began: float) -> float:
        while get(self.site.port, "/", host) != 200:
            if time.monotonic() - began > LIVE_LIMIT:
                raise RuntimeError(f"a change was not live after {LIVE_LIMIT} seconds")
            time.sleep(0.001)
        return time.monotonic() - began


class _Traffic:
    """Steady requests from a process of its own, over one connection after the other, at a fixed rate: what they cost can
    be taken off."""

    REQUESTS_PER_CONNECTION = 100
    SECONDS_PER_REQUEST = 0.002

    def __init__(self, port: int):
        self.stop = multiprocessing.Event()
        self.results = multiprocessing.Queue()
        self.process = multiprocessing.Process(target=self._ask, args=(port,), daemon=True)

    def __enter__(self):
        self.process.start()
        return self

    def __exit__(self, *_):
        self.stop.set()

    def result(self) -> tuple[int, int]:
        """Requests, and how many of them were not answered with 200."""
        counts = self.results.get(timeout=30)
        self.process.join()
        return counts

    def _ask(self, port: int) -> None:
        requests = lost = 0
        due = time.monotonic()
        while not self.stop.is_set():
            connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
            for _ in range(self.REQUESTS_PER_CONNECTION):
                due = max(due + self.SECONDS_PER_REQUEST, time.monotonic() - self.SECONDS_PER_REQUEST)
                time.sleep(max(0.0, due - time.monotonic()))
                requests += 1
                try:
                    connection.request("GET", "/", headers={"Host": "localhost"})
                    response = connection.getresponse()
                    response.read()
                    lost += response.status != 200
                except (OSError, http.client.HTTPException):
                    lost += 1
                    break
            connection.close()
        self.results.put((requests, lost))
