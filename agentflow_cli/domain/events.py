"""What happened in a run, in order. Everything that people see is folded from these; nothing else is kept.

Readers ignore events and fields that they do not know. `path` names a step instance: `classify`; `classify[3]` for a
child of its foreach; `review#1` for the second round of its repeat; `review#1/write` for a step inside that; and
`@finally#0/clean` for a step that runs when the run settles for the first time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from agentflow_cli.domain.failure import Failure
from agentflow_cli.domain.form import must_be_filled
from agentflow_cli.domain.json_value import Json


@dataclass(frozen=True, slots=True)
class Event:
    type: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class StepEvent(Event):
    path: str


def is_top_level(path: str) -> bool:
    """Whether `path` is a step of the workflow itself, and not something inside one."""
    return not any(character in "[#/@" for character in path)


@dataclass(frozen=True, slots=True)
class RunAccepted(Event):
    """The run exists: its inputs are fixed. The plan is stored beside the events."""

    type: ClassVar[str] = "run_accepted"
    run: str
    workflow: str
    fingerprint: str
    inputs: dict[str, Json]
    version: str
    """Of agentflow."""
    parent: str | None = None
    """The run that it is a fork of."""
    script: str | None = None
    """No model is called: the file of the answers, empty when they are made up."""


@dataclass(frozen=True, slots=True)
class EpochStarted(Event):
    """A driver took the run: the first time, or to resume it. `epoch` counts from 1."""

    type: ClassVar[str] = "epoch_started"
    epoch: int
    pid: int
    until: str | None = None
    """The step behind which the run is to stop; None: it goes to its end."""
    max_tokens: int | None = None
    """Over the whole run, all epochs together; None: no limit. So is `max_cost`, in dollars."""
    max_cost: float | None = None


@dataclass(frozen=True, slots=True)
class StepExpanded(StepEvent):
    """The items of a foreach, fixed before any child starts."""

    type: ClassVar[str] = "step_expanded"
    items: list[Json]


@dataclass(frozen=True, slots=True)
class IterationStarted(StepEvent):
    """A `repeat` begins another round; it lives at `PATH#N`, `iteration` counting from 0."""

    type: ClassVar[str] = "iteration_started"
    iteration: int


@dataclass(frozen=True, slots=True)
class StepStarted(StepEvent):
    """An attempt begins; `attempt` counts from 1 over the whole life of the run."""

    type: ClassVar[str] = "step_started"
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class ProcessStarted(StepEvent):
    """A process group that must not survive its run. `start_time` tells a recycled group id apart."""

    type: ClassVar[str] = "process_started"
    group: int
    start_time: str
    kept: bool = False
    """A worker, which serves other steps too: it does not end with this one."""


@dataclass(frozen=True, slots=True)
class OperationRecorded(StepEvent):
    """An effect inside an attempt has its outcome: a model call or a tool call of an agent."""

    type: ClassVar[str] = "operation_recorded"
    name: str
    """Unique within the step: `turn:0/model`."""
    request: str
    """Hash of what was asked."""
    outcome: Json


@dataclass(frozen=True, slots=True)
class ModelPassedOver(StepEvent):
    """A model could not be had, and the next one that the project prefers was asked instead."""

    type: ClassVar[str] = "model_passed_over"
    model: str
    """`provider/name`."""
    error: Failure
    next: str


@dataclass(frozen=True, slots=True)
class StepRetrying(StepEvent):
    """An attempt failed and another follows after `pause` seconds."""

    type: ClassVar[str] = "step_retrying"
    attempt: int
    error: Failure
    pause: float


@dataclass(frozen=True, slots=True)
class StepSucceeded(StepEvent):
    type: ClassVar[str] = "step_succeeded"
    output: Json = None
    beside: dict[str, Json] = field(default_factory=dict)
    """What can be read beside the output: `exit_code`, `stderr`."""
    usage: dict[str, Json] = field(default_factory=dict)
    """Of model calls: `input_tokens`, `output_tokens`, `model`, and `cost` in dollars, null when it is not known."""
    gathered: bool = False
    """The step is a foreach: its output is the list of its children's outputs, not repeated here."""
    reused: str | None = None
    """The run that this outcome was taken over from."""


@dataclass(frozen=True, slots=True)
class StepFailed(StepEvent):
    """`tolerated` says that `on_error` let the run go on; then `value`, if `has_value`, stands in for the output."""

    type: ClassVar[str] = "step_failed"
    error: Failure
    tolerated: bool = False
    has_value: bool = False
    value: Json = None


@dataclass(frozen=True, slots=True)
class StepSkipped(StepEvent):
    type: ClassVar[str] = "step_skipped"
    reason: str


@dataclass(frozen=True, slots=True)
class StepCancelled(StepEvent):
    """It will not run (any more) in this epoch, because of something else; a resume tries it again."""

    type: ClassVar[str] = "step_cancelled"
    reason: str


@dataclass(frozen=True, slots=True)
class AskOpened(StepEvent):
    """A question waits for a person."""

    type: ClassVar[str] = "ask_opened"
    message: str
    choices: list[str] = field(default_factory=list)
    form: dict[str, Json] = field(default_factory=dict)
    """Field name → JSON Schema."""
    required: list[str] | None = None
    """Fields that must be filled in; None: all that have no default."""

    def needs(self, name: str) -> bool:
        """Whether an answer must give the field `name` of the form."""
        return must_be_filled(name, self.form, self.required)


@dataclass(frozen=True, slots=True)
class AskAnswered(StepEvent):
    """The first committed answer. `rejected` makes the step fail with kind `rejected`."""

    type: ClassVar[str] = "ask_answered"
    answer: dict[str, Json]
    by: str
    rejected: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RunSuspended(Event):
    """Nothing can go on until a person answers."""

    type: ClassVar[str] = "run_suspended"
    waiting: list[str]


@dataclass(frozen=True, slots=True)
class RunInterrupted(Event):
    """The driver stopped on purpose before the end. `exit_code` is what it told its caller."""

    type: ClassVar[str] = "run_interrupted"
    reason: str
    exit_code: int


@dataclass(frozen=True, slots=True)
class RunStopped(Event):
    """All that was asked for has succeeded; `left` are the steps that have not run, and that a resume runs."""

    type: ClassVar[str] = "run_stopped"
    until: str
    left: list[str]


@dataclass(frozen=True, slots=True)
class RunFinished(Event):
    """The run's end: `succeeded`, `failed` or `cancelled`."""

    type: ClassVar[str] = "run_finished"
    status: str
    outputs: dict[str, Json] = field(default_factory=dict)
    error: Failure | None = None


EVENT_TYPES: dict[str, type[Event]] = {
    cls.type: cls
    for cls in (
        RunAccepted,
        EpochStarted,
        StepExpanded,
        IterationStarted,
        StepStarted,
        ProcessStarted,
        OperationRecorded,
        ModelPassedOver,
        StepRetrying,
        StepSucceeded,
        StepFailed,
        StepSkipped,
        StepCancelled,
        AskOpened,
        AskAnswered,
        RunSuspended,
        RunInterrupted,
        RunStopped,
        RunFinished,
    )
}


@dataclass(frozen=True, slots=True)
class Record:
    """An event as it stands in a journal."""

    seq: int
    """From 1, without gaps."""
    at: float
    """Seconds since 1970."""
    epoch: int
    event: Event
