"""From a decoded scalar back to its raw characters: read only where something is wrong in one."""

from __future__ import annotations

import functools
import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from typing import TypeAlias

from agentflow_cli.language.loader.nodes import ScalarNode
from agentflow_cli.language.loader.source_map import BREAK

_FOLD = r"(?:(?<![ \t])|(?<=\\[ \t]))[ \t]*(?:\r\n|\r|\n)[ \t\r\n]*"
"""Sought where blanks begin, and not at each of a million."""
_SPECIAL = {
    "": re.compile(_FOLD),
    "'": re.compile("''|" + _FOLD),
    '"': re.compile(r"\\(?:x..|u....|U.{8}|(?:\r\n|\r|\n)[ \t\r\n]*|[^\r\n])|" + _FOLD),
}
"""By the style of a scalar in one piece: what does not stand for itself."""
_FILLED = re.compile(r"[^ \r\n]")
_ESCAPES = {
    "0": "\0",
    "a": "\x07",
    "b": "\x08",
    "t": "\t",
    "\t": "\t",
    "n": "\n",
    "v": "\x0b",
    "f": "\x0c",
    "r": "\r",
    "e": "\x1b",
    " ": " ",
    '"': '"',
    "/": "/",
    "\\": "\\",
    "N": "\x85",
    "_": "\xa0",
    "L": "\u2028",
    "P": "\u2029",
}
_Piece: TypeAlias = "tuple[str, int, int]"
"""Characters, where they begin, and 0 where they stand for themselves; else it is one, and so many raw ones wide."""


class _Decoded:
    """A scalar that is read again from its raw characters, as far as is asked, and compared with what it should be."""

    def __init__(self, pieces: Iterator[_Piece], text: str) -> None:
        self._pieces, self._text = pieces, text
        self._length = 0
        self._next = -1
        """Where the next character would be one of the last run."""
        self._at, self._raw, self._width = array("q"), array("q"), array("q")

    def raw(self, start: int, end: int) -> tuple[int, int] | None:
        """The raw offsets of the decoded characters [start, end); None where the two do not fit."""
        if self._length < max(start + 1, end) and not self._read(max(start + 1, end)):
            return None
        if start >= self._length:
            last = self._range(self._length - 1)[1]
            return last, last
        first = self._range(start)[0]
        return first, self._range(end - 1)[1] if end > start else first

    def _read(self, wanted: int) -> bool:
        """Read on up to `wanted` characters; whether all were those of the text, and there are any."""
        length, following, text = self._length, self._next, self._text
        for characters, start, width in self._pieces:
            if not text.startswith(characters, length):
                self._pieces = iter(())
                self._length = 0
                return False
            if width > 1 or start != following:
                self._at.append(length)
                self._raw.append(start)
                self._width.append(width if width > 1 else 0)
            length += len(characters)
            following = -1 if width > 1 else start + len(characters)
            if length >= wanted:
                break
        self._length, self._next = length, following
        return length > 0

    def _range(self, position: int) -> tuple[int, int]:
        run = bisect_right(self._at, position) - 1
        raw, width = self._raw[run], self._width[run]
        if width:
            return raw, raw + width
        raw += position - self._at[run]
        return raw, raw + 1


def raw_range(text: str, node: ScalarNode, start: int, end: int) -> tuple[int, int] | None:
    """The offsets in `text` of the decoded characters [start, end) of `node`; None when they cannot be told exactly."""
    start, end = max(0, start), min(end, len(node.text))
    inner = node.start + (1 if node.style in ("'", '"') else 0)
    if start == 0 and end == len(node.text) and node.style not in ("|", ">"):
        return inner, max(inner, node.end - (inner - node.start))
    return _decoded(text, node).raw(start, end) if node.text else (inner, inner)


@functools.lru_cache(maxsize=8)  # a long text with many findings is read once
def _decoded(text: str, node: ScalarNode) -> _Decoded:
    if node.style in ("|", ">"):
        return _Decoded(_block(text, node), node.text)
    quote = len(node.style)
    return _Decoded(_flow(text[node.start + quote : node.end - quote], node.start + quote, node.style), node.text)


