"""The state of a run: a pure fold of its events. The engine, the monitor, `runs show`, resume and tests share it.

`apply` changes the state in place, for a fan-out of ten thousand must not copy it ten thousand times, and depends on
nothing but the state, the plan and the record.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from agentflow_cli.domain import events as e
from agentflow_cli.domain.failure import Failure
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.plan import Block, Plan
from agentflow_cli.domain.statuses import IN_FLIGHT, RUN_ENDED, SETTLED
from agentflow_cli.domain.usage import Usage


@dataclass(slots=True, eq=False)
class StepState:
    """One step instance: a step, a child of its foreach, or a round of its repeat."""

    path: str
    status: str = "pending"
    attempt: int = 0
    has_output: bool = False
    output: Json = None
    beside: dict[str, Json] | None = None
    error: Failure | None = None
    tolerated: bool = False
    """It failed and `on_error` let the run go on."""
    reason: str | None = None
    """Why it was skipped or cancelled."""
    usage: dict[str, Json] | None = None
    reused: str | None = None
    """The run that its outcome was taken over from."""
    started_at: float | None = None
    ended_at: float | None = None
    ask: e.AskOpened | None = None
    answer: e.AskAnswered | None = None
    answered_at: float | None = None
    items: list[Json] | None = None
    children: list[StepState] | None = None
    """Of a foreach, once expanded."""
    settled_children: int = 0
    iterations: list[StepState] | None = None
    """Of a repeat, once begun."""
    inner: dict[str, StepState] | None = None
    """The steps inside a group or a called workflow, by id, once begun."""
    block: Block | None = None
    """What those are, from the plan."""
    step_id: str | None = None
    """Its id in its block; None for a child of a foreach and for a round of a repeat."""
    parent: StepState | None = None
    """The foreach that it is a child of."""
    in_flight: bool = False
    """It was under way when an earlier epoch ended: whether its effect happened, nobody knows."""
    operations: dict[str, e.OperationRecorded] | None = None
    """By name; they outlive attempts and crashes."""
    groups: list[int] | None = None
    """Process groups that end with the attempt under way."""

    @property
    def settled(self) -> bool:
        return self.status in SETTLED

    @property
    def done_for_good(self) -> bool:
        """Whether a resume leaves it as it is."""
        return self.status in ("succeeded", "skipped") or (self.status == "failed" and self.tolerated)

    def reopen(self) -> None:
        """Back to pending. A question that was answered badly is asked again; an answer not yet used stays."""
        if self.status == "failed":
            self.ask = self.answer = None
        self.in_flight = self.in_flight or self.status in IN_FLIGHT
        self.status, self.error, self.reason, self.ended_at = "pending", None, None, None
        self.has_output, self.output, self.tolerated = False, None, False
        self.groups = None

    @property
    def fatal(self) -> bool:
        """Whether it makes the run fail."""
        return self.status == "failed" and not self.tolerated


@dataclass(slots=True)
class RunState:
    plan: Plan
    run: str = ""
    status: str = "running"
    inputs: dict[str, Json] = field(default_factory=dict)
    outputs: dict[str, Json] = field(default_factory=dict)
    error: Failure | None = None
    reason: str | None = None
    """Why it was interrupted."""
    exit_code: int | None = None
    epoch: int = 0
    pid: int | None = None
    parent: str | None = None
    """The run that it is a fork of."""
    script: str | None = None
    """No model is called: the file of the answers, empty when they are made up."""
    accepted_at: float | None = None
    updated_at: float | None = None
    steps: dict[str, StepState] = field(default_factory=dict)
    """Top-level steps by id, in the plan's order; children are inside."""
    processes: dict[int, str] = field(default_factory=dict)
    """Process groups of this epoch that may still be alive: group → start time."""
    used: Usage = field(default_factory=Usage)
    """What model calls have used, of all epochs."""
    retries: int = 0
    until: str | None = None
    """The step behind which the run is to stop, or has stopped."""
    max_tokens: int | None = None
    max_cost: float | None = None
    """Dollars."""

    nodes: dict[str, StepState] = field(default_factory=dict)
    """Every step instance that has been reached, by path."""
    settlements: int = 0
    """How often the run has ended; each end has its own `finally`."""

    @property
    def input_tokens(self) -> int:
        return self.used.input_tokens

    @property
    def output_tokens(self) -> int:
        return self.used.output_tokens

    @classmethod
    def initial(cls, plan: Plan) -> RunState:
        state = cls(plan)
        state.steps = state._block_states(plan.root, "")
        return state

    def settling(self, name: str) -> str:
        """The path under which `finally` or `on_failure` runs at the next end of the run."""
        return f"@{name}#{self.settlements}"

    def last_settling(self, name: str) -> dict[str, StepState]:
        """The steps of `finally` or `on_failure` at the run's present or last end, by id; empty when none ran."""
        numbers = (self.settlements, self.settlements - (self.status in RUN_ENDED))
        found = next((node for n in numbers if (node := self.nodes.get(f"@{name}#{n}")) is not None), None)
        return (found.inner or {}) if found is not None else {}

    @classmethod
    def fold(cls, plan: Plan, records: Iterable[e.Record]) -> RunState:
        state = cls.initial(plan)
        for record in records:
            state.apply(record)
        return state

    def step(self, path: str) -> StepState:
        """The state at `path`; KeyError when there is no such step, child or round (yet)."""
        return self.nodes[path]

    def apply(self, record: e.Record) -> None:
        """Fold one record in."""
        self.updated_at = record.at
        event = record.event
        if isinstance(event, e.StepEvent):
            self._apply_to_step(event, record.at)
            return
        match event:
            case e.RunAccepted():
                self.run, self.inputs, self.accepted_at = event.run, event.inputs, record.at
                self.parent, self.script = event.parent, event.script
            case e.EpochStarted():
                self._start_epoch(event)
            case e.RunSuspended():
                self.status = "suspended"
            case e.RunInterrupted():
                self.status, self.reason, self.exit_code = "interrupted", event.reason, event.exit_code
                self.leave_in_flight()
            case e.RunStopped():
                self.status = "stopped"
                left = len(event.left)
                self.reason = f"`--until {event.until}`: {left} {'step is' if left == 1 else 'steps are'} left"
            case e.RunFinished():
                self.status, self.outputs, self.error = event.status, event.outputs, event.error
                self.settlements += 1

    def leave_in_flight(self) -> None:
        """Nobody drives the run any more: what was under way is not running, and has not ended either."""
        for node in self.nodes.values():
            if node.status in IN_FLIGHT:
                node.status = "interrupted"

    def _start_epoch(self, event: e.EpochStarted) -> None:
        """Successes, skips and tolerated failures stay; what failed, was cancelled or was in flight starts afresh."""
        self.epoch, self.pid, self.status = event.epoch, event.pid, "running"
        self.error = self.reason = self.exit_code = None
        self.until, self.max_tokens, self.max_cost = event.until, event.max_tokens, event.max_cost
        self.processes.clear()
        self._reopen_block(self.plan.root, self.steps)
        for name in ("on_failure", "finally"):
            if (settling := self.nodes.get(self.settling(name))) is not None:
                self._reopen(settling)

    def _reopen_block(self, block: Block, states: dict[str, StepState]) -> None:
        """Reopen what is not done for good; then decide anew what was skipped for the sake of it, and so on."""
        for state in states.values():
            self._reopen(state)
        reached = [step_id for step_id, state in states.items() if not state.settled]
        for step_id in reached:
            for dependent in block.dependents.get(step_id, ()):
                if states[dependent].status == "skipped":
                    states[dependent].reopen()
                    reached.append(dependent)

    def _reopen(self, state: StepState) -> None:
        if state.done_for_good:
            return
        for part in (*(state.children or ()), *(state.iterations or ())):
            self._reopen(part)
        state.settled_children = sum(child.settled for child in state.children or ())
        if state.inner is not None and state.block is not None:
            self._reopen_block(state.block, state.inner)
        state.reopen()

    def _block_states(self, block: Block, prefix: str) -> dict[str, StepState]:
        states = {}
        for step_id, step in block.steps.items():
            states[step_id] = self._node(f"{prefix}{step_id}", step.block, step_id)
        return states

    def _node(self, path: str, block: Block | None, step_id: str | None = None) -> StepState:
        node = self.nodes[path] = StepState(path, block=block, step_id=step_id)
        return node

    def _open_block(self, path: str) -> StepState:
        """`finally` and `on_failure` are blocks that no step holds."""
        steps = self.plan.finally_steps if path.startswith("@finally") else self.plan.on_failure
        return self._node(path, Block(steps))

    def _apply_to_step(self, event: e.StepEvent, at: float) -> None:
        step = self.nodes.get(event.path) or self._open_block(event.path)
        if step.settled and isinstance(event, e.StepSucceeded | e.StepFailed | e.StepSkipped | e.StepCancelled):
            return  # its first end holds
        match event:
            case e.StepStarted():
                if step.block is not None and step.inner is None:
                    step.inner = self._block_states(step.block, f"{event.path}/")
                if step.in_flight:  # with its answer, if there was a question about that
                    step.in_flight, step.ask, step.answer = False, None, None
                # A question that was opened in an earlier epoch is not opened again.
                open_question = step.ask is not None and step.answer is None
                if step.started_at is None or (step.status == "pending" and step.ask is None):
                    step.started_at = at  # and not when an earlier epoch tried it: that may be days ago
                step.status, step.attempt = "waiting" if open_question else "running", event.attempt
                self._go_on_around(step, at)
            case e.StepExpanded():
                step.status, step.started_at, step.items = "running", at, event.items
                step.children = [self._node(f"{event.path}[{n}]", step.block) for n in range(len(event.items))]
                for child in step.children:
                    child.parent = step
            case e.IterationStarted():
                step.status, step.started_at = "running", step.started_at or at
                step.iterations = step.iterations or []
                step.iterations.append(self._node(f"{event.path}#{event.iteration}", step.block))
            case e.ProcessStarted():
                self.processes[event.group] = event.start_time
                if not event.kept:
                    step.groups = [*(step.groups or ()), event.group]
            case e.OperationRecorded():
                step.operations = step.operations or {}
                if event.name not in step.operations:
                    step.operations[event.name] = event
                    self.used.add_operation(event)
            case e.StepRetrying():
                step.status, step.error = "retrying", event.error
                self.retries += 1
                self._attempt_ended(step)
                self.used.add_failure(event.error)
                if step.inner is not None and step.block is not None:
                    self._reopen_block(step.block, step.inner)
            case e.StepSucceeded():
                output = [child.output for child in step.children or ()] if event.gathered else event.output
                step.status, step.has_output, step.output, step.error = "succeeded", True, output, None
                step.beside, step.usage = event.beside or None, event.usage or None
                step.reused = event.reused
                if not step.operations:  # those have counted already
                    self.used.add(event.usage)
                self._settle(step, at)
            case e.StepFailed():
                step.status, step.error, step.tolerated = "failed", event.error, event.tolerated
                step.has_output, step.output = event.has_value, event.value
                self.used.add_failure(event.error)
                self._settle(step, at)
            case e.StepSkipped():
                step.status, step.reason = "skipped", event.reason
                self._settle(step, at)
            case e.StepCancelled():
                step.status, step.reason = "cancelled", event.reason
                self._settle(step, at)
            case e.AskOpened():
                step.status, step.ask = "waiting", event
            case e.AskAnswered():
                if step.answer is None:
                    step.answer, step.answered_at = event, at

    def _go_on_around(self, step: StepState, at: float) -> None:
        """A foreach or a repeat that an epoch goes on with says nothing itself: its child, or its round, does."""
        owner = step.parent
        if owner is None and step.step_id is None and "#" in step.path.rpartition("/")[2]:
            owner = self.nodes.get(step.path[: step.path.rindex("#")])
        if owner is not None and owner.status == "pending":
            owner.status, owner.started_at = "running", at
            self._go_on_around(owner, at)

    def _attempt_ended(self, step: StepState) -> None:
        """Its processes have ended with it: their numbers may be given to others."""
        for group in step.groups or ():
            self.processes.pop(group, None)
        step.groups = None

    def _settle(self, step: StepState, at: float) -> None:
        step.ended_at = at
        self._attempt_ended(step)
        if step.parent is not None:
            step.parent.settled_children += 1
