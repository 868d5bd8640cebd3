"""What clients do, and what comes of it."""

import re
from dataclasses import dataclass

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
    streams: int = 1
    """Requests at once on a connection of HTTP/2."""


@dataclass
class Served:
    """What came of it."""

    requests: int
    errors: int
    p99_ms: float


def milliseconds(text: str) -> float:
    """A time as wrk and h2load print it, such as `1.61ms`."""
    number, unit = re.fullmatch(r"([\d.]+)([a-z]+)", text).groups()
    return float(number) * MILLISECONDS[unit]
