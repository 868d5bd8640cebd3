"""What the benchmark needs to know of a proxy."""

import re
import subprocess
from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from ..install import find
from ..probe import answers
from ..process import Running
from ..site import Site, Work


@dataclass
class Command:
    """How a proxy is started."""

    arguments: list[str]
    env: dict[str, str] = field(default_factory=dict)


class Peer(ABC):
    """A proxy."""

    name: str
    """Its name in tables and on the command line."""
    program: str
    """Its program."""
    given: str
    """What it gets of the machine, and which of its settings matter."""
    version_arguments: tuple[str, ...] = ("--version",)

    def path(self) -> str | None:
        """Where its program is, if it could be had."""
        return find(self.program)

    def can(self, work: Work) -> bool:
        """Whether it is measured with this work."""
        return not work.chain and not work.access_log

    @abstractmethod
    def command(self, site: Site, work: Work) -> Command:
        """Writes its configuration and tells how to start it."""

    def start(self, site: Site, work: Work) -> Running:
        """Starts it and waits until it proxies."""
        command = self.command(site, work)
        arguments = [self.path() or self.program, *command.arguments]
        log = site.folder / f"{self.name}.log"
        return Running(arguments, log, lambda: answers(site, work), command.env)

    def version(self) -> str:
        done = subprocess.run([self.path(), *self.version_arguments], capture_output=True, text=True)
        found = re.search(r"\d+\.\d+\.\d+", done.stdout + done.stderr)
        return found.group() if found else "?"
