"""The first three lines: which run, how far it is, what it took."""

from __future__ import annotations

from agentflow_cli.application.usecases.marks import mark_of
from agentflow_cli.tui.run_model import RunModel
from agentflow_cli.tui.shown import Shown, clock_text, count_text
from agentflow_cli.tui.toolkit import Content, Widget

_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_BAR = (
    ("done", "█", "#", "ansi_green"),
    ("failed", "█", "x", "ansi_red"),
    ("cancelled", "▒", "-", "ansi_red"),
    ("running", "▓", ">", "ansi_cyan"),
    ("waiting", "▒", "?", "ansi_magenta"),
    ("pending", "░", ".", "dim"),
)


class Header(Widget):
    """Three lines over the whole width."""

    DEFAULT_CSS = "Header { height: 3; padding: 0 1; }"

    def __init__(self, shown: Shown) -> None:
        super().__init__()
        self._shown = shown
        self._model: RunModel | None = None
        self._now = 0.0
        self._turn = 0

    def show(self, model: RunModel, now: float, turn: int) -> None:
        """`now` in seconds since 1970; `turn` moves the spinner on."""
        self._model, self._now, self._turn = model, now, turn
        self.refresh()

    def render(self) -> Content:
        model, width = self._model, max(10, self.size.width)
        if model is None:
            return Content("opening…" if not self._shown.ascii_only else "opening...")
        return Content("\n").join([self._title(model, width), self._progress(model, width), self._usage(model)])

    def _title(self, model: RunModel, width: int) -> Content:
        mark = mark_of(model.status)
        sign = self._shown.sign(mark.glyph, mark.ascii)
        if model.status == "running" and not self._shown.ascii_only:
            sign = _SPINNER[self._turn % len(_SPINNER)]
        right = Content.assemble(
            (f"{sign} {mark.word}", f"bold {mark.screen_style}"), f" {clock_text(model.elapsed(self._now))}"
        )
        left = Content.assemble(
            (self._shown.line(model.plan.workflow, 60), "bold"),
            f"  run {model.short}",
            (f"  {self._shown.line(model.plan.file)}", "dim"),
        )
        left = left.truncate(max(0, width - right.cell_length - 2), ellipsis=not self._shown.ascii_only)
        return left.pad_right(max(1, width - left.cell_length - right.cell_length)) + right

    def _progress(self, model: RunModel, width: int) -> Content:
        counts = model.counts()
        told = (" | " if self._shown.ascii_only else " · ").join(
            f"{count} {word}" for word, count in counts.items() if count or word == "done"
        )
        room = max(8, min(40, width - len(told) - 2))
        total = max(1, sum(counts.values()))
        partly = model.partly_done()
        cells: list[Content] = []
        used = 0
        for word, glyph, plain, style in _BAR:
            share = counts[word] + (partly if word == "done" else -partly if word == "running" else 0.0)
            length = room - used if word == "pending" and counts["pending"] else int(room * share / total + 0.5)
            length = min(max(length, 1 if counts[word] else 0), room - used)
            cells.append(Content.styled((plain if self._shown.ascii_only else glyph) * length, style))
            used += length
        bar = Content("").join(cells)
        return Content.assemble(bar.pad_right(max(0, room - used)), "  ", told).truncate(
            width, ellipsis=not self._shown.ascii_only
        )

    def _usage(self, model: RunModel) -> Content:
        state = model.state
        parts: list[str | tuple[str, str]] = [
            ("tokens ", "dim"),
            f"{count_text(state.input_tokens)} in, {count_text(state.output_tokens)} out",
        ]
        if state.retries:
            parts += [("   retries ", "dim"), str(state.retries)]
        if state.epoch > 1:
            parts += [("   resumed ", "dim"), f"{state.epoch - 1}x"]
        if state.status in ("interrupted", "stopped") and state.reason:
            parts += [("   ", ""), (self._shown.line(state.reason, 80), "ansi_yellow")]
        if state.status == "failed" and state.error:
            parts += [("   ", ""), (self._shown.line(state.error.message, 200), "ansi_red")]
        if model.waiting:
            questions = len(model.waiting)
            parts += [
                ("   ", ""),
                (
                    f"{questions} {'question waits' if questions == 1 else 'questions wait'}: press a",
                    "bold ansi_magenta",
                ),
            ]
        return Content.assemble(*parts).truncate(max(10, self.size.width), ellipsis=not self._shown.ascii_only)
