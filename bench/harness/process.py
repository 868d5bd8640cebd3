"""Processes that are started, awaited and ended."""

import http.client
import os
import subprocess
import time
from pathlib import Path

from .site import LOOPBACK

START_LIMIT = 120
STOP_LIMIT = 30


def get(port: int, path: str = "/", host: str = "localhost", timeout: float = 2) -> int:
    """The status of one request over a connection of its own."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=timeout)
    try:
        connection.request("GET", path, headers={"Host": host})
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


class Running:
    """A process that answers on a port. Leaving the `with` block ends it."""

    def __init__(self, command: list[str], log: Path, port: int, path: str = "/", host: str = "localhost",
                 env: dict[str, str] | None = None):
        self.log = log
        started = time.monotonic()
        with open(log, "w") as out:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                            env=os.environ | (env or {}))
        self.pid = self.process.pid
        try:
            while not self._answers(port, path, host):
                if self.process.poll() is not None or time.monotonic() - started > START_LIMIT:
                    raise RuntimeError(f"{Path(command[0]).name} did not come up: {log.read_text()[-600:].strip()}")
                time.sleep(0.005)
        except BaseException:
            self.stop()
            raise
        self.start_seconds = time.monotonic() - started

    @staticmethod
    def _answers(port: int, path: str, host: str) -> bool:
        try:
            return get(port, path, host) == 200
        except (OSError, http.client.HTTPException):
            return False

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_LIMIT)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
