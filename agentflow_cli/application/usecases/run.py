"""Start a run and drive it: to its end, to a question that nobody answers here, or to an interruption."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from agentflow_cli import __version__
from agentflow_cli.application.runtime.container import Container
from agentflow_cli.application.runtime.settings import said
from agentflow_cli.application.usecases.models_named import models_named
from agentflow_cli.application.usecases.trust import check_granted
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.plan import Plan
from agentflow_cli.domain.run_state import RunState
from agentflow_cli.engine.engine import Engine
from agentflow_cli.engine.options import EngineOptions
from agentflow_cli.foundation.closest import closest
from agentflow_cli.foundation.errors import NotFoundError
from agentflow_cli.foundation.exit_codes import ExitCode
from agentflow_cli.ports.listener import Listener
from agentflow_cli.ports.people import Person
from agentflow_cli.services.journal.sqlite_journal import SqliteJournal

OnFetch = Callable[[int, int], None]
"""Told (bytes so far, bytes in all) while weights are fetched."""

MAX_PARALLEL = 16


@dataclass(frozen=True, slots=True)
class RunChoices:
    """What whoever starts or resumes a run decides about it."""

    max_parallel: int | None = None
    no_input: bool = False
    fail_fast: bool = False
    default_model: str | None = None
    timeout: float | None = None
    """Seconds."""
    until: str | None = None
    """The step behind which the run is to stop; None: as it was told before."""
    max_tokens: int | None = None
    """Over all that the run does, also when it is resumed; 0: no limit; None: as it was told before."""
    max_cost: float | None = None
    """The same in dollars."""
    read_cache: bool = True
    """Take outcomes that earlier runs have kept."""
    write_cache: bool = True

    def settled(self, container: Container, plan: Plan) -> RunChoices:
        """With the project's defaults where nothing is said. A variable that names the model wins over the project."""
        project = container.project
        return replace(
            self,
            max_parallel=self.max_parallel or int(said(container, "max_parallel").value),
            no_input=self.no_input or container.environment.get("AGENTFLOW_NO_INPUT", "") not in ("", "0"),
            default_model=default_model(container, self.default_model, plan),
            timeout=self.timeout if self.timeout is not None else project.timeout,
        )


def default_model(container: Container, given: str | None, plan: Plan | None = None) -> str | None:
    """The model of steps that name none: what the command line says, else a variable, else the project; as it was when
    `plan` was frozen, if there is one."""
    if given or container.environment.get("AGENTFLOW_MODEL"):
        return given
    of_project = container.project.model if plan is None else plan.model
    return of_project or container.user_settings.get("model")


def make_ready(container: Container, plan: Plan, choices: RunChoices, on_fetch: OnFetch | None = None) -> None:
    """Begin to load what the plan will need. Weights that are not there yet are fetched first.

    NotFoundError when a step names a model that does not exist, NotTrustedError when one may not be asked: better now
    than half-way.
    """
    if choices.until is not None:
        check_until(plan, choices.until)
        needed = plan.root.needed_for(choices.until)
        plan = replace(plan, steps={step_id: step for step_id, step in plan.steps.items() if step_id in needed})
    choices = choices.settled(container, plan)
    steps = list(plan.every_step())
    agents = [*plan.agents.values(), *(step.agent for step in steps if step.agent is not None)]
    container.models.use_routes(plan.models)
    names = models_named(plan, choices.default_model)
    check_granted(container, names)
    for name in names:
        container.models.resolve(name)
    if names and container.models.needs_fetch(names):
        from agentflow_cli.services.llm import weights
        from agentflow_cli.services.llm.weights_fetch import fetch

        fetch(weights.models_directory(container.environment), on_fetch, environment=container.environment)
    if names:
        container.models.prepare(names)
    searched = any(tool.startswith("memory:") for agent in agents for tool in agent.tools)
    if searched or any(step.kind in ("recall", "remember") for step in steps):
        prepare = getattr(container.memory, "prepare", None)
        if prepare is not None:
            prepare()


def check_until(plan: Plan, step: str) -> None:
    """NotFoundError unless a run of `plan` can stop behind `step`."""
    if step in plan.steps:
        return
    near = closest(step, plan.steps)
    inside = step.partition("[")[0].partition("/")[0]
    if inside != step and inside in plan.steps:
        hint = f"a run stops behind a whole step: `--until {inside}`"
    else:
        hint = f"did you mean `{near}`?" if near else f"its steps are {', '.join(plan.steps)}"
    raise NotFoundError(f"`{plan.workflow}` has no step `{step}` to stop behind", hint=hint)


def create_run(container: Container, plan: Plan, inputs: dict[str, Json]) -> SqliteJournal:
    """A new run, accepted: from here on it can be resumed."""
    container.prepare_state()
    return container.runs.create(plan, inputs, __version__, script=container.script)


def drive(
    container: Container,
    plan: Plan,
    journal: SqliteJournal,
    choices: RunChoices,
    listener: Listener,
    person: Person | None = None,
    cancel: str | None = None,
    on_leave: Callable[[RunState], None] | None = None,
) -> RunState:
    """Drive the run of `journal`, which is closed in the end. Raises AgentflowError when its record cannot be kept.

    `cancel` is why the run is to be settled as cancelled instead; `on_leave` is told when a second signal ends the
    process at once.
    """
    choices = choices.settled(container, plan)
    options = EngineOptions(
        project_root=container.root,
        max_parallel=choices.max_parallel or MAX_PARALLEL,
        no_input=choices.no_input,
        fail_fast=choices.fail_fast,
        default_model=choices.default_model,
        timeout=choices.timeout,
        until=choices.until,
        max_tokens=choices.max_tokens,
        max_cost=choices.max_cost,
        read_cache=choices.read_cache and container.script is None,  # no model has said what a script says
        write_cache=choices.write_cache and container.script is None,
        env=container.environment,
        command_env=container.command_environment,
        channels=container.project.channels,
        secret=container.secret,
    )

    async def go() -> RunState:
        return await Engine(plan, journal, container.services(), options, listener, person, cancel, on_leave).run()

    try:
        return asyncio.run(go())
    finally:
        journal.close()


_BY_KIND = {
    "auth": ExitCode.CREDENTIALS,
    "limit": ExitCode.LIMIT,
    "denied": ExitCode.DENIED,
    "no_provider": ExitCode.NO_PROVIDER,
}


def exit_code(state: RunState) -> ExitCode:
    """What the process tells its caller about a run."""
    if state.status in ("succeeded", "stopped"):
        return ExitCode.SUCCESS
    if state.status == "suspended":
        return ExitCode.WAITING
    if state.status == "interrupted":
        return ExitCode(state.exit_code or ExitCode.INTERRUPTED)
    return _BY_KIND.get(state.error.kind, ExitCode.FAILED) if state.error else ExitCode.FAILED
