"""What `plan` tells: plain data, the same in every form of output. None means that it is not known."""

from __future__ import annotations

from dataclasses import dataclass, field

RUNS, CHANGED, CACHED, CONDITIONAL, ASKS, SKIPPED = "runs", "changed", "cached", "conditional", "asks", "skipped"


@dataclass(frozen=True, slots=True)
class ModelUse:
    written: str | None
    """What the file says; None when the step names none."""
    name: str | None
    """`provider/name`; None when it is decided when the run starts, or there is no such model."""
    reason: str
    """Why this one: `OPENAI_API_KEY is set`."""
    local: bool = False
    """Whether it runs on this machine and costs no money."""
    either: tuple[str, ...] = ()
    """What it may be, where that is decided when the run starts."""
    fallbacks: tuple[str, ...] = ()
    """Others that are asked when it fails."""
    missing: str | None = None
    """Why none of them can be asked now."""


@dataclass(frozen=True, slots=True)
class AgentUse:
    name: str
    tools: tuple[str, ...] = ()
    """As the author wrote them; those that may change something end with `!`."""
    turns: int = 0
    tokens: int | None = None
    cost: float | None = None
    """Dollars."""
    time: float | None = None
    """Seconds."""


@dataclass(frozen=True, slots=True)
class CacheOutlook:
    """`verdict` is `hit`, `miss`, `partly` (children of a foreach), `unknown`, or `never`."""

    verdict: str
    why: str


@dataclass(frozen=True, slots=True)
class SinceLastRun:
    """`verdict` is `same`, `changed`, `new`, `follows` (something that it depends on runs again), or `again`
    (the same, but it had not succeeded)."""

    verdict: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One step. `verdict` is one of the words above."""

    path: str
    """With the groups around it: `essays/draft`; `@finally/clean` for one that runs when the run settles."""
    id: str
    kind: str
    verdict: str
    why: str
    """Of a conditional, a skipped or a changed one."""
    does: str
    """What it calls: the command, the function, the memory, the request."""
    name: str | None = None
    line: int = 0
    depends_on: tuple[str, ...] = ()
    when: str | None = None
    foreach: str | None = None
    """The list, as written."""
    count: int | None = None
    """Children of the foreach."""
    repeat: int | None = None
    """How often at most."""
    timeout: float | None = None
    """Seconds."""
    model: ModelUse | None = None
    agent: AgentUse | None = None
    delegates: tuple[ModelUse, ...] = ()
    """The models of the agents that its agent may ask."""
    hosts: tuple[str, ...] = ()
    """Of an `http` step: those that are known."""
    declared: bool = False
    """Whether its `output` has a schema."""
    output_tokens: int | None = None
    """The most of one call, as declared."""
    output_cost: float | None = None
    """Dollars for these; None when there is no such bound, or a price is not known."""
    prompt_characters: int | None = None
    """Of the whole prompt of one call, of the longest child's; None while it is not known."""
    cache: CacheOutlook | None = None
    since_last_run: SinceLastRun | None = None
    effect: bool = False
    """Whether it acts on the world outside."""
    problem: str | None = None
    """Why it will surely fail."""


@dataclass(frozen=True, slots=True)
class InputsOutlook:
    given: tuple[str, ...] = ()
    defaults: tuple[str, ...] = ()
    missing: dict[str, str] = field(default_factory=dict)
    """Input that must be given → the option that gives it."""


@dataclass(frozen=True, slots=True)
class Revision:
    """Of the git repository that the project is in."""

    commit: str | None
    """Full; None before the first commit."""
    branch: str | None = None
    dirty: bool | None = None
    """Whether a file of this plan differs from the commit; None when that cannot be seen."""
    changed: tuple[str, ...] = ()
    """Those files."""


@dataclass(frozen=True, slots=True)
class LastRun:
    run: str
    """Short."""
    status: str
    inputs: str
    """`same`, `changed` or `unknown`."""
    inputs_changed: tuple[str, ...] = ()
    reusable: int = 0
    """Steps that `fork --updated` would take over."""


@dataclass(frozen=True, slots=True)
class Need:
    """A secret, a key of a provider, or a variable. `present` is None when it cannot be seen."""

    name: str
    kind: str
    """`secret`, `key` or `variable`."""
    source: str
    present: bool | None
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reach:
    """A host that will be connected to; None when the run decides."""

    host: str | None
    why: str
    """`http`, `model`, `tool`, `weights` or `notify`."""
    steps: tuple[str, ...] = ()
    said: str = ""
    """What is written where the host is not known."""


@dataclass(frozen=True, slots=True)
class ToolUse:
    name: str
    effect: bool | None
    """None when there is no such tool here."""
    origin: str
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most of a run in which no call is repeated for a failure. None: no bound is known."""

    model_calls: int | None
    """With the second that a reply gets which does not fit its `output`."""
    output_tokens: int | None
    """Written in `prompt` steps, as their `max_tokens` says."""
    output_cost: float | None
    """Dollars for these, by the prices that are known."""
    agent_tokens: int | None
    """Read and written in `agent` steps, as their limits say."""
    agent_cost: float | None
    """Dollars, as their limits say."""
    local: bool
    """Whether every model runs on this machine, so that nothing costs money."""
    unbounded: tuple[str, ...] = ()
    """Steps that declare no most of tokens, or whose number of calls is not known."""


@dataclass(frozen=True, slots=True)
class Limits:
    timeout: float | None
    """Seconds after which the workflow fails."""
    interrupt: float | None
    """Seconds after which the project has a run interrupted; it can be resumed."""
    max_parallel: int


@dataclass(frozen=True, slots=True)
class PlanReport:
    workflow: str
    file: str
    fingerprint: str
    revision: Revision | None
    inputs: InputsOutlook
    last_run: LastRun | None
    steps: list[PlannedStep]
    """By section, in the order of the file but each after what it waits for; inner steps after their group."""
    waves: tuple[tuple[str, ...], ...]
    critical_path: tuple[str, ...]
    widest: int
    needs: list[Need]
    reaches: list[Reach]
    commands: dict[str, str]
    """Step → the command, as written."""
    functions: dict[str, str]
    """Step → `path.py:name`."""
    tools: list[ToolUse]
    memories: dict[str, str]
    """Step → `reads docs` or `writes docs`."""
    reads: tuple[str, ...]
    """Files of the project that are known to be read: workflows, prompts, code, patterns to remember."""
    bounds: Bounds
    limits: Limits
    requests: tuple[str, ...] = ()
    """What the project asks for and you have not granted."""
    notes: tuple[str, ...] = ()
    """What could not be looked at, and why."""
