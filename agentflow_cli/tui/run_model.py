"""The run that is looked at: its state folded from the records, and what screens ask of it. It knows no screen."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from agentflow_cli.domain import events as e
from agentflow_cli.domain.plan import Block, Plan, PlanStep
from agentflow_cli.domain.run_state import RunState, StepState
from agentflow_cli.domain.statuses import IN_FLIGHT, RUN_ENDED, SETTLED


@dataclass(slots=True)
class RunModel:
    run: str
    plan: Plan
    state: RunState = field(init=False)
    live: bool = False
    loaded: bool = False
    """Whether all that was there at the beginning has been read."""
    _records: dict[str, list[e.Record]] = field(default_factory=dict)
    _failed: dict[str, int] = field(default_factory=dict)
    _tokens: dict[str, int] = field(default_factory=dict)
    _waiting: dict[str, None] = field(default_factory=dict)
    _answered: dict[str, None] = field(default_factory=dict)
    _latest: str | None = None

    def __post_init__(self) -> None:
        self.state = RunState.initial(self.plan)

    @property
    def short(self) -> str:
        return self.run[:6]

    @property
    def status(self) -> str:
        """The state's, or `crashed` when it should be running and no driver has it."""
        return "crashed" if self.loaded and self.state.status == "running" and not self.live else self.state.status

    @property
    def ended(self) -> bool:
        return self.state.status in RUN_ENDED

    @property
    def waiting(self) -> list[str]:
        """Paths whose question has no answer yet, the oldest first."""
        return list(self._waiting)

    def take(self, records: list[e.Record]) -> None:
        """Fold records in. Costs the same however many children a step has."""
        for record in records:
            self.state.apply(record)
            event = record.event
            if isinstance(event, e.StepEvent):
                self._note(record, event)
            else:
                self._records.setdefault("", []).append(record)
                if isinstance(event, e.EpochStarted):
                    self._start_over()

    def _note(self, record: e.Record, event: e.StepEvent) -> None:
        path = event.path
        self._records.setdefault(path, []).append(record)
        match event:
            case e.StepStarted() | e.StepExpanded() | e.IterationStarted():
                self._latest = top_of(path)
            case e.AskOpened():
                self._waiting[path] = None
                self._latest = top_of(path)
            case e.AskAnswered():
                self._waiting.pop(path, None)
                self._answered[path] = None
            case e.StepSucceeded():
                used = int(event.usage.get("input_tokens", 0)) + int(event.usage.get("output_tokens", 0))
                level: str | None = path if used else None
                while level is not None:
                    self._tokens[level] = self._tokens.get(level, 0) + used
                    level = level_of(level)
            case e.StepFailed() if path.endswith("]"):
                parent = level_of(path) or ""
                self._failed[parent] = self._failed.get(parent, 0) + 1
        if isinstance(event, e.StepSucceeded | e.StepFailed | e.StepSkipped | e.StepCancelled):
            self._waiting.pop(path, None)
            self._answered.pop(path, None)

    def _start_over(self) -> None:
        """A new driver has put steps back: count again from the state."""
        self._failed = {
            node.path: sum(child.status == "failed" for child in node.children)
            for node in self.state.nodes.values()
            if node.children
        }
        self._latest = None
        self._waiting = {path: None for path in self._waiting if self.state.step(path).status == "waiting"}

    def step(self, path: str) -> StepState | None:
        return self.state.nodes.get(path)

    def plan_step(self, path: str) -> PlanStep | None:
        """What the plan says about the step at `path`, or about the step that it is a child or a round of."""
        block: Block | None = self.plan.root
        found: PlanStep | None = None
        for part in path.split("/"):
            name = _NAME.match(part)
            if part.startswith("@"):
                block = self._settling(part)
            elif block is None or name is None or (found := block.steps.get(name[0])) is None:
                return None
            else:
                block = found.block
        return found

    def blocks_around(self, path: str) -> list[Block]:
        """The blocks that the step at `path` stands in, the innermost first."""
        found, level = [], level_of(path)
        while level is not None:
            node = self.step(level)
            if node is not None and node.block is not None:
                found.append(node.block)
            level = level_of(level)
        return found

    def block_at(self, level: str | None) -> Block | None:
        """The steps that are listed at `level` (None: the run's own), when they are a block with a graph."""
        if level is None:
            return self.plan.root
        node = self.step(level)
        if node is None or node.children is not None or node.iterations is not None:
            return None
        return self._settling(level) if level.startswith("@") and "/" not in level else node.block

    def parts(self, level: str) -> list[StepState]:
        """The children of a foreach, the rounds of a repeat, or the steps inside a group, once there are any."""
        node = self.step(level)
        if node is None:
            return []
        return node.children or node.iterations or list((node.inner or {}).values())

    @property
    def settling(self) -> list[str]:
        """The paths of the blocks that ran, or run, as the run settled: `on_failure`, `finally`."""
        return [path for path in self.state.nodes if path.startswith("@") and "/" not in path]

    @property
    def has_unused_answer(self) -> bool:
        """Whether a question was answered while no driver was there to go on."""
        return bool(self._answered)

    def _settling(self, path: str) -> Block:
        return Block(self.plan.finally_steps if path.startswith("@finally") else self.plan.on_failure)

    def status_of(self, step: StepState) -> str:
        """The step's status; a block that ran as the run settled has that of its steps, for nothing records its own.

        Where no driver is left, nothing is running.
        """
        if step.path.startswith("@") and "/" not in step.path and step.inner:
            inner = step.inner.values()
            if all(part.settled for part in inner):
                return "failed" if any(part.fatal for part in inner) else "succeeded"
        return "interrupted" if step.status in IN_FLIGHT and self.status == "crashed" else step.status

    def version_of(self, step: StepState) -> object:
        """Changes when what is inside `step` does."""
        if step.children is not None:
            return step.settled_children
        return [part.status for part in self.parts(step.path)]

    def records_of(self, path: str) -> list[e.Record]:
        """What happened to a step or child; the empty path: to the run itself."""
        return self._records.get(path, [])

    def failed_children(self, path: str) -> int:
        return self._failed.get(path, 0)

    def tokens(self, path: str) -> int:
        return self._tokens.get(path, 0)

    def live_step(self) -> str | None:
        """The top-level step that deserves the eye: a question, what runs, what failed, else the last that moved."""
        steps = self.state.steps
        for path in self._waiting:
            return top_of(path)
        if self._latest is not None and self.status_of(self.state.nodes[self._latest]) not in SETTLED:
            return self._latest
        for wanted in (("running", "retrying"), ("failed",)):
            for step in steps.values():
                if step.status in wanted and not step.tolerated:
                    return step.path
        ended = [step for step in steps.values() if step.ended_at is not None and step.status != "skipped"]
        return max(ended, key=lambda step: step.ended_at or 0.0).path if ended else None

    def elapsed(self, now: float) -> float:
        """Seconds from the run's beginning until now, or until its last event when nobody drives it."""
        begun = self.state.accepted_at
        if begun is None:
            return 0.0
        return max(0.0, (now if self.live and not self.ended else self.state.updated_at or begun) - begun)

    def counts(self) -> dict[str, int]:
        """Top-level steps by what a progress bar tells apart: done, failed, cancelled, running, waiting, pending."""
        found = dict.fromkeys(("done", "failed", "cancelled", "running", "waiting", "pending"), 0)
        for step in self.state.steps.values():
            found[_GROUP.get(self.status_of(step), "pending") if not step.tolerated else "done"] += 1
        return found

    def partly_done(self) -> float:
        """What the settled children of running steps add up to, in steps."""
        return sum(
            step.settled_children / len(step.children)
            for step in self.state.steps.values()
            if step.children and self.status_of(step) == "running"
        )


_GROUP = {
    "succeeded": "done",
    "skipped": "done",
    "failed": "failed",
    "cancelled": "cancelled",
    "running": "running",
    "retrying": "running",
    "waiting": "waiting",
}


_NAME = re.compile(r"[a-z][a-z0-9_]*")


def level_of(path: str) -> str | None:
    """Where `path` is listed: `classify` for `classify[3]` and `classify#1`, `review#1` for `review#1/write`.

    None: among the run's own steps.
    """
    last = path.rpartition("/")[2]
    if last.endswith("]"):
        return path[: path.rindex("[")]
    if "#" in last and not last.startswith("@"):
        return path[: path.rindex("#")]
    return path.rpartition("/")[0] or None


def top_of(path: str) -> str:
    """The run's own step that `path` is, or is inside of."""
    level = level_of(path)
    while level is not None:
        path, level = level, level_of(level)
    return path
