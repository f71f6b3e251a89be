"""The steps of a run beside the gutter that draws their graph; or the children of one of them, however many.

Only the lines that can be seen are made.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import ClassVar

from agentflow_cli.application.usecases.marks import mark_of
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.run_state import StepState
from agentflow_cli.foundation.duration import format_duration
from agentflow_cli.language.compiler.drawings.gutter import Row, gutter
from agentflow_cli.tui.run_model import RunModel, level_of
from agentflow_cli.tui.shown import Shown, count_text
from agentflow_cli.tui.toolkit import Binding, BindingType, Click, Content, Message, ScrollView, Size, Strip, Visual


class StepList(ScrollView, can_focus=True):
    """`level` None lists the run's steps; a path lists the children, rounds or inner steps of what is there."""

    DEFAULT_CSS = """
    StepList { border: round ansi_bright_black; padding: 0; overflow-x: hidden; scrollbar-size-vertical: 1; }
    StepList:focus { border: round ansi_blue; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown,space", "page(1)", show=False),
        Binding("home", "edge(-1)", show=False),
        Binding("end,G", "edge(1)", show=False),
        Binding("enter", "open", show=False),
    ]

    class Moved(Message):
        """The person moved the selection to `path`."""

        def __init__(self, path: str) -> None:
            super().__init__()
            self.path = path

    class Opened(Message):
        """The person wants to see more of `path`."""

        def __init__(self, path: str) -> None:
            super().__init__()
            self.path = path

    def __init__(self, shown: Shown) -> None:
        super().__init__()
        self._shown = shown
        self._model: RunModel | None = None
        self._gutter: list[Row] = []
        self._rows: Sequence[Row | int] = ()
        self._cursor = 0
        self._now = 0.0
        self.level: str | None = None
        self.filter = ""

    def show(self, model: RunModel, now: float) -> None:
        """Draw `model` as it is at `now`."""
        fresh = self._model is not model
        self._model, self._now = model, now
        if fresh:
            self._make_gutter()
        if fresh or self.filter or self.level is not None or model.settling:
            self._make_rows()
        self.refresh()

    @property
    def path(self) -> str | None:
        """What is selected."""
        if not 0 <= self._cursor < len(self._rows):
            return None
        row = self._rows[self._cursor]
        return self._path_of(row)

    @property
    def shown_paths(self) -> int:
        """How many steps or children are listed."""
        return sum(1 for row in self._rows if not isinstance(row, Row) or row.step is not None)

    def select(self, path: str) -> None:
        """Select a step, or a child on its own level, without a message. What is not listed is not selected."""
        self.enter(level_of(path))
        for index in self._places(path):
            self._put_cursor(index)
            return

    def enter(self, level: str | None) -> None:
        """List what is inside the step at `level`."""
        if level != self.level:
            self.level, self._cursor = level, 0
            self.scroll_to(y=0, animate=False)
            self._make_gutter()
            self._make_rows()

    def set_filter(self, text: str) -> None:
        """List only what has `text` in its id, status or item; the empty text lists all."""
        before = self.path
        self.filter = text.lower()
        self._make_rows()
        places = self._places(before) if before else []
        self._put_cursor(places[0] if places else self._next(-1, 1))
        if self.path is not None and self.path != before:
            self.post_message(self.Moved(self.path))

    def action_move(self, by: int) -> None:
        self._person_goes(self._next(self._cursor, by))

    def action_page(self, by: int) -> None:
        target = self._cursor + by * max(1, self.size.height - 1)
        target = min(max(target, 0), max(0, len(self._rows) - 1))
        index = self._next(target - by, by)
        self._person_goes(index if self._is_place(index) else self._next(target + by, -by))

    def action_edge(self, by: int) -> None:
        self._person_goes(self._next(-1, 1) if by < 0 else self._next(len(self._rows), -1))

    def action_open(self) -> None:
        if self.path is not None:
            self.post_message(self.Opened(self.path))

    def on_click(self, event: Click) -> None:
        content = event.get_content_offset(self)
        if content is not None:
            index = content.y + self.scroll_offset.y
            if self._is_place(index):
                self._person_goes(index)
                if event.chain == 2:
                    self.action_open()

    def render_line(self, y: int) -> Strip:
        index, width = y + self.scroll_offset.y, self.size.width
        if self._model is None or index >= len(self._rows) or width < 4:
            return Strip.blank(width)
        row = self._rows[index]
        selected = index == self._cursor
        line = self._step_line(row, width, selected) if isinstance(row, Row) else self._part_line(row, width, selected)
        line = line.truncate(width, ellipsis=False, pad=True)
        if selected:
            line = Content.styled(line.plain, "bold reverse") if self.has_focus else line.stylize("bold")
        return Visual.to_strips(self, line, width, 1, self.visual_style, apply_selection=False)[0]

    def _step_line(self, row: Row, width: int, selected: bool) -> Content:
        assert self._model is not None
        broad = len(row.text(" ")) > width // 2
        path = self._path_of(row)
        step = self._model.step(path) if path else None
        if path is None or step is None:
            return Content.styled(" " + ("" if broad else row.before), "dim")
        plan_step = self._model.plan_step(path)
        mark = mark_of(self._model.status_of(step), step.tolerated)
        sign = (self._shown.sign(mark.glyph, mark.ascii), mark.screen_style)
        lanes = (sign,) if broad else ((row.before, "dim"), sign, (row.after, "dim"))
        name = row.step or ""
        if step.children is not None:
            name += f" {step.settled_children}/{len(step.children)}"
        elif step.iterations:
            name += f" round {len(step.iterations)}"
        left = Content.assemble(
            self._pointer(selected), *lanes, "  ", (name, "" if step.status != "pending" else "dim")
        )
        if width >= 44:
            kind = plan_step.kind if plan_step is not None else "steps"
            left = left.pad_right(max(1, min(width // 2 + 4, width - 24) - left.cell_length))
            left += Content.styled(("foreach " if plan_step and plan_step.foreach and width > 60 else "") + kind, "dim")
        return _sides(left, self._numbers(step, width), width, not self._shown.ascii_only)

    def _part_line(self, index: int, width: int, selected: bool) -> Content:
        """A child of a foreach with its item, or a round of a repeat."""
        assert self._model is not None and self.level is not None
        step = self._model.parts(self.level)[index]
        mark = mark_of(step.status, step.tolerated)
        items = self._items
        said = self._shown.brief(items[index], max(10, width)) if items else ""
        name = f"[{index}]" if items else f"round {index + 1}"
        left = Content.assemble(
            self._pointer(selected), (self._shown.sign(mark.glyph, mark.ascii), mark.screen_style), f" {name}  {said}"
        )
        return _sides(left, self._numbers(step, width), width, not self._shown.ascii_only)

    def _numbers(self, step: StepState, width: int) -> Content:
        """What stands at the right edge: what goes wrong, tokens, time."""
        assert self._model is not None
        parts: list[tuple[str, str]] = []
        failed = self._model.failed_children(step.path)
        if failed:
            parts.append((f"{failed} failed", "ansi_red"))
        if step.attempt > 1:
            parts.append((f"try {step.attempt}", "ansi_yellow"))
        tokens = self._model.tokens(step.path)
        if tokens and width > 50:
            parts.append((f"{count_text(tokens)} tok", "dim"))
        if step.status == "waiting":
            parts.append(("answered" if step.answer else "asks", "ansi_magenta"))
        elif step.started_at is not None and step.status not in ("pending", "skipped", "cancelled"):
            end = step.ended_at
            if end is None:
                end = self._now if self._model.live else (self._model.state.updated_at or self._now)
            parts.append((format_duration(max(0.0, end - step.started_at)), ""))
        elif step.status in ("skipped", "cancelled"):
            parts.append((step.status, "dim"))
        return Content("  ").join([Content.styled(text, style) for text, style in parts])

    def _pointer(self, selected: bool) -> str:
        return self._shown.pointer if selected else " "

    def _make_gutter(self) -> None:
        """The graph of the block at this level; empty for children and rounds."""
        assert self._model is not None
        block = self._model.block_at(self.level)
        plan = self._model.plan
        if block is None:
            self._gutter = []
            return
        if block is not plan.root:
            plan = dataclasses.replace(plan, steps=block.steps)
        self._gutter = gutter(plan, ascii_only=self._shown.ascii_only)

    def _make_rows(self) -> None:
        assert self._model is not None
        rows: Sequence[Row | int]
        if self._gutter:
            steps = list(self._gutter)
            if self.level is None and self._model.settling:
                blank = " " * (len(self._gutter[0].text(" ")) - 1)
                steps += [Row(path, "", blank) for path in self._model.settling]
            rows = [Row(row.step, "") for row in steps if self._matches(self._path_of(row))] if self.filter else steps
        else:
            parts = self._model.parts(self.level or "")
            rows = range(len(parts))
            if self.filter:
                rows = [index for index in rows if self._matches(parts[index].path, index)]
        self._rows = rows
        self.virtual_size = Size(self.size.width, len(rows))
        self._cursor = min(self._cursor, max(0, len(rows) - 1))
        if not self._is_place(self._cursor):
            self._cursor = self._next(-1, 1)

    def _matches(self, path: str | None, index: int | None = None) -> bool:
        """Whether the filter is found in a step's path or status, or in a child's item."""
        assert self._model is not None
        step = self._model.step(path) if path else None
        if step is None:
            return False
        if self.filter in step.path[len(self.level or "") :] or self.filter in step.status:
            return True
        items = self._items
        return index is not None and bool(items) and self.filter in self._shown.brief(items[index]).lower()

    @property
    def _items(self) -> list[Json]:
        assert self._model is not None
        node = self._model.step(self.level) if self.level else None
        return (node.items if node is not None else None) or []

    def _path_of(self, row: Row | int) -> str | None:
        assert self._model is not None
        if isinstance(row, int):
            parts = self._model.parts(self.level or "")
            return parts[row].path if row < len(parts) else None
        if row.step is None:
            return None
        return row.step if self.level is None else f"{self.level}/{row.step}"

    def _places(self, path: str) -> list[int]:
        if isinstance(self._rows, range) and path.endswith("]"):
            index = int(path[path.rindex("[") + 1 : -1])
            return [index] if index in self._rows and level_of(path) == self.level else []
        return [index for index, row in enumerate(self._rows) if self._path_of(row) == path]

    def _is_place(self, index: int) -> bool:
        if not 0 <= index < len(self._rows):
            return False
        row = self._rows[index]
        return not isinstance(row, Row) or row.step is not None

    def _next(self, index: int, by: int) -> int:
        """The next line with a step; `index` itself when there is none."""
        at = index + by
        while 0 <= at < len(self._rows):
            if self._is_place(at):
                return at
            at += by
        return index

    def _put_cursor(self, index: int) -> None:
        self._cursor = index
        top, height = self.scroll_offset.y, max(1, self.size.height)
        if index < top or index >= top + height:
            self.scroll_to(y=max(0, index - (0 if index < top else height - 1)), animate=False)
        self.refresh()

    def _person_goes(self, index: int) -> None:
        if self._is_place(index) and self.path is not None:
            self._put_cursor(index)
            self.post_message(self.Moved(self.path))


def _sides(left: Content, right: Content, width: int, ellipsis: bool) -> Content:
    """`left` and `right` at the two edges; `left` gives way."""
    room = width - right.cell_length - (1 if right.cell_length else 0)
    left = left.truncate(max(0, room), ellipsis=ellipsis)
    return left.pad_right(max(0, width - left.cell_length - right.cell_length)) + right
