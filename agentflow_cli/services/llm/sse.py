"""Server-sent events, read from pieces of any size."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator


async def events(pieces: AsyncIterable[bytes]) -> AsyncIterator[str]:
    """The `data` of each event; comments (pings) and other fields are passed over. Bytes that are no UTF-8 become `�`.

    What stands after the last line break is an event cut off in the middle: it is not given out. How long a
    line may be is for whoever gives the pieces to say.
    """
    data: list[str] = []
    async for line in _lines(pieces):
        if line.startswith(b"data:"):
            data.append(line[5:].decode("utf-8", "replace").removeprefix(" "))
        elif not line and data:
            yield "\n".join(data)
            data = []
    if data:  # some servers leave out the last empty line
        yield "\n".join(data)


async def _lines(pieces: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    rest = bytearray()
    async for piece in pieces:
        rest += piece
        if b"\n" in piece:
            *lines, last = bytes(rest).split(b"\n")
            rest = bytearray(last)
            for line in lines:
                yield line.rstrip(b"\r")
