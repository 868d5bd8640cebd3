"""Load of HTTP/2, by h2load on one thread."""

import re
import subprocess

from . import tls
from .install import find
from .served import Load, Served
from .site import Site, Work

# What h2load has to tell of a connection with TLS.
AGREED = [f"TLS Protocol: {tls.VERSION}", f"Cipher: {tls.SUITE}", f"Server Temp Key: {tls.GROUP}", "Application protocol: h2"]


def drive(load: Load, site: Site, work: Work, seconds: int) -> Served:
    """Runs the load for some seconds."""
    times = site.log("h2load.times")
    times.unlink(missing_ok=True)
    command = [find("h2load"), "-t1", "-c", str(load.connections), "-m", str(load.streams), "-D", str(seconds),
               f"--log-file={times}", f"--connect-to={site.address()}", "-H", f":authority: {work.host()}",
               f"--tls13-ciphers={tls.SUITE}", f"--groups={tls.GROUP}", f"{site.url(work)}{work.prefix()}{load.path}"]
    report = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 30).stdout
    for agreed in AGREED if work.tls else []:
        if agreed not in report:
            raise RuntimeError(f"no {agreed}: {report.strip()[:600]}")
    served = parse(report)
    micros = sorted(int(line.rsplit("\t", 1)[1]) for line in times.read_text().splitlines())
    served.p99_ms = micros[len(micros) * 99 // 100] / 1e3 if micros else float("nan")
    return served


def parse(report: str) -> Served:
    """Reads what h2load prints."""
    requests = re.search(r"^requests: .* (\d+) failed, (\d+) errored, (\d+) timeout", report, re.MULTILINE)
    statuses = re.search(r"^status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", report, re.MULTILINE)
    if not requests or not statuses:
        raise RuntimeError(f"h2load failed: {report.strip()[-300:]}")
    good, *others = map(int, statuses.groups())
    return Served(good, sum(others) + sum(map(int, requests.groups())), float("nan"))
