"""A real HTTP server on loopback that speaks OpenAI's chat completions and misbehaves in every way that was ever seen.

The name of the model that is asked for chooses the behaviour; `fired` counts a fault when it has really been played to
its end. Another name is answered by `answer`, which tests may set.
"""

from __future__ import annotations

import gzip
import json
import socket
import socketserver
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

Json = Any


@dataclass(frozen=True)
class Said:
    """What the server's model says."""

    text: str | None = "Hello from the server."
    calls: tuple[tuple[str, str, str], ...] = ()
    """(id, name, arguments as text)."""
    stalls: bool = False
    """After its first word it goes on only when the client has hung up."""
    finish: str | None = "stop"
    usage: Json = field(default_factory=lambda: {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12})

    def pieces(self) -> list[str]:
        words = (self.text or "").split(" ")
        return [word if at == 0 else " " + word for at, word in enumerate(words)] if self.text else []


@dataclass(frozen=True)
class Asked:
    """A request that the server got. Header names are in lower case."""

    path: str
    headers: dict[str, str]
    body: Json


Fault = Callable[["_Talk"], None]


def hello(body: Json) -> Said:
    """What is said when the test sets nothing: tools are called, schemas are met, the rest gets a greeting."""
    last = body["messages"][-1]
    if body.get("tools") and last["role"] != "tool":
        names = [tool.get("function", tool)["name"] for tool in body["tools"]]
        calls = tuple((f"id_{at}", name, '{"query": "ünder 10 €"}') for at, name in enumerate(names))
        return Said(None, calls, "tool_calls")
    if body.get("response_format"):
        return Said('{"name": "Bob", "age": 42}')
    return Said(f"It found {last['content']}.") if last["role"] == "tool" else Said()


class ModelServer:
    """`with ModelServer() as server: ...` listens at `server.url` (which ends in `/v1`) until the block ends."""

    def __init__(self, answer: Callable[[Json], Said] = hello) -> None:
        self.answer = answer
        self.asked: list[Asked] = []
        self.fired: Counter[str] = Counter()
        self.hung_up = threading.Semaphore(0)
        """Released once for each client that hung up on a behaviour that would have gone on for ever."""
        self.ended = threading.Event()
        self._server = _Listener(("127.0.0.1", 0), self)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> ModelServer:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), name="model-server", daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()


