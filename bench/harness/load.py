"""Load, by wrk on one thread."""

import re
import subprocess
from dataclasses import dataclass

from .install import find
from .site import Site, Work

MILLISECONDS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}


@dataclass(frozen=True)
class Load:
    """What clients do."""

    connections: int
    path: str = "/"
    upload: int = 0
    """Bytes of a body that each request carries; 0 is a GET."""
    new_connections: bool = False
    """A connection for each request."""


@dataclass
class Served:
    """What came of it."""

    requests: int
    errors: int
    p99_ms: float


def drive(load: Load, site: Site, work: Work, seconds: int) -> Served:
    """Runs the load for some seconds."""
    command = [find("wrk"), "-t1", "-c", str(load.connections), "-d", f"{seconds}s", "--latency", "-H", f"Host: {work.host()}"]
    if load.new_connections:
        command += ["-H", "Connection: close"]
    if load.upload:
        script = f'wrk.method = "POST"\nwrk.body = string.rep("x", {load.upload})\n'
        command += ["-s", str(site.write("upload.lua", script))]
    command.append(f"http://{site.address()}{work.prefix()}{load.path}")
    return parse(subprocess.run(command, capture_output=True, text=True, timeout=seconds + 30).stdout)


def parse(report: str) -> Served:
    """Reads what wrk prints."""
    requests = re.search(r"(\d+) requests in", report)
    if not requests:
        raise RuntimeError(f"wrk failed: {report.strip()[-300:]}")
    errors = sum(int(number) for number in re.findall(r"Non-2xx or 3xx responses: (\d+)", report))
    sockets = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", report)
    errors += sum(map(int, sockets.groups())) if sockets else 0
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s|m)\b", report)
    return Served(int(requests.group(1)), errors, float(p99.group(1)) * MILLISECONDS[p99.group(2)] if p99 else float("nan"))
