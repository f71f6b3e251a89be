"""A place in a file. Real or absent: never invented."""

from __future__ import annotations

from typing import NamedTuple


class Span(NamedTuple):
    """From (line, column) up to and not including (end_line, end_column); all count from 1, columns in characters."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"
