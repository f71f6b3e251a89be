"""The frozen plan: what a run executes, resumes and replays. Plain data, complete in itself, stored with the run."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field

from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.models import Candidate
from agentflow_cli.domain.retry import Retry


@dataclass(frozen=True, slots=True)
class PlanForeach:
    """Either `expression` (a bare expression) or `items` (a list whose strings are templates)."""

    expression: str | None
    items: list[Json] | None
    as_name: str
    max_parallel: int | None
    fail_fast: bool


@dataclass(frozen=True, slots=True)
class PlanRepeat:
    """Do it again, at most `max` times in all, until the bare expression `until` is true."""

    max: int
    until: str | None = None
    on_max: str = "fail"
    """`fail` or `continue` when `until` was never true."""


@dataclass(frozen=True, slots=True)
class PlanAgent:
    """An agent, frozen with the plan."""

    name: str
    instructions: str
    """A template."""
    version: str = ""
    description: str = ""
    model: str | None = None
    tools: tuple[str, ...] = ()
    """Names as the author wrote them: `docs_search`, `agent:researcher`, `memory:docs`."""
    output: dict[str, Json] | None = None
    limits: dict[str, Json] = field(default_factory=dict)
    """`turns` (int), `tokens` (int), `cost` (dollars), `time` (seconds)."""
    memory: dict[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One step, its dependencies resolved."""

    id: str
    kind: str
    templates: dict[str, Json] = field(default_factory=dict)
    settings: dict[str, Json] = field(default_factory=dict)
    env: dict[str, Json] = field(default_factory=dict)
    name: str | None = None
    when: str | None = None
    """A bare expression."""
    foreach: PlanForeach | None = None
    retry: Retry | None = None
    timeout: float | None = None
    on_error: str = "fail"
    on_error_value: Json = None
    output: dict[str, Json] | None = None
    reads: tuple[str, ...] = ()
    """Steps whose output it must have: it does not run when one of them has none."""
    needs: tuple[str, ...] = ()
    """Steps that must have ended well, though nothing of them is read."""
    optional: tuple[str, ...] = ()
    """Steps that it only waits for."""
    line: int = 0
    """Where the step stands in its file; 0 when unknown."""
    repeat: PlanRepeat | None = None
    block: Block | None = None
    """The inner steps of a group (`steps`), or of the workflow that is called (`workflow`)."""
    agent: PlanAgent | None = None
    cache: bool = False
    """Its outcome may come from an earlier run, and may be kept for later ones."""
    idempotent: bool = False
    on_crash: str = "repeat"
    """`repeat`, or `ask` a person when it was in flight as its process died."""
    secrets: tuple[str, ...] = ()
    """Names that `secrets.NAME` may read in it."""

    @property
    def dependencies(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.reads, *self.needs, *self.optional)))


@dataclass(frozen=True, slots=True)
class PlanInput:
    name: str
    schema: dict[str, Json]
    required: bool
    default: Json = None
    description: str = ""


@dataclass(frozen=True)
class Block:
    """Steps that are scheduled together, and what they give out."""

    steps: dict[str, PlanStep]
    """In the order of the file."""
    outputs: dict[str, Json] = field(default_factory=dict)
    inputs: dict[str, PlanInput] = field(default_factory=dict)
    """Of a called workflow; a group has none and reads what stands around it."""
    workflow: str = ""
    """Name of the called workflow; empty for a group."""
    file: str = ""

    @functools.cached_property
    def dependents(self) -> dict[str, tuple[str, ...]]:
        """Step id → the steps that wait for it."""
        result: dict[str, list[str]] = {}
        for step in self.steps.values():
            for dependency in step.dependencies:
                result.setdefault(dependency, []).append(step.id)
        return {step_id: tuple(waiting) for step_id, waiting in result.items()}

    def needed_for(self, step_id: str) -> set[str]:
        """The step and all that must have settled before it starts."""
        found: set[str] = set()
        todo = [step_id]
        while todo:
            current = todo.pop()
            if current not in found:
                found.add(current)
                todo.extend(self.steps[current].dependencies)
        return found


@dataclass(frozen=True)
class Plan:
    """`files` are the hashes of all YAML files and prompts that the plan was made from (their content is in it);
    `code` are the hashes of Python files and scripts, which run from disk: a resume refuses when one has changed."""

    workflow: str
    file: str
    description: str
    project: str
    """The project's name."""
    inputs: dict[str, PlanInput]
    steps: dict[str, PlanStep]
    """In the order of the file."""
    outputs: dict[str, Json]
    waves: tuple[tuple[str, ...], ...]
    """Step ids by depth: a step of one wave depends only on earlier waves."""
    critical_path: tuple[str, ...]
    """The longest chain of dependent steps."""
    timeout: float | None = None
    files: dict[str, str] = field(default_factory=dict)
    code: dict[str, str] = field(default_factory=dict)
    fingerprint: str = ""
    """Hash of all of the above, and of what follows."""
    finally_steps: dict[str, PlanStep] = field(default_factory=dict)
    """Run when the run settles, whatever its outcome."""
    on_failure: dict[str, PlanStep] = field(default_factory=dict)
    """Run before them when it failed."""
    agents: dict[str, PlanAgent] = field(default_factory=dict)
    """Every agent that may be called, by the name that `agent:NAME` uses."""
    models: dict[str, tuple[Candidate, ...]] = field(default_factory=dict)
    """What the project's names for models mean, in order of preference."""
    model: str | None = None
    """Of steps and agents that name none, as the project says."""

    @functools.cached_property
    def root(self) -> Block:
        """The top-level steps as a block."""
        return Block(self.steps, self.outputs)

    @property
    def settling(self) -> dict[str, dict[str, PlanStep]]:
        """The steps that run as the run settles, by section, in the order in which the sections run."""
        return {"on_failure": self.on_failure, "finally": self.finally_steps}

    def every_step(self) -> Iterator[PlanStep]:
        """All steps at any depth, those of called workflows and those that settle the run included."""
        todo = [*self.steps.values(), *self.on_failure.values(), *self.finally_steps.values()]
        for step in todo:
            yield step
            if step.block is not None:
                todo.extend(step.block.steps.values())
