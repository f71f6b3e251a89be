"""Results in the form that was asked for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from agentflow_cli.cli.block_text import block_text
from agentflow_cli.cli.console import Console
from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.domain.json_value import Json
from agentflow_cli.foundation.terminal_text import clean

FORMAT_VERSION = 1
"""Of the JSON forms: raised when a field changes its meaning, not when one is added."""
_NARROWEST = 12
"""Cells below which no column of a table is cut."""


def write_value(invocation: Invocation, value: Json) -> None:
    """A JSON value as `json` (indented), `jsonl` (one line), `yaml`, or the same as text."""
    console = invocation.console
    if invocation.output in ("json", "jsonl", "yaml"):
        console.for_programs()
    if invocation.output == "json":
        console.raw(json_text(value, indent=2) + "\n")
    elif invocation.output == "jsonl":
        console.raw(json_text(value) + "\n")
    elif invocation.output == "yaml":
        console.raw(block_text(value, strict=True) + "\n")
    else:
        console.data(value if isinstance(value, str) else block_text(value))


def write_rows(invocation: Invocation, rows: Sequence[dict[str, Json]], key: str) -> None:
    """A list of records: one object with `key` for `json` and `yaml`, a version record and a line each for `jsonl`."""
    if invocation.output == "jsonl":
        invocation.console.for_programs()
        invocation.console.raw(json_text({"type": "version", "version": FORMAT_VERSION}) + "\n")
        for row in rows:
            invocation.console.raw(json_text(row) + "\n")
    else:
        write_value(invocation, {"version": FORMAT_VERSION, key: list(rows)})


def write_table(
    console: Console, header: Sequence[str], rows: Sequence[Sequence[Any]], right: Sequence[int] = ()
) -> None:
    """Columns two spaces apart, as wide as they need to be; on a terminal that is narrower the widest give way."""
    cells = [[clean(str(cell), keep_newlines=False) for cell in row] for row in rows]
    columns = list(zip(header, *cells, strict=True))
    widths = [max(len(cell) for cell in column) for column in columns]
    room = console.width if console.stdout.isatty() else None
    if room is not None:
        _fit(widths, room)
    mark = "…" if console.unicode else ">"
    for number, row in enumerate([list(header), *cells]):
        short = [c if len(c) <= w else c[: w - 1] + mark for c, w in zip(row, widths, strict=True)]
        parts = [c.rjust(w) if i in right else c.ljust(w) for i, (c, w) in enumerate(zip(short, widths, strict=True))]
        line = "  ".join(parts).rstrip()
        if room is not None and len(line) > room:
            line = line[: room - 1] + mark
        console.raw((console.paint_data(line, "bold") if number == 0 else line) + "\n")


def _fit(widths: list[int], room: int) -> None:
    """Make the widest columns narrower, the first one last, for it is what a row is about: each keeps a little."""
    while sum(widths) + 2 * (len(widths) - 1) > room:
        widest = max(range(len(widths)), key=lambda i: (widths[i] if i else widths[i] // 2, i))
        if widths[widest] <= _NARROWEST:
            return
        widths[widest] -= 1


def json_text(value: Json, indent: int | None = None) -> str:
    """JSON text that any program can read: a lone surrogate, which is no UTF-8, stays an escape."""
    text = json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        text = json.dumps(value, indent=indent, allow_nan=False)
    return text
