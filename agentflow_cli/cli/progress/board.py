"""What the views show of each step, kept in step with the events. A child of a foreach only moves counters."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from agentflow_cli.domain import events as e
from agentflow_cli.domain.plan import Plan
from agentflow_cli.domain.run_state import RunState, StepState
from agentflow_cli.domain.statuses import SETTLED
from agentflow_cli.foundation.terminal_text import clean

LAST_WORDS = 400
"""Characters kept of what a step streams."""
_END = re.compile(r"^(@\w+)#\d+")
_ENDS = (e.StepSucceeded, e.StepFailed, e.StepRetrying, e.StepSkipped, e.StepCancelled)
"""Events after which a path says no more, or starts anew."""


@dataclass(slots=True)
class Row:
    """One step of the workflow, or one of those that run as it settles."""

    step: str
    """As it is shown: its id, or `@finally/clean`."""
    kind: str
    status: str = "pending"
    tolerated: bool = False
    started_at: float | None = None
    ended_at: float | None = None
    attempt: int = 0
    total: int | None = None
    """Children, of a foreach that is expanded."""
    done: int = 0
    failed: int = 0
    tokens: int = 0
    note: str = ""
    """Why it was skipped, what went wrong, what it asks; cleaned, one line."""
    words: str = ""
    """The end of what it streams or prints; cleaned."""
    speaker: str = ""
    """The path whose words those are: the step, or whichever of its children spoke first."""

    @property
    def settled(self) -> bool:
        return self.status in SETTLED

    def seconds(self, now: float) -> float | None:
        if self.started_at is None:
            return None
        return max(0.0, (self.ended_at if self.ended_at is not None else now) - self.started_at)


@dataclass(slots=True)
class Board:
    rows: dict[str, Row] = field(default_factory=dict)
    retries: int = 0
    tokens: int = 0

    @classmethod
    def of(cls, plan: Plan) -> Board:
        return cls({step.id: Row(step.id, step.kind) for step in plan.steps.values()})

    def take(self, record: e.Record, state: RunState) -> Row | None:
        """Fold a record in; the row that it changed. Costs the same however many children a step has."""
        event = record.event
        self.retries = state.retries
        self.tokens = state.input_tokens + state.output_tokens
        if isinstance(event, e.EpochStarted):
            self._refresh(state)
            return None
        if not isinstance(event, e.StepEvent):
            return None
        parent, child = split_path(event.path)
        if parent not in self.rows and parent.startswith("@"):
            self._settle(state, parent)
        row = self.rows.get(parent)
        step = state.nodes.get(parent)
        if row is None or step is None:
            return None
        if isinstance(event, e.StepSucceeded):
            usage = event.usage
            row.tokens += int(usage.get("input_tokens", 0)) + int(usage.get("output_tokens", 0))
        row.status, row.tolerated, row.ended_at = step.status, step.tolerated, step.ended_at
        row.started_at = step.started_at
        if step.children is not None:
            row.total, row.done = len(step.children), step.settled_children
        if child:
            row.failed += isinstance(event, e.StepFailed)
        else:
            row.attempt = step.attempt
        if isinstance(event, _ENDS) and f"{row.speaker}/".startswith(tuple(event.path + sign for sign in "[#/")):
            row.words = row.speaker = ""
        self._note(row, step, event, child)
        return row

    def hear(self, path: str, text: str) -> None:
        """A step streams `text`; nothing clears what came before.

        Of children that speak at once one is heard, until it ends or clears its words.
        """
        row = self.rows.get(split_path(path)[0])
        if row is None or row.speaker not in ("", path):
            return
        row.words = (row.words + clean(text, keep_newlines=False))[-LAST_WORDS:] if text else ""
        row.speaker = path if text else ""

    def _settle(self, state: RunState, path: str) -> None:
        """`finally` or `on_failure` begins: its steps follow those of the workflow, and those of an earlier end go."""
        block = path.partition("/")[0]
        around = state.nodes.get(block)
        if around is None or not around.inner or around.block is None:
            return
        for row in [row for row in self.rows if row.startswith(f"{block.partition('#')[0]}#")]:
            del self.rows[row]
        for step in around.inner.values():
            self.rows[step.path] = Row(shown_path(step.path), around.block.steps[step.step_id or ""].kind)

    def _note(self, row: Row, step: StepState, event: e.StepEvent, child: bool) -> None:
        match event:
            case e.StepFailed() | e.StepRetrying():
                row.note = first_line(event.error.message)
            case e.ModelPassedOver():
                row.note = one_line(f"{event.model} failed ({event.error.kind}), {event.next} is asked")
            case e.StepSkipped() | e.StepCancelled() if not child:
                row.note = one_line(event.reason)
            case e.AskOpened():
                row.note = first_line(event.message)
            case e.StepSucceeded() if not child:
                told = event.output if row.kind == "notify" and isinstance(event.output, dict) else {}
                row.note = first_line(str(told.get("message", "")))
            case e.StepStarted() if not child:
                row.note = first_line(step.ask.message) if step.status == "waiting" and step.ask else ""

    def _refresh(self, state: RunState) -> None:
        """A new epoch has put steps back: take all rows from the state."""
        for step in state.steps.values():
            row = self.rows[step.path]
            row.status, row.tolerated, row.attempt = step.status, step.tolerated, step.attempt
            row.words = row.speaker = ""
            row.started_at, row.ended_at = step.started_at, step.ended_at
            if step.children is not None:
                row.total, row.done = len(step.children), step.settled_children
                row.failed = sum(child.status == "failed" for child in step.children)
            if not step.settled:
                row.started_at = row.ended_at = None


def widths(plan: Plan) -> tuple[int, int]:
    """Columns for the names of the steps, and for their kinds."""
    settling = [f"@{name}/{step}" for name, steps in plan.settling.items() for step in steps]
    kinds = [step.kind for steps in (plan.steps, *plan.settling.values()) for step in steps.values()]
    return min(28, max(map(len, [*plan.steps, *settling]), default=4)), max(map(len, kinds), default=4)


def split_path(path: str) -> tuple[str, bool]:
    """(the step in whose row it is shown, whether the path names something inside it).

    A row is a step of the workflow or, when the run settles, one of `finally` or `on_failure`: `@finally#0/clean`.
    """
    if path.startswith("@") and "/" not in path:
        return path, False
    begin = path.find("/") + 1 if path.startswith("@") else 0
    for index in range(begin, len(path)):
        if path[index] in "[#/":
            return path[:index], True
    return path, False


def shown_path(path: str) -> str:
    """The path of a step as people read and type it: `@finally/clean`, without how often the run has ended."""
    return _END.sub(r"\1", path)


def first_line(text: str) -> str:
    """The first line that says something: what follows it (a program's last words) is for the summary and the logs."""
    return one_line(next((line for line in clean(text).split("\n") if line.strip()), ""))


def one_line(text: str, longest: int = 300) -> str:
    """Foreign text made safe for one line."""
    text = " ".join(clean(text, keep_newlines=False).split())
    return text if len(text) <= longest else text[: longest - 1] + "…"
