"""Load: what clients do, by the program that can."""

from . import h2load, udp, wrk
from .served import Load, Served
from .site import Site, Work

__all__ = ["Load", "Served", "drive"]


def drive(load: Load, site: Site, work: Work, seconds: int) -> Served:
    """Runs the load for some seconds."""
    if work.relay == "udp":
        return udp.drive(load, site, seconds)
    return (h2load if work.http2 else wrk).drive(load, site, work, seconds)
