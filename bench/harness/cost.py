"""What a request costs: processor time of the proxy, round by round beside the blind relay, or beside nginx where a blind
relay could not do the work."""

import statistics
import time

from . import tls
from .load import Load, drive
from .machine import cpu_seconds, resident_megabytes
from .peers import FLOOR, NGINX, Peer
from .session import Session
from .site import Work

WARM_UP_SECONDS = 1


def measure(session: Session, scenario: str, load: Load, work: Work) -> list[dict]:
    """Measures every peer in turn, some rounds of that; gives medians."""
    peers = session.able(work)
    samples: dict[str, list[dict | None]] = {peer.name: [] for peer in peers}
    for _ in range(session.rounds):
        for peer in peers:
            try:
                samples[peer.name].append(_sample(session, peer, load, work))
            except (RuntimeError, OSError) as error:
                session.trouble(scenario, peer, error)
                samples[peer.name].append(None)
    base = next((name for name in (FLOOR, NGINX) if name in samples), None)
    rows = [_row(scenario, name, samples[name], base, samples.get(base, [])) for name in samples if any(samples[name])]
    for row in rows:
        print(_line(row), flush=True)
    return rows


def _sample(session: Session, peer: Peer, load: Load, work: Work) -> dict:
    site = session.site()
    with peer.start(site, work) as proxy:
        if work.tls:
            tls.check(site, work)
        drive(load, site, work, WARM_UP_SECONDS)
        user_before, system_before = cpu_seconds(proxy.pid)
        began = time.monotonic()
        served = drive(load, site, work, session.seconds)
        elapsed = time.monotonic() - began
        user, system = cpu_seconds(proxy.pid)
        requests = max(served.requests, 1)
        return {
            "cpu_us": 1e6 * (user + system - user_before - system_before) / requests,
            "user_us": 1e6 * (user - user_before) / requests,
            "requests_per_second": served.requests / elapsed,
            "p99_ms": served.p99_ms,
            "memory_mb": resident_megabytes(proxy.pid),
            "errors": served.errors,
        }


def _row(scenario: str, peer: str, samples: list[dict | None], base: str | None,
         others: list[dict | None]) -> dict:
    valid = [sample for sample in samples if sample]
    row = {"scenario": scenario, "peer": peer}
    row |= {key: statistics.median(sample[key] for sample in valid) for key in valid[0]}
    row["errors"] = sum(sample["errors"] for sample in valid)
    ratios = [own["cpu_us"] / other["cpu_us"] for own, other in zip(samples, others) if own and other and other["cpu_us"]]
    if ratios:
        row |= {"base": base, "ratio": statistics.median(ratios), "ratio_min": min(ratios), "ratio_max": max(ratios)}
    return row


def _line(row: dict) -> str:
    ratio = f"{row['ratio']:5.2f} x {row['base']}" if "ratio" in row else ""
    errors = f"  {row['errors']} ERRORS" if row["errors"] else ""
    return (f"{row['scenario']:14} {row['peer']:14} {row['cpu_us']:8.1f} us/request ({row['user_us']:6.1f} user) {ratio:13} "
            f"{row['requests_per_second']:8.0f} requests/s  p99 {row['p99_ms']:7.2f} ms  {row['memory_mb']:6.1f} MB{errors}")
