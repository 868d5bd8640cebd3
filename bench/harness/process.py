"""Processes that are started, awaited and ended."""

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

START_LIMIT = 120
STOP_LIMIT = 30


class Running:
    """A process that is there once it answers. Leaving the `with` block ends it."""

    def __init__(self, command: list[str], log: Path, answers: Callable[[], bool], env: dict[str, str] | None = None):
        self.log = log
        started = time.monotonic()
        with open(log, "w") as out:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                            env=os.environ | (env or {}))
        self.pid = self.process.pid
        try:
            while not answers():
                if self.process.poll() is not None or time.monotonic() - started > START_LIMIT:
                    raise RuntimeError(f"{Path(command[0]).name} did not come up: {log.read_text()[-600:].strip()}")
                time.sleep(0.005)
        except BaseException:
            self.stop()
            raise
        self.start_seconds = time.monotonic() - started

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
