"""From offsets in a text to lines and columns."""

from __future__ import annotations

import re
from bisect import bisect_right

BREAK = re.compile(r"\r\n|\r|\n")


class Lines:
    """Where lines start. Made when the first position is asked for."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts: list[int] | None = None

    @property
    def starts(self) -> list[int]:
        if self._starts is None:
            self._starts = [0, *(found.end() for found in BREAK.finditer(self.text))]
        return self._starts

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column, from 1, of the character at `offset`; clamped to the text."""
        offset = max(0, min(offset, len(self.text)))
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def line_text(self, line: int) -> str:
        """The text of line `line` (from 1), without its break."""
        start = self.starts[line - 1]
        found = BREAK.search(self.text, start)
        return self.text[start : found.start() if found else len(self.text)]
