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
        return True

    def command(self, site: Site, work: Work) -> Command:
        return Command([site.address(), site.backend()])

    def version(self) -> str:
        return "-"
