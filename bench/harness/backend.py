"""The server behind the proxies."""

from pathlib import Path

from .install import Workspace
from .probe import answers
from .process import Running
from .site import LOOPBACK, Site, Work, free_port


def start(folder: Path) -> tuple[Running, int]:
    """Starts it; gives its port too."""
    port = free_port()
    command = [Workspace.program("bench-backend"), f"{LOOPBACK}:{port}"]
    site = Site(folder, port, port)
    return Running(command, folder / "backend.log", lambda: answers(site, Work())), port
