"""Instructions that a request costs, counted by valgrind: the same on every machine, however busy it is."""

import re
import shutil
import subprocess
from pathlib import Path

from .peers.ferroway import Ferroway
from .probe import answers
from .process import Running
from .site import Site, Work, free_port
from .turns import Client, Http2Client

REQUESTS = 2_000
WARM_UP = 200


def instructions_per_request(folder: Path, backend_port: int, work: Work, profile: Path | None = None) -> float:
    """Instructions of one keep-alive request with its answer of 120 bytes. What starting and stopping costs is left out:
    the count begins when requests run already. `profile` is where `callgrind_annotate` finds the details."""
    site = Site(folder, free_port(), backend_port)
    peer = Ferroway()
    command = peer.command(site, work)
    dump = folder / "callgrind.out"
    valgrind = ["valgrind", "--tool=callgrind", f"--log-file={folder}/valgrind.log", f"--callgrind-out-file={dump}"]
    proxy = Running([*valgrind, peer.path(), *command.arguments], folder / "ferroway.log", lambda: answers(site, work),
                    command.env)
    with proxy, (Http2Client if work.http2 else Client)(site, work) as client:
        client.ask(WARM_UP)
        _control("--zero", proxy.pid)
        client.ask(REQUESTS)
        _control("--dump", proxy.pid)
        counted = Path(f"{dump}.1")
        totals = re.search(r"^totals: (\d+)$", counted.read_text(), re.MULTILINE)
        if profile:
            shutil.copy(counted, profile)
    if not totals:
        raise RuntimeError("valgrind counted nothing")
    return int(totals.group(1)) / REQUESTS


def _control(action: str, pid: int) -> None:
    """Tells the callgrind of a process to forget or to write what it has counted; returns when that is done."""
    done = subprocess.run(["callgrind_control", action, str(pid)], capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise RuntimeError(f"callgrind_control {action}: {done.stdout}{done.stderr}")
