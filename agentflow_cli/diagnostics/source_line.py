"""One line of a stranger's file made fit for a frame: safe characters, known widths, clipped around what matters."""

from __future__ import annotations

import unicodedata

TAB = "    "
_LONG = 4_000
"""Characters from which a line is cut before it is measured."""
_CONTEXT = 24
"""Cells kept before the underlined part of a line that is clipped."""


def display_line(line: str, start: int, end: int, width: int) -> tuple[str, int, int]:
    """`line` as shown in at most `width` cells, and where the characters [start, end) begin and how wide they are.

    At least one cell is always marked, so that a place behind the last character can be pointed at.
    """
    skipped = 0
    if len(line) > _LONG:  # only what is near the place is looked at
        skipped = max(0, start - _LONG // 4)
        line, start, end = line[skipped : skipped + _LONG], start - skipped, min(end - skipped, _LONG)
    cells = [_cell(character) for character in line]
    first, last = 0, len(cells)
    before, after = "", ""
    if _width(cells) > width:
        if _width(cells[:end]) > width - 3:
            first = start
            while first > 0 and _width(cells[first - 1 : start]) <= _CONTEXT:
                first -= 1
            before = "..." if first > 0 or skipped else ""
        last = first
        room = width - len(before) - 3
        while last < len(cells) and _width(cells[first : last + 1]) <= room:
            last += 1
        after = "..." if last < len(cells) else ""
    text = before + "".join(shown for shown, _ in cells[first:last]) + after
    offset = len(before) + _width(cells[first : max(first, min(start, last))])
    marked = _width(cells[start : min(end, last)])
    return text, offset, max(1, marked)


def _width(cells: list[tuple[str, int]]) -> int:
    return sum(width for _, width in cells)


def _cell(character: str) -> tuple[str, int]:
    if " " <= character <= "~":
        return character, 1
    if character == "\t":
        return TAB, len(TAB)
    category = unicodedata.category(character)
    if category in ("Mn", "Me"):
        return character, 0
    if category[0] in "CZ" and category != "Zs":
        return "?", 1  # control characters, direction overrides, line separators: never printed
    return character, 2 if unicodedata.east_asian_width(character) in "WF" else 1