class _Listener(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128
    block_on_close = False

    def __init__(self, address: tuple[str, int], owner: ModelServer) -> None:
        self.owner = owner
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what many tests want."""


class _Handler(socketserver.StreamRequestHandler):
    server: _Listener

    def handle(self) -> None:
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while (talk := self._read()) is not None:
            talk.owner.asked.append(talk.asked)
            play(talk)
            if talk.closed:
                return

    def _read(self) -> _Talk | None:
        line = self.rfile.readline()
        if not line.strip():
            return None
        headers: dict[str, str] = {}
        while (field_line := self.rfile.readline().strip()) != b"":
            name, _, value = field_line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        raw = self.rfile.read(int(headers.get("content-length", 0)))
        path = line.split()[1].decode()
        return _Talk(self.server.owner, self.connection, Asked(path, headers, json.loads(raw) if raw else None))


class _Talk:
    """One request and the connection to answer it on."""

    def __init__(self, owner: ModelServer, connection: socket.socket, asked: Asked) -> None:
        self.owner = owner
        self.connection = connection
        self.asked = asked
        self.closed = False
        body = asked.body or {}
        self.streaming = bool(body.get("stream"))
        self.model = str(body.get("model", ""))

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.begin(status, {"content-length": str(len(body)), **headers})
        self.send(body)

    def json(self, status: int, value: Json, headers: dict[str, str] | None = None) -> None:
        self.answer(status, {"content-type": "application/json", **(headers or {})}, json.dumps(value).encode())

    def begin(self, status: int, headers: dict[str, str]) -> None:
        lines = [f"HTTP/1.1 {status} Whatever", *(f"{name}: {value}" for name, value in headers.items())]
        self.send(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    def begin_stream(self) -> None:
        """The stream ends with the connection."""
        self.begin(200, {"content-type": "text/event-stream", "connection": "close"})

    def event(self, value: Json) -> None:
        self.send(b"data: " + (value if isinstance(value, bytes) else json.dumps(value).encode()) + b"\n\n")

    def named_event(self, kind: str, **fields: Json) -> None:
        self.send(f"event: {kind}\n".encode())
        self.event({"type": kind, **fields})

    def delta(self, delta: Json, finish: str | None = None, **rest: Json) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        self.event({**_envelope("chat.completion.chunk", self.model), "choices": [choice], **rest})

    def close(self) -> None:
        self.closed = True

    def reset(self) -> None:
        """RST instead of FIN."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.closed = True

    def while_heard(self, data: bytes = b"", pause: float = 0.02) -> None:
        """Send `data` again and again until the client hangs up or the server ends."""
        self.closed = True
        self.connection.settimeout(pause)
        with suppress(OSError):
            while not self.owner.ended.is_set():
                with suppress(TimeoutError):
                    if self.connection.recv(1024) == b"":
                        break
                if data:
                    self.send(data)
        self.owner.hung_up.release()


def play(talk: _Talk) -> None:
    """Answer as the model's name asks for; the count is raised once it is done."""
    if talk.asked.path.endswith("/models"):
        talk.json(200, {"object": "list", "data": [{"id": "tiny", "object": "model"}, {"id": "other"}]})
    elif talk.asked.path.endswith("/embeddings"):
        _embed(talk)
    elif talk.asked.path.endswith("/messages") and talk.model not in FAULTS:
        messages(talk, talk.owner.answer(talk.asked.body))
    elif talk.model in FAULTS:
        # What a client sees may be over before this thread goes on: count first where the end is the client's.
        with _counted(talk):
            FAULTS[talk.model](talk)
    else:
        said(talk, talk.owner.answer(talk.asked.body))
        talk.owner.fired[talk.model] += 1


@contextmanager
def _counted(talk: _Talk) -> Iterator[None]:
    talk.owner.fired[talk.model] += 1
    try:
        yield
    except OSError:
        talk.closed = True
    except BaseException:
        talk.owner.fired[talk.model] -= 1
        raise


def said(talk: _Talk, what: Said) -> None:
    """A sound answer, whole or streamed as the request asks."""
    if not talk.streaming:
        talk.json(200, whole(talk.model, what))
        return
    talk.begin_stream()
    talk.send(b": ping\n\n")
    talk.delta({"role": "assistant", "content": ""})
    for piece in what.pieces():
        talk.delta({"content": piece})
        if what.stalls:
            talk.while_heard()
            return
    for at, (call_id, name, arguments) in enumerate(what.calls):
        middle = len(arguments) // 2
        talk.delta({"tool_calls": [{"index": at, "id": call_id, "type": "function",
                                    "function": {"name": name, "arguments": ""}}]})  # fmt: skip
        for part in (arguments[:middle], arguments[middle:]):
            talk.delta({"tool_calls": [{"index": at, "function": {"arguments": part}}]})
    if what.finish is not None:
        talk.delta({}, what.finish)
    talk.event({**_envelope("chat.completion.chunk", talk.model), "choices": [], "usage": what.usage})
    talk.event(b"[DONE]")
    talk.close()


def messages(talk: _Talk, what: Said) -> None:
    """The same in the protocol of Anthropic's messages."""
    stop = {"stop": "end_turn", "tool_calls": "tool_use", "length": "max_tokens", None: None}[what.finish]
    usage = {"input_tokens": what.usage["prompt_tokens"], "output_tokens": what.usage["completion_tokens"]}
    blocks: list[Json] = [{"type": "text", "text": what.text}] if what.text else []
    blocks += [{"type": "tool_use", "id": i, "name": name, "input": json.loads(a)} for i, name, a in what.calls]
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": talk.model, "usage": usage}
    if not talk.streaming:
        talk.json(200, {**message, "content": blocks, "stop_reason": stop, "stop_sequence": None})
        return
    talk.begin_stream()
    talk.named_event("message_start", message={**message, "content": [], "stop_reason": None})
    for at, block in enumerate(blocks):
        if block["type"] == "text":
            talk.named_event("content_block_start", index=at, content_block={"type": "text", "text": ""})
            for piece in what.pieces():
                talk.named_event("content_block_delta", index=at, delta={"type": "text_delta", "text": piece})
        else:
            talk.named_event("content_block_start", index=at, content_block={**block, "input": {}})
            part = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
            talk.named_event("content_block_delta", index=at, delta=part)
        talk.named_event("content_block_stop", index=at)
    if stop is not None:
        talk.named_event("message_delta", delta={"stop_reason": stop, "stop_sequence": None}, usage=usage)
        talk.named_event("message_stop")
    talk.close()


def whole(model: str, what: Said) -> Json:
    message: Json = {"role": "assistant", "content": what.text}
    if what.calls:
        message["tool_calls"] = [
            {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}
            for call_id, name, arguments in what.calls
        ]
    choice = {"index": 0, "message": message, "finish_reason": what.finish}
    return {**_envelope("chat.completion", model), "choices": [choice], "usage": what.usage}


def _envelope(kind: str, model: str) -> Json:
    return {"id": "chatcmpl-1", "object": kind, "created": 1_700_000_000, "model": model}


def _embed(talk: _Talk) -> None:
    texts = talk.asked.body["input"]
    vectors = [{"object": "embedding", "index": at, "embedding": [float(len(t)), 1.0]} for at, t in enumerate(texts)]
    talk.json(200, {"object": "list", "data": vectors[::-1], "model": talk.model, "usage": {"prompt_tokens": 3}})


def _status(status: int, headers: dict[str, str] | None = None, **error: Json) -> Fault:
    body = {"error": {"message": f"the fault {status} was asked for", "type": "some_error", "code": None, **error}}
    return lambda talk: talk.json(status, body, headers)


def _said(**what: Json) -> Fault:
    return lambda talk: said(talk, Said(**what))


def _echo_key(talk: _Talk) -> None:
    key = talk.asked.headers.get("authorization", "")
    talk.json(401, {"error": {"message": f"Incorrect API key provided: {key}", "code": "invalid_api_key"}})


def _reset_at_once(talk: _Talk) -> None:
    talk.reset()


def _truncated(talk: _Talk) -> None:
    if talk.streaming:
        talk.begin(200, {"content-type": "text/event-stream", "transfer-encoding": "chunked"})
        talk.send(b"20\r\ndata: {")
    else:
        talk.begin(200, {"content-type": "application/json", "content-length": "4000"})
        talk.send(b'{"id": "chatcmpl-1", ')
    talk.connection.shutdown(socket.SHUT_WR)
    talk.close()


def _silent(talk: _Talk) -> None:
    talk.while_heard()


def _headers_only(talk: _Talk) -> None:
    talk.begin(200, {"content-type": "text/event-stream" if talk.streaming else "application/json"})
    talk.while_heard()


def _pings(talk: _Talk) -> None:
    talk.begin(200, {"content-type": "text/event-stream" if talk.streaming else "application/json"})
    talk.while_heard(b": ping\n\n" if talk.streaming else b" ")


def _falls_silent(talk: _Talk) -> None:
    talk.begin_stream()
    talk.delta({"role": "assistant", "content": "Well"})
    talk.while_heard(b": ping\n\n")


def _body_of(content_type: str, body: bytes) -> Fault:
    return lambda talk: talk.answer(200, {"content-type": content_type}, body)


def _json_for_stream(talk: _Talk) -> None:
    talk.json(200, whole(talk.model, Said()))


def _cut_stream(talk: _Talk) -> None:
    talk.begin_stream()
    talk.delta({"role": "assistant", "content": "Half of"})
    talk.event(b"[DONE]")
    talk.close()


def _cut_in_call(talk: _Talk) -> None:
    talk.begin_stream()
    function = {"name": "search", "arguments": '{"query": "re'}
    talk.delta({"tool_calls": [{"index": 0, "id": "a", "type": "function", "function": function}]})
    talk.close()


def _reset_in_stream(talk: _Talk) -> None:
    talk.begin_stream()
    talk.delta({"role": "assistant", "content": "Half of"})
    talk.reset()


def _error_in_stream(talk: _Talk) -> None:
    talk.begin_stream()
    talk.delta({"role": "assistant", "content": "Half of"})
    talk.event({"error": {"message": "the engine is overloaded", "type": "overloaded_error", "code": None}})
    talk.close()


def _no_choices(talk: _Talk) -> None:
    if not talk.streaming:
        talk.json(200, {**_envelope("chat.completion", talk.model), "choices": [], "usage": {}})
        return
    talk.begin_stream()
    talk.event({**_envelope("chat.completion.chunk", talk.model), "choices": []})
    talk.event(b"[DONE]")
    talk.close()


def _huge(talk: _Talk) -> None:
    piece = b" " * (1 << 20)
    content_type = "text/event-stream" if talk.streaming else "application/json"
    talk.begin(200, {"content-type": content_type, "content-length": str(64 << 20)})
    for _ in range(64):
        talk.send(piece)


def _gzip(talk: _Talk) -> None:
    body = gzip.compress(json.dumps(whole(talk.model, Said())).encode())
    if not talk.streaming:
        talk.answer(200, {"content-type": "application/json", "content-encoding": "gzip"}, body)
        return
    piece = {"index": 0, "delta": {"content": Said().text}, "finish_reason": "stop"}
    event = json.dumps({**_envelope("chat.completion.chunk", talk.model), "choices": [piece]}).encode()
    body = gzip.compress(b"data: " + event + b"\n\ndata: [DONE]\n\n")
    talk.answer(200, {"content-type": "text/event-stream", "content-encoding": "gzip"}, body)


def _bomb(talk: _Talk) -> None:
    packed = gzip.compress(b" " * (64 << 20), 1)
    content_type = "text/event-stream" if talk.streaming else "application/json"
    talk.answer(200, {"content-type": content_type, "content-encoding": "gzip"}, packed)


def _redirect(talk: _Talk) -> None:
    talk.answer(307, {"location": f"{talk.owner.url}/elsewhere/chat/completions?secret=1"}, b"")


_QUOTA = {"message": "You exceeded your current quota", "type": "insufficient_quota", "code": "insufficient_quota"}

FAULTS: dict[str, Fault] = {
    "429-seconds": _status(429, {"retry-after": "7"}),
    "429-date": lambda talk: _status(429, {"retry-after": formatdate(4_000_000_000, usegmt=True)})(talk),
    "429-plain": _status(429),
    "429-quota": _status(429, {"retry-after": "7"}, **_QUOTA),
    "400": _status(400, message="unknown field"),
    "400-context": _status(400, message="too long", code="context_length_exceeded"),
    "401-echo": _echo_key,
    "402": _status(402),
    "403": _status(403),
    "404": _status(404, code="model_not_found"),
    "408": _status(408),
    "409": _status(409),
    "413": _status(413),
    "422": _status(422),
    "500": _status(500),
    "500-html": lambda talk: talk.answer(
        502, {"content-type": "text/html"}, b"<html><title>Bad gateway</title></html>"
    ),
    "503": _status(503),
    "504": _status(504),
    "529": _status(529),
    "redirect": _redirect,
    "reset": _reset_at_once,
    "truncated": _truncated,
    "silent": _silent,
    "headers-only": _headers_only,
    "pings": _pings,
    "falls-silent": _falls_silent,
    "html": _body_of("text/html", b"<!doctype html><title>Please log in</title>"),
    "empty": _body_of("application/json", b""),
    "error-object": _body_of(
        "application/json", b'{"error": {"message": "bad luck", "type": "server_error", "code": null}}'
    ),
    "json-for-stream": _json_for_stream,
    "no-finish": _cut_stream,
    "cut-in-call": _cut_in_call,
    "reset-in-stream": _reset_in_stream,
    "error-in-stream": _error_in_stream,
    "no-choices": _no_choices,
    "null-content": _said(text=None),
    "content-filter": _said(text="I will", finish="content_filter"),
    "length": _said(text="Half of it", finish="length"),
    "length-in-call": _said(text=None, calls=(("a", "search", '{"query": "re'),), finish="length"),
    "call-truncated-json": _said(text=None, calls=(("a", "search", '{"query": "re'),), finish="tool_calls"),
    "call-no-object": _said(text=None, calls=(("a", "search", "[1]"),), finish="tool_calls"),
    "call-unknown": _said(text=None, calls=(("a", "serch", "{}"),), finish="tool_calls"),
    "call-same-id": _said(text=None, calls=(("a", "search", "{}"), ("a", "search", "{}")), finish="tool_calls"),
    "call-nan": _said(text=None, calls=(("a", "search", '{"query": NaN}'),), finish="tool_calls"),
    "usage-absurd": _said(usage={"prompt_tokens": -5, "completion_tokens": 10**12, "total_tokens": 3}),
    "usage-missing": _said(usage=None),
    "huge": _huge,
    "gzip-unasked": _gzip,
    "gzip-bomb": _bomb,
}
"""The name of a model → what is done to whoever asks it."""
