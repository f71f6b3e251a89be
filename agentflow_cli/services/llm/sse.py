"""Server-sent events, read from pieces of any size."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator

from agentflow_cli.services.llm.body_limit import BodyRefusedError

_LONGEST_LINE = 8 * 1024 * 1024


async def events(pieces: AsyncIterable[bytes]) -> AsyncIterator[str]:
    """The `data` of each event; comments (pings) and other fields are passed over. Bytes that are no UTF-8 become `�`.

    What stands after the last line break is an event cut off in the middle: it is not given out. BodyRefusedError for
    a line without end.
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
        elif len(rest) > _LONGEST_LINE:
            raise BodyRefusedError(f"sent a line of more than {_LONGEST_LINE // 1024 // 1024} MiB")
