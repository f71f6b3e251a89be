"""Drive a run on this machine: a new one, or one that stopped before its end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from agentflow_cli import __version__
from agentflow_cli.application.runtime.container import Container
from agentflow_cli.application.usecases.workflow_files import Compiled
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.plan import Plan
from agentflow_cli.domain.run_state import RunState
from agentflow_cli.engine.engine import Engine
from agentflow_cli.engine.options import EngineOptions
from agentflow_cli.foundation.errors import UsageError
from agentflow_cli.foundation.exit_codes import ExitCode
from agentflow_cli.foundation.ids import SHORT_LENGTH
from agentflow_cli.language.compiler.compile import changed_code
from agentflow_cli.ports.listener import Listener
from agentflow_cli.ports.people import Person
from agentflow_cli.services.journal.sqlite_journal import SqliteJournal

_EXIT_CODES = {"auth": ExitCode.CREDENTIALS, "limit": ExitCode.LIMIT, "denied": ExitCode.DENIED}
"""Failure kinds with an exit code of their own; the others are 1."""


@dataclass(frozen=True, slots=True)
class RunChoices:
    """What whoever starts or resumes a run may choose."""

    max_parallel: int = 16
    no_input: bool = False
    fail_fast: bool = False
    model: str | None = None
    timeout: float | None = None


def start_run(
    compiled: Compiled,
    inputs: dict[str, Json],
    choices: RunChoices,
    container: Container,
    listener: Listener,
    person: Person | None = None,
) -> RunState:
    """Accept a new run of a checked workflow, with checked inputs, and drive it."""
    journal = container.runs.create(compiled.plan, inputs, __version__)
    return _drive(compiled.plan, journal, choices, container, listener, person)


def resume_run(
    run: str, choices: RunChoices, container: Container, listener: Listener, person: Person | None = None
) -> RunState:
    """Go on with the frozen plan of `run`: successes stay, everything else is tried again.

    A run that succeeded is returned as it is. UsageError when code that the plan calls has changed: the journal would
    then mix outcomes of two versions.
    """
    journal, plan = container.runs.open(run)
    try:
        state = RunState.fold(plan, journal.read())
        if state.status != "succeeded":
            _refuse_changed_code(plan, container, state)
    except BaseException:
        journal.close()
        raise
    if state.status == "succeeded":
        journal.close()
        return state
    return _drive(plan, journal, choices, container, listener, person)


def _refuse_changed_code(plan: Plan, container: Container, state: RunState) -> None:
    changed = changed_code(plan, container.root)
    if changed:
        names = ", ".join(f"`{file}`" for file in changed)
        raise UsageError(
            f"{names} changed since run {state.run[:SHORT_LENGTH]} was started",
            hint="a resume must use the code that the run began with: restore it, or start a new run",
            next_command=f"agentflow run {plan.file}",
        )


def _drive(
    plan: Plan,
    journal: SqliteJournal,
    choices: RunChoices,
    container: Container,
    listener: Listener,
    person: Person | None,
) -> RunState:
    options = EngineOptions(
        project_root=container.root,
        max_parallel=choices.max_parallel,
        no_input=choices.no_input,
        fail_fast=choices.fail_fast,
        default_model=choices.model,
        timeout=choices.timeout,
        env=container.environment,
        command_env=container.command_environment,
    )
    _prepare(plan, choices, container)

    async def main() -> RunState:
        return await Engine(plan, journal, container.services, options, listener, person).run()

    try:
        return asyncio.run(main())
    finally:
        journal.close()
        if any(step.kind == "prompt" for step in plan.steps.values()):
            container.model.close()


def _prepare(plan: Plan, choices: RunChoices, container: Container) -> None:
    """Begin to load what the plan will need while the first steps run."""
    kinds = {step.kind for step in plan.steps.values()}
    if "prompt" in kinds:
        container.model.prepare(models_of(plan, choices.model))
    if kinds & {"recall", "remember"}:
        container.memory.prepare()


def models_of(plan: Plan, default: str | None) -> list[str | None]:
    """The models that the prompts of `plan` name; None stands for what there is."""
    steps = [step for step in plan.steps.values() if step.kind == "prompt"]
    return list(dict.fromkeys(step.settings.get("model") or default for step in steps))


def exit_code_of(state: RunState) -> ExitCode:
    """What the process tells its caller about how the run stands."""
    match state.status:
        case "succeeded":
            return ExitCode.SUCCESS
        case "suspended":
            return ExitCode.WAITING
        case "interrupted":
            return ExitCode(state.exit_code or ExitCode.INTERRUPTED)
    kind = state.error.kind if state.error else ""
    return _EXIT_CODES.get(kind, ExitCode.FAILED)
