"""A real HTTP server on loopback whose paths misbehave; `fired` counts a fault when it has really been played."""

from __future__ import annotations

import gzip
import json
import socket
import socketserver
import struct
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Got:
    """A request that came. Header names are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Talk:
    """One connection under way."""

    stream: socket.socket
    server: WebServer
    got: Got
    sent: list[bytes] = field(default_factory=list)

    def send(self, data: bytes) -> None:
        self.stream.sendall(data)

    def reply(self, status: int = 200, body: bytes = b"", **headers: str) -> None:
        lines = [f"HTTP/1.1 {status} X"] + [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        if "Content_Length" not in headers:
            lines.append(f"Content-Length: {len(body)}")
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def _echo(talk: Talk) -> None:
    got = talk.got
    value = {"method": got.method, "target": got.target, "headers": got.headers, "body": got.body.decode()}
    talk.reply(200, json.dumps(value).encode(), Content_Type="application/json")


def _hang(talk: Talk) -> None:
    talk.server.ended.wait(20)


def _drip(talk: Talk) -> None:
    talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nx")
    talk.server.ended.wait(20)


def _slow_headers(talk: Talk) -> None:
    talk.send(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    talk.server.ended.wait(20)


def _reset(talk: Talk) -> None:
    talk.stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    talk.stream.close()


def _bomb(talk: Talk) -> None:
    body = gzip.compress(b"\0" * 40_000_000)
    talk.reply(200, body, Content_Encoding="gzip", Content_Type="text/plain")


def _endless(talk: Talk) -> None:
    talk.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n")
    with suppress(OSError):
        for _ in range(40):
            talk.send(b"100000\r\n" + b"x" * 0x100000 + b"\r\n")


BEHAVIOURS: dict[str, Callable[[Talk], None]] = {
    "echo": _echo,
    "text": lambda talk: talk.reply(200, "grün".encode("latin-1"), Content_Type="text/plain; charset=latin-1"),
    "binary": lambda talk: talk.reply(200, b"\x89PNG\xff\xfe", Content_Type="image/png"),
    "no-content": lambda talk: talk.reply(204),
    "bad-json": lambda talk: talk.reply(200, b"{oops", Content_Type="application/json"),
    "nan": lambda talk: talk.reply(200, b"[NaN]", Content_Type="application/json"),
    "gzip": lambda talk: talk.reply(200, gzip.compress(b"packed"), Content_Encoding="gzip", Content_Type="text/plain"),
    "chunked": lambda talk: talk.send(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    ),
    "until-closed": lambda talk: talk.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nold style"),
    "early-hints": lambda talk: talk.send(
        b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    ),
    "hang": _hang,
    "drip": _drip,
    "slow-headers": _slow_headers,
    "reset": _reset,
    "close": lambda talk: None,
    "truncated": lambda talk: talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this"),
    "garbage": lambda talk: talk.send(b"220 smtp.example ESMTP\r\n"),
    "long-header": lambda talk: talk.send(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000 + b"\r\n\r\n"),
    "bomb": _bomb,
    "endless": _endless,
    "brotli": lambda talk: talk.reply(200, b"???", Content_Encoding="br"),
    "not-gzip": lambda talk: talk.reply(200, b"plain after all", Content_Encoding="gzip"),
    "html-error": lambda talk: talk.reply(
        500, b"<html><head><title>Oh no</title></head></html>", Content_Type="text/html"
    ),
    "json-error": lambda talk: talk.reply(
        422, b'{"error": {"message": "title is too long"}}', Content_Type="application/json"
    ),
    "slow-down": lambda talk: talk.reply(429, b"slow down", Retry_After="7"),
    "slow-down-date": lambda talk: talk.reply(429, b"", Retry_After="Tue, 14 Nov 2023 22:13:50 GMT"),
    "redirect": lambda talk: talk.reply(302, Location="/echo?x=1"),
    "redirect-307": lambda talk: talk.reply(307, Location="/echo"),
    "redirect-loop": lambda talk: talk.reply(302, Location="/redirect-loop"),
    "redirect-away": lambda talk: talk.reply(302, Location="http://localhost:1/secret"),
    "redirect-nonsense": lambda talk: talk.reply(302, Location="http://["),
}


class WebServer:
    """`with WebServer() as server:` listens at `server.url`, which ends without a slash, until the block ends.

    `/status/404` answers with that status. Other paths are BEHAVIOURS, or what a test adds to `behaviours`.
    """

    def __init__(self) -> None:
        self.behaviours: dict[str, Callable[[Talk], None]] = dict(BEHAVIOURS)
        self.got: list[Got] = []
        self.fired: Counter[str] = Counter()
        self.ended = threading.Event()
        self._server = _Listener(("127.0.0.1", 0), self)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> WebServer:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), name="web-server", daemon=True).start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, address: tuple[str, int], owner: WebServer) -> None:
        self.owner = owner
        super().__init__(address, _Handler)


class _Handler(socketserver.BaseRequestHandler):
    server: _Listener

    def handle(self) -> None:
        with suppress(OSError):
            self._talk()

    def _talk(self) -> None:
        stream = self.request.makefile("rb")
        first = stream.readline().decode("latin-1").split()
        if len(first) != 3:
            return
        headers = {}
        while (line := stream.readline().strip()) != b"":
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        body = stream.read(int(headers.get("content-length", 0)))
        got = Got(first[0], first[1], headers, body)
        owner = self.server.owner
        owner.got.append(got)
        name = first[1].partition("?")[0].strip("/")
        talk = Talk(self.request, owner, got)
        owner.fired[name] += 1
        if name.startswith("status/"):
            talk.reply(int(name.removeprefix("status/")), b"said so", Content_Type="text/plain")
        else:
            owner.behaviours.get(name, lambda talk: talk.reply(404, b"no such page"))(talk)
