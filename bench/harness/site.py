"""Where a proxy runs: its folder, its address and the server behind it; and what it is set up for."""

import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Work:
    """What a proxy is set up for."""

    routers: int = 1
    """Routers, one for each host; all lead to the one server."""
    chain: bool = False
    """Five middlewares in front of the service."""
    access_log: bool = False
    """An access log in JSON."""
    tls: bool = False
    """Clients come with TLS."""
    resumption: bool = True
    """Whether clients may resume a session of TLS, as they may by default with every peer."""
    http2: bool = False
    """Clients speak HTTP/2; over plain TCP without asking first."""
    relay: Literal["tcp", "udp"] | None = None
    """Bytes or datagrams go to the server as they are."""

    api: bool = False
    """The API answers, by a router on the same entry point."""

    def hosts(self) -> list[str]:
        return ["localhost"] + [f"h{index}.example.com" for index in range(1, self.routers)]

    def host(self) -> str:
        """The host that is asked for: one from the middle."""
        return self.hosts()[self.routers // 2]

    def prefix(self) -> str:
        """What stands before each path."""
        return "/api" if self.chain else ""


@dataclass(frozen=True)
class Site:
    """Where a proxy runs."""

    folder: Path
    port: int
    backend_port: int

    def address(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    def url(self, work: Work) -> str:
        """Where clients go. With TLS they name the host that the certificate is for."""
        return f"https://localhost:{self.port}" if work.tls else f"http://{self.address()}"

    def backend(self) -> str:
        return f"{LOOPBACK}:{self.backend_port}"

    def log(self, name: str) -> Path:
        """A file that is written to all the time. Not where proxies watch their configuration."""
        folder = self.folder / "logs"
        folder.mkdir(mode=0o777, exist_ok=True)
        return folder / name

    def write(self, name: str, text: str) -> Path:
        """Writes a file in one step, as editors do, so that nobody reads half of it."""
        path = self.folder / name
        fresh = path.with_name(path.name + ".new")
        fresh.write_text(text)
        os.replace(fresh, path)
        return path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]
