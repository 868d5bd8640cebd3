"""The server behind the proxies."""

from pathlib import Path

from .install import Workspace
from .process import Running
from .site import LOOPBACK, free_port


def start(folder: Path) -> tuple[Running, int]:
    """Starts it; gives its port too."""
    port = free_port()
    return Running([Workspace.program("bench-backend"), f"{LOOPBACK}:{port}"], folder / "backend.log", port), port
