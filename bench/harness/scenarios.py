"""What is measured. `SCENARIOS` is the one list."""

from collections.abc import Callable
from dataclasses import dataclass

from . import api, cost, idle, reload
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


def _idle(name: str, title: str, work: Work) -> Scenario:
    return Scenario(name, title, lambda session: idle.measure(session, name, work))


TLS = Work(tls=True)
TCP = Work(relay="tcp")

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
    _cost("tls-small", "answers of 120 bytes over TLS, 64 connections", Load(64), TLS),
    _cost("tls-1m", "answers of 1 MiB over TLS, 16 connections", Load(16, "/bytes/1048576"), TLS),
    _cost("tls-upload-1m", "uploads of 1 MiB over TLS, 16 connections", Load(16, upload=1 << 20), TLS),
    _cost("tls-new", "a connection with a full handshake for each request, 16 at once", Load(16, new_connections=True),
          Work(tls=True, resumption=False)),
    _cost("h2-small", "answers of 120 bytes over HTTP/2 and TLS, 16 connections with 8 requests at once",
          Load(16, streams=8), Work(tls=True, http2=True)),
    _cost("h2c-small", "the same without TLS", Load(16, streams=8), Work(http2=True)),
    _cost("tcp-small", "answers of 120 bytes through a relay of TCP, 64 connections", Load(64), TCP),
    _cost("tcp-1m", "answers of 1 MiB through a relay of TCP, 16 connections", Load(16, "/bytes/1048576"), TCP),
    _cost("tcp-upload-1m", "uploads of 1 MiB through a relay of TCP, 16 connections", Load(16, upload=1 << 20), TCP),
    _cost("tcp-new", "a connection through a relay of TCP for each request, 16 at once", Load(16, new_connections=True), TCP),
    _cost("udp-small", "datagrams of 120 bytes and their answers, 64 sockets", Load(64), Work(relay="udp")),
    _idle("idle", "start, idle memory, memory for each of 4,000 idle connections", Work()),
    _idle("tls-idle", "the same with connections over TLS", TLS),
    Scenario("reload-1k", "one router of 1,000 is added", lambda session: reload.measure(session, 1_000)),
    Scenario("reload-10k", "one router of 10,000 is added", lambda session: reload.measure(session, 10_000)),
    Scenario("api-10k", "questions to the API about 10,000 routers, beside 500 requests a second",
             lambda session: api.measure(session, "api-10k", 10_000)),
]
