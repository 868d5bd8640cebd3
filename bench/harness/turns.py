"""Requests one after the other over one connection, with nothing about them that varies."""

import re
import socket
import struct

from . import tls
from .site import LOOPBACK, Site, Work

# Frames of HTTP/2, and flags.
DATA, HEADERS, SETTINGS, WINDOW_UPDATE = 0, 1, 4, 8
END_STREAM, END_HEADERS, ACK = 1, 4, 1
STATUS_200 = 0x88


class UnexpectedAnswer(Exception):
    """Something other than status 200, or no answer at all."""


class Client:
    """A connection of HTTP/1.1."""

    protocol = "http/1.1"

    def __init__(self, site: Site, work: Work):
        self.work = work
        self.connection = socket.create_connection((LOOPBACK, site.port), timeout=30)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if work.tls:
            context = tls.trusting()
            context.set_alpn_protocols([self.protocol])
            self.connection = context.wrap_socket(self.connection, server_hostname="localhost")
        self.received = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def ask(self, requests: int) -> None:
        """Sends requests, each after the answer to the one before."""
        request = (f"GET {self.work.prefix()}/ HTTP/1.1\r\nHost: {self.work.host()}\r\n"
                   "User-Agent: bench\r\nAccept: */*\r\n\r\n").encode()
        for _ in range(requests):
            self.connection.sendall(request)
            self._read_answer()

    def _read_answer(self) -> None:
        while b"\r\n\r\n" not in self.received:
            self._receive()
        head, _ = self.received.split(b"\r\n\r\n", 1)
        length = re.search(rb"(?i)^content-length: (\d+)", head, re.MULTILINE)
        if not head.startswith(b"HTTP/1.1 200 ") or not length:
            raise UnexpectedAnswer(f"an unexpected answer: {head.decode('latin-1')}")
        self._take(len(head) + 4 + int(length.group(1)))

    def _take(self, length: int) -> bytes:
        while len(self.received) < length:
            self._receive()
        taken, self.received = self.received[:length], self.received[length:]
        return taken

    def _receive(self) -> None:
        received = self.connection.recv(65536)
        if not received:
            raise UnexpectedAnswer("the connection was closed")
        self.received += received


class Http2Client(Client):
    """A connection of HTTP/2. Field lines go into the table with the first request, and are numbers from then on."""

    protocol = "h2"

    def __init__(self, site: Site, work: Work):
        super().__init__(site, work)
        self.stream = -1
        room = _frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", 1 << 30))
        self.connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + _frame(SETTINGS, 0, 0, b"") + room)

    def ask(self, requests: int) -> None:
        pseudo = bytes([0x82, 0x87 if self.work.tls else 0x86, 0x84])
        for _ in range(requests):
            self.stream += 2
            literals = b"\x41" + _text(self.work.host()) + b"\x7a" + _text("bench") + b"\x53" + _text("*/*")
            fields = literals if self.stream == 1 else b"\xc0\xbf\xbe"
            self.connection.sendall(_frame(HEADERS, END_STREAM | END_HEADERS, self.stream, pseudo + fields))
            self._read_answer()

    def _read_answer(self) -> None:
        while True:
            head = self._take(9)
            kind, flags, stream = head[3], head[4], int.from_bytes(head[5:], "big")
            payload = self._take(int.from_bytes(head[:3], "big"))
            if kind == SETTINGS and not flags & ACK:
                self.connection.sendall(_frame(SETTINGS, ACK, 0, b""))
            elif kind not in (SETTINGS, WINDOW_UPDATE, HEADERS, DATA) or kind == HEADERS and payload[0] != STATUS_200:
                raise UnexpectedAnswer(f"an unexpected frame: {head + payload}")
            if kind in (HEADERS, DATA) and stream == self.stream and flags & END_STREAM:
                return


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def _text(text: str) -> bytes:
    """A string of HPACK, as it is."""
    return bytes([len(text)]) + text.encode()
