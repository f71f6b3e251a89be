"""Bodies without their content encoding, never longer than a limit: a gzip bomb counts as what it becomes."""

from __future__ import annotations

import zlib

ENCODINGS = "gzip, deflate"
"""What requests say that they accept."""
_STEP = 256 * 1024


class BodyRefusedError(Exception):
    """A body that is too long or not in the encoding that it claims; the message completes `the server …`."""


class Unpacker:
    """Collects the pieces of a body."""

    def __init__(self, encoding: str, most: int) -> None:
        self._encoding = encoding.strip().lower()
        self._most = most
        self._body = bytearray()
        self._raw_deflate = False
        self._fed = False
        self._decoder = self._new_decoder()

    def feed(self, piece: bytes) -> None:
        if self._decoder is None:
            self._keep(piece)
            return
        self._fed = self._fed or bool(piece)
        more = bool(piece)
        while more:
            try:
                plain = self._decoder.decompress(piece, _STEP)
            except zlib.error as error:
                if self._encoding == "deflate" and not self._body and not self._raw_deflate:
                    self._raw_deflate = True  # some servers send it without its header
                    self._decoder = zlib.decompressobj(-zlib.MAX_WBITS)
                    continue
                raise BodyRefusedError(f"sent a body that is not {self._encoding}, though it says so") from error
            self._keep(plain)
            # A full step may leave more to come inside the decoder, though all of the piece has been taken.
            more = len(plain) == _STEP
            if self._decoder.eof:
                piece = self._decoder.unused_data
                if piece:  # gzip may be written in several members
                    self._decoder = self._new_decoder()
                    assert self._decoder is not None
            else:
                piece = self._decoder.unconsumed_tail
            more = more or bool(piece)

    def end(self) -> bytes:
        if self._decoder is not None and self._fed and not self._decoder.eof:
            raise BodyRefusedError("broke off in the middle of its body")
        return bytes(self._body)

    def _keep(self, plain: bytes) -> None:
        self._body += plain
        if len(self._body) > self._most:
            raise BodyRefusedError(f"sent a body of more than {self._most // 1024 // 1024} MiB")

    def _new_decoder(self) -> zlib._Decompress | None:
        match self._encoding:
            case "" | "identity":
                return None
            case "gzip" | "x-gzip" | "deflate":
                return zlib.decompressobj(zlib.MAX_WBITS | 32)  # tells gzip from zlib by itself
        raise BodyRefusedError(f"sent a body in the encoding `{self._encoding[:40]}`, which was not asked for")
