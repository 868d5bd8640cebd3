"""What is measured. `SCENARIOS` is the one list."""

from collections.abc import Callable
from dataclasses import dataclass

from . import cost, idle, reload
from .load import Load
from .site import Work


@dataclass(frozen=True)
class Scenario:
    """Something that is measured."""

    name: str
    title: str
    measure: Callable
    """Called with the session; gives rows."""


def _cost(name: str, title: str, load: Load, work: Work = Work()) -> Scenario:
    return Scenario(name, title, lambda session: cost.measure(session, name, load, work))


SCENARIOS = [
    _cost("small", "answers of 120 bytes, 64 connections", Load(64)),
    _cost("64k", "answers of 64 KiB, 32 connections", Load(32, "/bytes/65536")),
    _cost("1m", "answers of 1 MiB, 16 connections", Load(16, "/bytes/1048576")),
    _cost("upload-64k", "uploads of 64 KiB, 32 connections", Load(32, upload=1 << 16)),
    _cost("upload-1m", "uploads of 1 MiB, 16 connections", Load(16, upload=1 << 20)),
    _cost("new", "a connection for each request, 16 at once", Load(16, new_connections=True)),
    _cost("routes-1k", "1,000 routers, answers of 120 bytes", Load(64), Work(routers=1_000)),
    _cost("routes-10k", "10,000 routers, answers of 120 bytes", Load(64), Work(routers=10_000)),
    _cost("chain-5", "ipAllowList, stripPrefix, headers, addPrefix, replacePathRegex", Load(64), Work(chain=True)),
    _cost("access-log", "access log in JSON", Load(64), Work(access_log=True)),
    Scenario("idle", "start, idle memory, memory for each of 4,000 idle connections", idle.measure),
    Scenario("reload-1k", "one router of 1,000 is added", lambda session: reload.measure(session, 1_000)),
    Scenario("reload-10k", "one router of 10,000 is added", lambda session: reload.measure(session, 10_000)),
]
