"""Content encodings, in pieces of every size, and what pretends to be one."""

from __future__ import annotations

import gzip
import random
import zlib

import pytest

from agentflow_cli.services.tools.unpack import BodyRefusedError, Unpacker

TEXT = bytes(random.Random(7).choices(b"abcdef \n", k=700_000)) + b"\0" * 3_000_000


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def unpacked(encoding: str, data: bytes, step: int = 1 << 30, most: int = 1 << 30) -> bytes:
    unpacker = Unpacker(encoding, most)
    for start in range(0, len(data), step):
        unpacker.feed(data[start : start + step])
    return unpacker.end()


@pytest.mark.parametrize("step", [97, 4096, 1 << 30])
@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("", TEXT),
        ("gzip", gzip.compress(TEXT)),
        ("x-gzip", gzip.compress(TEXT[:500_000]) + gzip.compress(TEXT[500_000:])),
        ("deflate", zlib.compress(TEXT)),
        ("Deflate ", raw_deflate(TEXT)),
    ],
)
def test_a_body_is_the_same_however_it_was_packed_and_cut(encoding: str, data: bytes, step: int) -> None:
    assert unpacked(encoding, data, step) == TEXT


def test_an_empty_body_is_empty_in_any_encoding() -> None:
    assert unpacked("gzip", b"") == b""


@pytest.mark.parametrize("kept", [5, 1000])
def test_a_packed_body_that_breaks_off_is_refused(kept: int) -> None:
    with pytest.raises(BodyRefusedError, match="broke off"):
        unpacked("gzip", gzip.compress(TEXT)[:kept])


def test_the_limit_counts_what_a_body_becomes() -> None:
    assert len(unpacked("gzip", gzip.compress(b"\0" * 1000), most=1000)) == 1000
    with pytest.raises(BodyRefusedError, match="more than"):
        unpacked("gzip", gzip.compress(b"\0" * 1001), most=1000)
