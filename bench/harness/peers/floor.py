"""The blind relay, which every cost is compared with."""

from ..install import Workspace
from ..site import Site, Work
from .peer import Command, Peer


class Floor(Peer):
    name = "floor"
    program = "bench-floor"
    given = "one thread; copies bytes between two sockets and understands none of them"

    def path(self) -> str:
        return Workspace.program(self.program)

    def can(self, work: Work) -> bool:
        return not work.tls and not work.http2

    def command(self, site: Site, work: Work) -> Command:
        return Command([*(["--udp"] if work.relay == "udp" else []), site.address(), site.backend()])

    def version(self) -> str:
        return "-"
