"""Edits made in a text: which of many can be made together, and the text after them."""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence

from agentflow_cli.diagnostics.fix import Edit, Fix

_BREAK = re.compile(r"\r\n|\r|\n")


class EditableText:
    """One text, and the offsets of the places in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0, *(found.end() for found in _BREAK.finditer(text))]

    def range(self, edit: Edit) -> tuple[int, int] | None:
        """The offsets [start, end) that `edit` replaces; None where its `old` does not stand there."""
        start = self._offset(edit.span.line, edit.span.column)
        end = self._offset(edit.span.end_line, edit.span.end_column)
        if start is None or end is None or self.text[start:end] != edit.old:
            return None
        return start, end

    def _offset(self, line: int, column: int) -> int | None:
        if not 1 <= line <= len(self._starts) or column < 1:
            return None
        offset = self._starts[line - 1] + column - 1
        return offset if offset <= len(self.text) and bisect_right(self._starts, offset) == line else None

    def edited(self, edits: Iterable[Edit]) -> str:
        """The text after `edits`, which do not overlap and all fit."""
        ranges = [(found, edit.new) for edit in edits if (found := self.range(edit)) is not None]
        pieces: list[str] = []
        position = 0
        for (start, end), new in sorted(ranges, key=lambda item: item[0]):
            pieces += (self.text[position:start], new)
            position = end
        return "".join(pieces) + self.text[position:]


def compatible(fixes: Sequence[Fix], texts: dict[str, EditableText]) -> list[Fix]:
    """Those of `fixes`, from the first on, that fit the texts of their files and do not touch each other.

    `texts` holds each file's text by its name in spans; a fix in another file is left out. Equal fixes count once.
    """
    taken: dict[str, _Taken] = {}
    chosen: dict[Fix, None] = {}
    for fix in {id(fix): fix for fix in fixes}.values():  # many findings may share a long one
        if fix in chosen:
            continue
        wanted = []
        for edit in fix.edits:
            text = texts.get(edit.span.file)
            found = None if text is None else text.range(edit)
            if found is None or taken.setdefault(edit.span.file, _Taken()).touches(found):
                break
            wanted.append((edit.span.file, found))
        else:
            if wanted and not _touch_each_other(wanted):
                chosen[fix] = None
                for file in {file for file, _ in wanted}:
                    taken[file].add([place for other, place in wanted if other == file])
    return list(chosen)


class _Taken:
    """Ranges that do not touch each other, in order."""

    def __init__(self) -> None:
        self._ranges: list[tuple[int, int]] = []

    def touches(self, place: tuple[int, int]) -> bool:
        at = bisect_left(self._ranges, place)
        return any(_touch(place, other) for other in self._ranges[max(at - 1, 0) : at + 1])

    def add(self, places: Sequence[tuple[int, int]]) -> None:
        if len(places) == 1:
            insort(self._ranges, places[0])
        else:
            self._ranges = sorted((*self._ranges, *places))


def _touch(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether they share a character, or where an insertion would stand at the edge of another edit."""
    if one[0] == one[1] or other[0] == other[1]:
        return one[0] <= other[1] and other[0] <= one[1]
    return one[0] < other[1] and other[0] < one[1]


def _touch_each_other(places: Sequence[tuple[str, tuple[int, int]]]) -> bool:
    """Whether any two do; of those in order, only neighbours can be the first to."""
    ordered = sorted(places)
    return any(
        file == other_file and _touch(place, other)
        for (file, place), (other_file, other) in itertools.pairwise(ordered)
    )
