"""From offsets in a text to lines and columns, and from a decoded scalar back to its raw characters."""

from __future__ import annotations

import functools
import re
from bisect import bisect_right

from agentflow_cli.language.loader.nodes import ScalarNode

_BREAK = re.compile(r"\r\n|\r|\n")
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
_HEX_DIGITS = {"x": 2, "u": 4, "U": 8}


class Lines:
    """Where lines start. Made when the first position is asked for."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts: list[int] | None = None

    @property
    def starts(self) -> list[int]:
        if self._starts is None:
            self._starts = [0, *(found.end() for found in _BREAK.finditer(self.text))]
        return self._starts

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column, from 1, of the character at `offset`; clamped to the text."""
        offset = max(0, min(offset, len(self.text)))
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def line_text(self, line: int) -> str:
        """The text of line `line` (from 1), without its break."""
        start = self.starts[line - 1]
        found = _BREAK.search(self.text, start)
        return self.text[start : found.start() if found else len(self.text)]


class Decoded:
    """A scalar as its characters with the raw range that each came from."""

    def __init__(self) -> None:
        self.characters: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []

    def add(self, character: str, start: int, end: int) -> None:
        self.characters.append(character)
        self.starts.append(start)
        self.ends.append(end)


def raw_range(text: str, node: ScalarNode, start: int, end: int) -> tuple[int, int] | None:
    """The offsets in `text` of the decoded characters [start, end) of `node`; None when they cannot be told exactly."""
    start, end = max(0, start), min(end, len(node.text))
    inner = node.start + (1 if node.style in ("'", '"') else 0)
    if text.startswith(node.text, inner) and node.style in ("", "'", '"') and _is_literal(node.text, node.style):
        return inner + start, inner + max(start, end)
    decoded = decode(text, node)
    if decoded is None:
        return None
    if start >= len(decoded.starts):
        last = decoded.ends[-1] if decoded.ends else inner
        return last, last
    if end <= start:
        return decoded.starts[start], decoded.starts[start]
    return decoded.starts[start], decoded.ends[end - 1]


@functools.lru_cache(maxsize=2)  # a long text with many findings is read once
def decode(text: str, node: ScalarNode) -> Decoded | None:
    """The scalar read again from its raw text; None when that does not give what the parser read."""
    raw = text[node.start : node.end]
    if node.style in ("|", ">"):
        candidates = _block(text, node)
    elif node.style:
        candidates = [_flow(raw[1:-1], node.start + 1, node.style)]
    else:
        candidates = [_flow(raw, node.start, "")]
    for candidate in candidates:
        if "".join(candidate.characters) == node.text:
            return candidate
    return None


def _is_literal(value: str, style: str) -> bool:
    if "\n" in value:
        return False
    return not style or (style not in value and "\\" not in value)


def _flow(raw: str, base: int, style: str) -> Decoded:
    """A plain or quoted scalar: escapes undone, line breaks folded."""
    decoded = Decoded()
    index = 0
    while index < len(raw):
        character = raw[index]
        if character in " \t\r\n":
            index = _fold(raw, index, base, decoded, escaped=False)
        elif style == "'" and character == "'":
            decoded.add("'", base + index, base + index + 2)
            index += 2
        elif style == '"' and character == "\\" and index + 1 < len(raw):
            index = _unescape(raw, index, base, decoded)
        else:
            decoded.add(character, base + index, base + index + 1)
            index += 1
    return decoded


def _fold(raw: str, index: int, base: int, decoded: Decoded, *, escaped: bool) -> int:
    """Read a run of blanks and breaks from `index`; the index after it. `escaped`: a break before it is gone."""
    end = index
    while end < len(raw) and raw[end] in " \t\r\n":
        end += 1
    breaks = [(found.start(), found.end()) for found in _BREAK.finditer(raw, index, end)]
    if not breaks and not escaped:
        for position in range(index, end):
            decoded.add(raw[position], base + position, base + position + 1)
        return end
    if len(breaks) == 1 and not escaped:
        decoded.add(" ", base + breaks[0][0], base + breaks[0][1])
        return end
    for start, stop in breaks if escaped else breaks[1:]:
        decoded.add("\n", base + start, base + stop)
    return end


def _unescape(raw: str, index: int, base: int, decoded: Decoded) -> int:
    kind = raw[index + 1]
    if kind in _HEX_DIGITS:
        end = index + 2 + _HEX_DIGITS[kind]
        decoded.add(chr(int(raw[index + 2 : end], 16)), base + index, base + end)
        return end
    if kind in "\r\n":
        found = _BREAK.match(raw, index + 1)
        return _fold(raw, found.end() if found else index + 2, base, decoded, escaped=True)
    decoded.add(_ESCAPES.get(kind, kind), base + index, base + index + 2)
    return index + 2


def _block(text: str, node: ScalarNode) -> list[Decoded]:
    """A literal or folded block read with each indentation that it can have; the caller keeps the one that fits."""
    header = _BREAK.search(text, node.start)
    if header is None:
        return []
    indicators = text[node.start + 1 : header.start()].split("#")[0]
    lines = []
    position = header.end()
    while position < len(text):
        found = _BREAK.search(text, position)
        stop, after = (found.start(), found.end()) if found else (len(text), len(text))
        if position >= node.end:
            break
        lines.append((position, stop, after))
        position = after
    filled = [text[a:b] for a, b, _ in lines if text[a:b].strip(" ")]
    first = len(filled[0]) - len(filled[0].lstrip(" ")) if filled else max((b - a for a, b, _ in lines), default=0)
    keep = "keep" if "+" in indicators else "strip" if "-" in indicators else "clip"
    widths = range(first, -1, -1) if any(c.isdigit() for c in indicators) else [first]
    return [_block_with(text, lines, width, node.style, keep) for width in widths]


def _block_with(text: str, lines: list[tuple[int, int, int]], indent: int, style: str, keep: str) -> Decoded:
    decoded = Decoded()
    pending: tuple[int, int] | None = None  # the break after the last line of text
    empty: list[tuple[int, int]] = []  # breaks of empty lines since
    was_blank = False
    for start, stop, after in lines:
        line_start = start
        while line_start < stop and line_start - start < indent and text[line_start] == " ":
            line_start += 1
        if line_start == stop:
            if after > stop:
                empty.append((stop, after))
            continue
        if line_start - start < indent:
            break
        is_blank = text[line_start] in " \t"
        if pending is not None and style == ">" and not was_blank and not is_blank:
            if not empty:
                decoded.add(" ", *pending)
        elif pending is not None:
            decoded.add("\n", *pending)
        for place in empty:
            decoded.add("\n", *place)
        empty, was_blank = [], is_blank
        for position in range(line_start, stop):
            decoded.add(text[position], position, position + 1)
        pending = (stop, after) if after > stop else None
    if keep != "strip" and pending is not None:
        decoded.add("\n", *pending)
    if keep == "keep":
        for place in empty:
            decoded.add("\n", *place)
    return decoded
