"""The frozen plan: what a run executes, resumes and replays. Plain data, complete in itself, stored with the run."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field

from agentflow_cli.domain.json_value import Json
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
    """Hash of all of the above."""

    @functools.cached_property
    def dependents(self) -> dict[str, tuple[str, ...]]:
        """Step id → the steps that wait for it."""
        result: dict[str, list[str]] = {}
        for step in self.steps.values():
            for dependency in step.dependencies:
                result.setdefault(dependency, []).append(step.id)
        return {step_id: tuple(waiting) for step_id, waiting in result.items()}
