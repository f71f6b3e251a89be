"""Bodies of foreign servers, decompressed here and never longer than a limit: a gzip bomb counts as what it becomes."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterable, AsyncIterator

MOST_BYTES = 32 * 1024 * 1024
"""Of one reply, decompressed; far more than any model says."""
_STEP = 1024 * 1024


class BodyRefusedError(Exception):
    """A body that is too long, or not in the encoding that it claims; the message completes `the server …`."""


async def limited(pieces: AsyncIterable[bytes], encoding: str = "", most: int = MOST_BYTES) -> AsyncIterator[bytes]:
    """`pieces` without their content encoding (`gzip`, `deflate` or none). BodyRefusedError."""
    unpack = _unpacker(encoding.strip().lower())
    total = 0
    async for piece in pieces:
        while piece:
            if unpack is not None:
                try:
                    plain = unpack.decompress(piece, _STEP)
                except zlib.error as error:
                    raise BodyRefusedError(f"sent a body that is not {encoding}") from error
                piece = unpack.unconsumed_tail
            else:
                plain, piece = piece, b""
            total += len(plain)
            if total > most:
                raise BodyRefusedError(f"sent more than {most // 1024 // 1024} MiB")
            if plain:
                yield plain


def _unpacker(encoding: str) -> zlib._Decompress | None:
    if encoding in ("", "identity"):
        return None
    if encoding in ("gzip", "x-gzip", "deflate"):
        return zlib.decompressobj(zlib.MAX_WBITS | 32)  # tells gzip from zlib by itself
    raise BodyRefusedError(f"sent a body in the encoding `{encoding[:40]}`, which was not asked for")
