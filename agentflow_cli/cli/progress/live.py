"""The live view: an inline tree on stderr, one row a step, repainted at most fifteen times a second."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from agentflow_cli.application.usecases.marks import mark_of
from agentflow_cli.cli.console import Console
from agentflow_cli.cli.progress.board import Board, Row, widths
from agentflow_cli.domain.events import Record
from agentflow_cli.domain.plan import Plan
from agentflow_cli.domain.run_state import RunState
from agentflow_cli.foundation.clock import Clock, SystemClock
from agentflow_cli.foundation.duration import format_duration
from agentflow_cli.language.compiler.drawings.gutter import Row as GutterRow
from agentflow_cli.language.compiler.drawings.gutter import gutter

if TYPE_CHECKING:
    from rich.console import Console as RichConsole
    from rich.live import Live
    from rich.text import Text

INTERVAL = 1 / 15
"""Seconds between two repaints."""
_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_ASCII_SPINNER = "|/-\\"
_MOST_FINAL_ROWS = 200
_SPARE_LINES = 3


class LiveView:
    """Paints on its own console; nothing that came from a model or a file is read as markup."""

    def __init__(self, console: Console, plan: Plan, clock: Clock | None = None) -> None:
        from rich.console import Console as RichConsole

        self._unicode = console.unicode
        self._rich: RichConsole = RichConsole(
            file=console.stderr,
            force_terminal=True,
            no_color=not console.colors(console.stderr),
            highlight=False,
            markup=False,
            emoji=False,
        )
        self._clock = clock or SystemClock()
        self._board = Board.of(plan)
        self._lines = gutter(plan, ascii_only=not self._unicode)
        self._names, self._kinds = widths(plan)
        self._live: Live | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._frame = 0
        self._begun = self._clock.now()

    def begin(self) -> None:
        self._begun = self._clock.now()
        self._start_painting()

    def end(self) -> None:
        """Leave the last frame on the screen, whole."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._stop_painting()
        self._rich.print(self._frame_text(final=True), soft_wrap=False, no_wrap=True, overflow="crop", crop=True)

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """The rows stand still above whatever is asked, and go on below it."""
        self._stop_painting()
        self._rich.print(self._frame_text(final=False), no_wrap=True, overflow="crop", crop=True)
        try:
            yield
        finally:
            self._start_painting()

    def recorded(self, record: Record, state: RunState) -> None:
        self._board.take(record, state)
        self._tick_soon()

    def delta(self, path: str, text: str) -> None:
        self._board.hear(path, text)

    def printed(self, path: str, text: str) -> None:
        self._board.hear(path, "")
        self._board.hear(path, text)

    def _tick_soon(self) -> None:
        if self._timer is None:
            with contextlib.suppress(RuntimeError):  # no loop: somebody plays records to the view
                self._timer = asyncio.get_running_loop().call_later(INTERVAL, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self._frame += 1
        if self._live is not None:
            self._live.update(self._frame_text(final=False), refresh=True)
        self._tick_soon()

    def _start_painting(self) -> None:
        from rich.live import Live

        self._live = Live(
            self._frame_text(final=False),
            console=self._rich,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            vertical_overflow="crop",
        )
        self._live.start(refresh=True)

    def _stop_painting(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _frame_text(self, final: bool) -> Text:
        from rich.text import Text

        now = self._clock.now()
        lines = [self._row(line.step, line.before, line.after, now) for line in self._shown(final)]
        if not final:
            lines.append(self._foot(now))
        return Text("\n", no_wrap=True, overflow="crop").join(lines)

    def _shown(self, final: bool) -> list[GutterRow]:
        """The rows that fit: those around what moves."""
        lines = [*self._lines, *self._settling()]
        room = _MOST_FINAL_ROWS if final else max(4, self._rich.height - _SPARE_LINES)
        if len(lines) <= room:
            return lines
        rows = self._board.rows
        first = next((i for i, line in enumerate(lines) if line.step and not rows[line.step].settled), len(lines))
        start = max(0, min(first - room // 3, len(lines) - room))
        return lines[start : start + room]

    def _settling(self) -> list[GutterRow]:
        """Rows of `on_failure` and `finally`, which no line of the graph leads to."""
        first = next((line for line in self._lines if line.step is not None), None)
        blank = " " * (len(first.before) + len(first.after)) if first is not None else ""
        return [GutterRow(path, "", blank) for path in self._board.rows if path.startswith("@")]

    def _row(self, step: str | None, before: str, after: str, now: float) -> Text:
        from rich.text import Text

        if step is None:
            return Text(before, style="dim")
        row = self._board.rows[step]
        mark = mark_of(row.status, row.tolerated)
        sign = mark.sign(self._unicode)
        if row.status == "running":
            spinner = _SPINNER if self._unicode else _ASCII_SPINNER
            sign = spinner[self._frame % len(spinner)]
        text = Text()
        text.append(before, style="dim").append(sign, style=mark.style).append(after, style="dim")
        quiet = "dim" if row.status in ("pending", "skipped", "cancelled") else ""
        text.append(f"  {row.step:<{self._names}}  ", style=quiet or "bold").append(
            f"{row.kind:<{self._kinds}}", style="dim"
        )
        text.append(f"  {mark.word:<9}", style=mark.style)
        text.append(f"  {self._numbers(row, now):<16}", style=quiet)
        tail = row.words if row.status == "running" and row.words else row.note
        if tail:
            room = max(0, self._rich.width - text.cell_len - 2)
            # A stream shows its end, a message its beginning.
            shown = Text(tail, style="dim" if row.status != "failed" else "red")
            if shown.cell_len > room:
                shown.truncate(max(0, room - 1))
                shown.append("…" if self._unicode else ">")
            if row.words and row.status == "running":
                shown = Text(_last_cells(tail, room), style="dim italic")
            text.append("  ").append_text(shown)
        return text

    def _numbers(self, row: Row, now: float) -> str:
        parts = []
        if row.total is not None:
            parts.append(f"{row.done}/{row.total}" + (f" ({row.failed} failed)" if row.failed else ""))
        seconds = row.seconds(now)
        if seconds is not None and row.status not in ("skipped", "cancelled"):
            parts.append(format_duration(seconds))
        if row.tokens:
            parts.append(f"{row.tokens} tok")
        if row.attempt > 1:
            parts.append(f"attempt {row.attempt}")
        return " ".join(parts)

    def _foot(self, now: float) -> Text:
        from rich.text import Text

        rows = self._board.rows.values()
        counts = {
            "done": sum(row.settled for row in rows),
            "running": sum(row.status in ("running", "retrying") for row in rows),
            "waiting": sum(row.status == "waiting" for row in rows),
            "pending": sum(row.status == "pending" for row in rows),
        }
        between = " · " if self._unicode else " - "
        parts = [f"{count} {word}" for word, count in counts.items() if count]
        parts.append(format_duration(max(0.0, now - self._begun)))
        if self._board.tokens:
            parts.append(f"{self._board.tokens} tokens")
        return Text(between.join(parts), style="dim")


def _last_cells(text: str, room: int) -> str:
    """The end of `text` that fills at most `room` cells."""
    from rich.cells import cell_len

    shown = text[-room:] if room else ""
    while shown and cell_len(shown) > room:
        shown = shown[1:]
    return shown
