"""The small parts that read what a server sent: events, bodies, waiting times, keys."""

from __future__ import annotations

import json
import zlib
from collections.abc import AsyncIterator

import pytest

from agentflow_cli.services.llm.body_limit import BodyRefusedError, limited
from agentflow_cli.services.llm.failures import FailureReader
from agentflow_cli.services.llm.scrub import scrub, secrets_of
from agentflow_cli.services.llm.sse import events


class At:
    """A clock that stands still."""

    def now(self) -> float:
        return 1_700_000_000.0

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def read(source: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in source])


STREAM = b': ping\r\n\r\nevent: x\r\ndata: {"a":\r\ndata: "\xc3\xa4"}\r\n\r\ndata:[DONE]\n\ndata: cut o'


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
async def test_events_are_the_same_in_pieces_of_any_size(size: int) -> None:
    parts = [STREAM[at : at + size] for at in range(0, len(STREAM), size)]
    assert [event async for event in events(pieces(*parts))] == ['{"a":\n"ä"}', "[DONE]"]


@pytest.mark.parametrize("level", [zlib.MAX_WBITS | 16, zlib.MAX_WBITS])
async def test_gzip_and_deflate_are_undone(level: int) -> None:
    packer = zlib.compressobj(wbits=level)
    packed = packer.compress(b"hello" * 1000) + packer.flush()
    encoding = "gzip" if level & 16 else "deflate"
    assert await read(limited(pieces(packed[:9], packed[9:]), encoding)) == b"hello" * 1000


async def test_a_body_is_counted_as_what_it_becomes() -> None:
    packed = zlib.compress(b" " * 5_000_000)
    assert len(packed) < 10_000
    with pytest.raises(BodyRefusedError, match="more than 1 MiB"):
        await read(limited(pieces(packed), "deflate", 1024 * 1024))
    assert len(await read(limited(pieces(b"x" * 1000), "", 1000))) == 1000
    with pytest.raises(BodyRefusedError):
        await read(limited(pieces(b"x" * 1001), "", 1000))


@pytest.mark.parametrize("encoding", ["br", "gzip"])
async def test_an_encoding_that_was_not_asked_for_or_does_not_hold_is_refused(encoding: str) -> None:
    with pytest.raises(BodyRefusedError):
        await read(limited(pieces(b"plain text"), encoding))


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({"retry-after": "2.5"}, {}, 2.5),
        ({"retry-after": "Tue, 14 Nov 2023 22:13:50 GMT"}, {}, 30.0),
        ({"retry-after": "Tue, 14 Nov 2023 22:00:00 GMT"}, {}, 0.0),
        ({"retry-after-ms": "1500", "retry-after": "9"}, {}, 1.5),
        ({}, {"error": {"details": [{"x": 1}, {"retryDelay": "34s"}]}}, 34.0),
        ({"retry-after": "soon"}, {}, None),
        ({"retry-after": "-3"}, {}, None),
        ({"retry-after": "nan"}, {}, None),
        ({"retry-after": "inf"}, {}, None),
        ({}, {}, None),
    ],
)
def test_how_long_to_wait_is_found_wherever_it_is_said(
    headers: dict[str, str], body: object, seconds: float | None
) -> None:
    failure = FailureReader("x", At()).by_status(429, headers, json.dumps(body).encode())
    assert failure.retry_after == seconds


def test_secrets_are_masked_in_every_form_that_servers_echo() -> None:
    environment = {"SOME_API_KEY": "p@ss/word+1234", "PATH": "/usr/bin:/bin:/sbin", "SHORT_KEY": "abc"}
    secrets = secrets_of(environment)
    assert secrets == ("p@ss/word+1234",)
    for echoed in ("p@ss/word+1234", "p%40ss%2Fword%2B1234", "cEBzcy93b3JkKzEyMzQ="):
        assert scrub(f"key {echoed} is wrong", secrets) == "key *** is wrong"
    assert scrub("Bearer abcdefghijkl", ()) == "Bearer ***"
    assert scrub("sk-proj-abcdefghijklmnopqrstuvwx", ()) == "***"
    assert scrub("a sketch of the task", ()) == "a sketch of the task"


def test_words_of_a_refusal_are_cleaned_and_cut() -> None:
    body = json.dumps({"error": {"message": "\x1b]0;evil\x07bad\nnews " + "x" * 1000}}).encode()
    message = FailureReader("x", At()).by_status(400, {}, body).message
    assert message.startswith("x answered 400 Bad Request: bad news xxx")
    assert len(message) < 400
    assert message.isprintable()
