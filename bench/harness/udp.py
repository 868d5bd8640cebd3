"""Load of datagrams, by a program of this workspace."""

import re
import subprocess

from .install import Workspace
from .served import Load, Served
from .site import Site


def drive(load: Load, site: Site, seconds: int) -> Served:
    """Runs the load for some seconds: each socket sends a datagram when the one before has come back."""
    command = [Workspace.program("bench-datagrams"), site.address(), str(load.connections), str(seconds)]
    return parse(subprocess.run(command, capture_output=True, text=True, timeout=seconds + 30))


def parse(done: subprocess.CompletedProcess) -> Served:
    """Reads what it prints."""
    report = re.fullmatch(r"(\d+) answered, (\d+) lost, p99 (\d+) us\n", done.stdout)
    if not report:
        raise RuntimeError(f"bench-datagrams failed: {done.stdout}{done.stderr}")
    answered, lost, p99 = map(int, report.groups())
    return Served(answered, lost, p99 / 1e3)
