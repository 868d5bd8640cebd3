"""Instructions that a request costs, counted by valgrind: the same on every machine, however busy it is."""

import re
import shutil
import socket
import subprocess
from pathlib import Path

from .peers.ferroway import Ferroway
from .process import Running
from .site import LOOPBACK, Site, Work, free_port

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
    proxy = Running([*valgrind, peer.path(), *command.arguments], folder / "ferroway.log", site.port,
                    work.prefix() + "/", work.host(), command.env)
    with proxy, socket.create_connection((LOOPBACK, site.port), timeout=30) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _ask(connection, work, WARM_UP)
        _control("--zero", proxy.pid)
        _ask(connection, work, REQUESTS)
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


def _ask(connection: socket.socket, work: Work, requests: int) -> None:
    """Sends requests, each after the answer to the one before."""
    request = f"GET {work.prefix()}/ HTTP/1.1\r\nHost: {work.host()}\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n".encode()
    for _ in range(requests):
        connection.sendall(request)
        _read_answer(connection)


def _read_answer(connection: socket.socket) -> None:
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += _receive(connection)
    head, body = answer.split(b"\r\n\r\n", 1)
    length = re.search(rb"(?i)^content-length: (\d+)", head, re.MULTILINE)
    if not head.startswith(b"HTTP/1.1 200 ") or not length:
        raise RuntimeError(f"an unexpected answer: {head.decode('latin-1')}")
    while len(body) < int(length.group(1)):
        body += _receive(connection)


def _receive(connection: socket.socket) -> bytes:
    received = connection.recv(65536)
    if not received:
        raise RuntimeError("the connection was closed")
    return received