def _flow(raw: str, base: int, style: str) -> Iterator[_Piece]:
    """A plain or quoted scalar: escapes undone, line breaks folded."""
    index = 0
    for found in _SPECIAL[style].finditer(raw):
        start, end = found.span()
        if start > index:
            yield raw[index:start], base + index, 0
        index, first = end, raw[start]
        if first == "'":
            yield "'", base + start, 2
        elif first != "\\":
            yield from _breaks(raw, start, end, base, " ")
        elif (kind := raw[start + 1]) in "xuU":
            yield chr(int(raw[start + 2 : end], 16)), base + start, end - start
        elif kind in "\r\n":
            yield from _breaks(raw, start + 1, end, base, "")
        else:
            yield _ESCAPES.get(kind, kind), base + start, 2
    if index < len(raw):
        yield raw[index:], base + index, 0


def _breaks(raw: str, start: int, end: int, base: int, alone: str) -> Iterator[_Piece]:
    """A line break with the blanks around it is `alone`; of several, all but the first stay."""
    first, *others = BREAK.finditer(raw, start, end)
    if alone and not others:
        yield alone, base + first.start(), len(first.group())
    for found in others:
        yield "\n", base + found.start(), len(found.group())


def _block(text: str, node: ScalarNode) -> Iterator[_Piece]:
    """A literal or folded block."""
    header = BREAK.search(text, node.start)
    if header is None:
        return iter(())
    indicators = text[node.start + 1 : header.start()].split("#")[0]
    first = _margin(text, header.end(), node.end)
    keep = "keep" if "+" in indicators else "strip" if "-" in indicators else "clip"
    if any(c.isdigit() for c in indicators):  # more blanks than the indentation are a part of the text
        read = node.text.split("\n")
        line = next((line for line in read if line.strip(" ")), None)
        first -= max(map(len, read)) if line is None else len(line) - len(line.lstrip(" "))
    return _block_with(text, _lines(text, header.end(), node.end), max(first, 0), node.style, keep)


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Of each line from `start` up to `end` where it starts, where it stops, and where the next one starts."""
    for found in BREAK.finditer(text, start):
        if start >= end:
            return
        yield start, found.start(), found.end()
        start = found.end()
    if start < min(end, len(text)):
        yield start, len(text), len(text)


def _margin(text: str, start: int, end: int) -> int:
    """How many blanks begin the first line that has more than those; of none, the longest."""
    filled = _FILLED.search(text, start, end)
    if filled is None:
        return max((stop - begin for begin, stop, _ in _lines(text, start, end)), default=0)
    begin = max(text.rfind("\n", start, filled.start()), text.rfind("\r", start, filled.start()), start - 1) + 1
    return filled.start() - begin


def _block_with(
    text: str, lines: Iterator[tuple[int, int, int]], indent: int, style: str, keep: str
) -> Iterator[_Piece]:
    pending: tuple[int, int] | None = None  # the break after the last line of text: where, how wide
    empty: list[tuple[int, int]] = []  # breaks of empty lines since
    was_blank = False
    margin = " " * indent
    for start, stop, after in lines:
        line_start = start + indent
        if stop < line_start or not text.startswith(margin, start):
            line_start = start
            while line_start < stop and line_start - start < indent and text[line_start] == " ":
                line_start += 1
        if line_start == stop:
            if after > stop:
                empty.append((stop, after - stop))
            continue
        if line_start - start < indent:
            break
        is_blank = text[line_start] in " \t"
        if pending is not None and style == ">" and not was_blank and not is_blank:
            if not empty:
                yield " ", *pending
        elif pending is not None:
            yield "\n", *pending
        for place in empty:
            yield "\n", *place
        empty, was_blank = [], is_blank
        yield text[line_start:stop], line_start, 0
        pending = (stop, after - stop) if after > stop else None
    if keep != "strip" and pending is not None:
        yield "\n", *pending
    if keep == "keep":
        for place in empty:
            yield "\n", *place
