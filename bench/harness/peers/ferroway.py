"""ferroway, with Traefik's configuration."""

from ..install import Workspace
from .traefik import Traefik


class Ferroway(Traefik):
    name = "ferroway"
    program = "ferroway"
    given = "FERROWAY_WORKERS=1; the control plane has a thread of its own"
    env = {"FERROWAY_WORKERS": "1"}

    def path(self) -> str:
        return Workspace.program(self.program)
