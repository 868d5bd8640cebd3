"""Load of HTTP/1.1, by wrk on one thread."""

import re
import subprocess

from . import tls
from .install import find
from .served import Load, Served, milliseconds
from .site import Site, Work


def drive(load: Load, site: Site, work: Work, seconds: int) -> Served:
    """Runs the load for some seconds."""
    command = [find("wrk"), "-t1", "-c", str(load.connections), "-d", f"{seconds}s", "--latency", "-H", f"Host: {work.host()}"]
    if load.new_connections:
        command += ["-H", "Connection: close"]
    if load.upload:
        script = f'wrk.method = "POST"\nwrk.body = string.rep("x", {load.upload})\n'
        command += ["-s", str(site.write("upload.lua", script))]
    command.append(f"{site.url(work)}{work.prefix()}{load.path}")
    env = tls.client_env(site.folder) if work.tls else None
    return parse(subprocess.run(command, capture_output=True, text=True, timeout=seconds + 30, env=env).stdout)


def parse(report: str) -> Served:
    """Reads what wrk prints."""
    requests = re.search(r"(\d+) requests in", report)
    if not requests:
        raise RuntimeError(f"wrk failed: {report.strip()[-300:]}")
    errors = sum(int(number) for number in re.findall(r"Non-2xx or 3xx responses: (\d+)", report))
    sockets = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", report)
    errors += sum(map(int, sockets.groups())) if sockets else 0
    p99 = re.search(r"99%\s+([\d.]+(?:us|ms|s|m))\b", report)
    return Served(int(requests.group(1)), errors, milliseconds(p99.group(1)) if p99 else float("nan"))
