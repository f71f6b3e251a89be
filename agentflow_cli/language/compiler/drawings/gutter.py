"""The graph of a plan as a gutter beside the list of its steps, as `git log --graph` draws history.

    ●    ingest
    ├─╮
    ● │  classify
    │ ●  retrieve
    ├─╯
    ●    draft

A lane stands for edges with the same steps ahead of them: a fan-out of any width takes one lane, and so does the
fan-in that gathers it.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

from agentflow_cli.domain.plan import Block, Plan

_MOST_LANES = 30
_ASCII = str.maketrans("│─├┤┬┼┴╮╯╰╭●…", "|-+++++.''.*~")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the gutter: of a step, or (step None) of connections alone.

    A step's line is `before`, then one character of the viewer's choice for the step, then `after`.
    """

    step: str | None
    before: str
    after: str = ""
    below: str = ""
    """Of a step: the gutter beside further lines about it."""

    def text(self, glyph: str = "●") -> str:
        return self.before if self.step is None else f"{self.before}{glyph}{self.after}"


@dataclass(slots=True)
class _Lane:
    """Edges to the steps `targets[position:]`, in the order of their rows."""

    targets: list[str]
    position: int = 0

    @property
    def next(self) -> str:
        return self.targets[self.position]

    @property
    def left(self) -> int:
        return len(self.targets) - self.position

    def same(self, other: _Lane) -> bool:
        return self.left == other.left and self.targets[self.position :] == other.targets[other.position :]


def row_order(plan: Plan | Block) -> list[str]:
    """Step ids in the order of the file, but each after all that it waits for."""
    place = {step_id: index for index, step_id in enumerate(plan.steps)}
    names = list(plan.steps)
    waiting = {step.id: len(step.dependencies) for step in plan.steps.values()}
    dependents = _block(plan).dependents
    ready = [place[step_id] for step_id, count in waiting.items() if count == 0]
    heapq.heapify(ready)
    rows = []
    while ready:
        step_id = names[heapq.heappop(ready)]
        rows.append(step_id)
        for dependent in dependents.get(step_id, ()):
            waiting[dependent] -= 1
            if waiting[dependent] == 0:
                heapq.heappush(ready, place[dependent])
    return rows


def _block(plan: Plan | Block) -> Block:
    return plan.root if isinstance(plan, Plan) else plan


def gutter(plan: Plan | Block, *, ascii_only: bool = False) -> list[Row]:
    """The rows of the top-level steps of a plan, or of a block, all of one width."""
    rows = list(_Drawing(plan).rows())
    width = max((len(row.text(" ")) for row in rows), default=0)
    result = []
    for row in rows:
        pad = " " * (width - len(row.text(" ")))
        before, after = (row.before + pad, "") if row.step is None else (row.before, row.after + pad)
        below = row.below.ljust(width)
        if ascii_only:
            before, after, below = (part.translate(_ASCII) for part in (before, after, below))
        result.append(Row(row.step, before, after, below))
    return result


class _Drawing:
    def __init__(self, plan: Plan | Block) -> None:
        self._order = row_order(plan)
        rank = {step_id: index for index, step_id in enumerate(self._order)}
        self._ahead = {step_id: sorted(ids, key=rank.__getitem__) for step_id, ids in _block(plan).dependents.items()}
        self._lanes: list[_Lane | None] = []

    def rows(self) -> Iterator[Row]:
        for step in self._order:
            yield from self._arrive(step)
            yield from self._leave(step)

    def _arrive(self, step: str) -> Iterator[Row]:
        """The connections into `step`, if they are not a straight line, and its own row."""
        closing: list[int] = []
        branching: list[int] = []
        for column, lane in enumerate(self._lanes):
            if lane is not None and lane.next == step:
                lane.position += 1
                (branching if lane.left else closing).append(column)
        straight = bool(closing)
        column = closing[0] if closing else self._free()
        if branching or len(closing) > 1:
            yield Row(None, self._connection(column, straight, closing, branching))
        for ended in closing:
            self._lanes[ended] = None
        self._lanes[column] = _Lane([])
        yield self._row(step, column)
        self._column = column

    def _leave(self, step: str) -> Iterator[Row]:
        """Open the lane of what waits for `step`, or join one that leads to just the same steps."""
        column = self._column
        ahead = self._ahead.get(step)
        lane = self._lanes[column] = _Lane(ahead) if ahead else None
        if lane is not None:
            for other, existing in enumerate(self._lanes):
                if other != column and existing is not None and existing.same(lane):
                    kept, ended = sorted((column, other))
                    yield Row(None, self._connection(kept, True, [ended], []))
                    self._lanes[ended] = None
                    break
        while self._lanes and self._lanes[-1] is None:
            self._lanes.pop()

    def _free(self) -> int:
        if None in self._lanes:
            return self._lanes.index(None)
        self._lanes.append(None)
        return len(self._lanes) - 1

    def _row(self, step: str, column: int) -> Row:
        cells = ["│" if lane is not None else " " for lane in self._lanes]
        cells_below = [*cells[:column], "│" if self._ahead.get(step) else " ", *cells[column + 1 :]]
        below = " ".join(cells_below[:_MOST_LANES]).rstrip()
        if column >= _MOST_LANES:
            return Row(step, " ".join(cells[: _MOST_LANES - 1]) + " … ", " ", below)
        shown = cells[:_MOST_LANES]
        before = "".join(cell + " " for cell in shown[:column])
        after = "".join(" " + cell for cell in shown[column + 1 :]) + (" …" if len(cells) > _MOST_LANES else "")
        return Row(step, before, after, below)

    def _connection(self, column: int, straight: bool, closing: list[int], branching: list[int]) -> str:
        """One line that joins lanes into `column`: `closing` ones end here, `branching` ones go on."""
        joined = {column, *closing, *branching}
        first, last = min(joined), max(joined)
        cells = []
        for at in range(min(len(self._lanes), _MOST_LANES)):
            left, right = at > first and at <= last, at >= first and at < last
            lane = self._lanes[at] is not None
            if at == column:
                cell = _corner(left, right, up=straight, down=True)
            elif at in branching:
                cell = _corner(left, right, up=True, down=True)
            elif at in closing:
                cell = _corner(left, right, up=True, down=False)
            elif lane:
                cell = "│"
            else:
                cell = "─" if left and right else " "
            cells.append(cell + ("─" if right else " "))
        return "".join(cells).rstrip()


def _corner(left: bool, right: bool, *, up: bool, down: bool) -> str:
    table = {
        (True, True, True, True): "┼", (False, True, True, True): "├", (True, False, True, True): "┤",
        (True, True, False, True): "┬", (True, True, True, False): "┴", (True, False, False, True): "╮",
        (False, True, False, True): "╭", (True, False, True, False): "╯", (False, True, True, False): "╰",
    }  # fmt: skip
    return table.get((left, right, up, down), "│")
