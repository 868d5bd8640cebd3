"""One run of the benchmark: who takes part, how long, and where its files are."""

import sys
from dataclasses import dataclass
from pathlib import Path

from .peers import Peer
from .site import Site, Work, free_port


@dataclass
class Session:
    """One run of the benchmark."""

    peers: list[Peer]
    rounds: int
    seconds: int
    folder: Path
    backend_port: int

    def able(self, work: Work) -> list[Peer]:
        """Who can do this work."""
        return [peer for peer in self.peers if peer.can(work)]

    def site(self) -> Site:
        """A fresh address."""
        return Site(self.folder, free_port(), self.backend_port)

    @staticmethod
    def trouble(scenario: str, peer: Peer, error: Exception) -> None:
        print(f"{scenario:14} {peer.name:14} FAILED: {error}", file=sys.stderr, flush=True)
