"""`plan`: everything that can be said of a run before it, gathered. Nothing of the project is executed, no server is
asked, and no `.env` is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.application.usecases.plan.bounds import bounds
from agentflow_cli.application.usecases.plan.cache_outlook import KeptOutcomes
from agentflow_cli.application.usecases.plan.foresight import Names
from agentflow_cli.application.usecases.plan.inputs_outlook import until_given
from agentflow_cli.application.usecases.plan.model_choice import ModelChoices
from agentflow_cli.application.usecases.plan.needs import may_be_in_file, needs
from agentflow_cli.application.usecases.plan.outlook import Sight, outlook
from agentflow_cli.application.usecases.plan.reach import (
    SeenTools,
    files_read,
    hosts_reached,
    memories_used,
    tools_used,
)
from agentflow_cli.application.usecases.plan.report import InputsOutlook, Limits, PlannedStep, PlanReport, SinceLastRun
from agentflow_cli.application.usecases.plan.revision import revision_of
from agentflow_cli.application.usecases.plan.said import command
from agentflow_cli.application.usecases.plan.since_last_run import Comparison, last_run_of
from agentflow_cli.application.usecases.run import MAX_PARALLEL, RunChoices
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.plan import Plan, PlanStep

LONGEST = 2.0
"""Seconds spent on evaluating what is known already."""


def describe_plan(
    container: Container,
    plan: Plan,
    default_model: str | None = None,
    inputs: InputsOutlook | None = None,
    values: Mapping[str, Json] | None = None,
) -> PlanReport:
    """`values` are the inputs that are known; the rest is told by `inputs`."""
    inputs = inputs or InputsOutlook()
    values = values or {}
    every = list(_every(plan))
    view, trouble = last_run_of(container, plan)
    compared = None if view is None else Comparison(view, plan, values)
    models = ModelChoices(container, plan, default_model)
    tools = SeenTools(container)
    start = container.clock.monotonic()

    def since(path: str, step: PlanStep) -> SinceLastRun | None:
        return None if compared is None else compared.of(path, step)

    names = Names(
        inputs=values,
        inputs_unknown=until_given(inputs.missing),
        env=container.environment,
        env_is_all=not may_be_in_file(container),
        workflow=plan.workflow,
        project=plan.project,
        enough=lambda: container.clock.monotonic() - start > LONGEST,
    )
    steps = outlook(plan, names, Sight(models, KeptOutcomes(container, plan, models), tools.effect, since))
    notes = [] if trouble is None else [f"no last run is compared with: {trouble}"]
    return PlanReport(
        workflow=plan.workflow,
        file=plan.file,
        fingerprint=plan.fingerprint,
        revision=revision_of(container.root, _on_disk(container, plan)),
        inputs=inputs,
        last_run=None if compared is None else compared.run(),
        steps=steps,
        waves=plan.waves,
        critical_path=plan.critical_path,
        widest=max((len(wave) for wave in plan.waves), default=0),
        needs=needs(container, plan, models, every, steps),
        reaches=hosts_reached(container, every, steps, models, _fetches(container, steps)),
        commands={path: command(step) for path, step in every if step.kind == "run"},
        functions={path: str(step.settings.get("python")) for path, step in every if step.kind == "python"},
        tools=tools_used(every, plan.agents, tools),
        memories=memories_used(every),
        reads=files_read(plan, every),
        bounds=bounds(steps),
        limits=Limits(
            timeout=plan.timeout,
            interrupt=container.project.timeout,
            max_parallel=RunChoices().settled(container, plan).max_parallel or MAX_PARALLEL,
        ),
        requests=_requests(container, models, steps),
        notes=tuple(notes),
    )


def _on_disk(container: Container, plan: Plan) -> list[str]:
    """The files of the plan; a workflow from standard input is none."""
    return [file for file in (*plan.files, *plan.code) if file != plan.file or (container.root / file).is_file()]


def _every(plan: Plan) -> Iterator[tuple[str, PlanStep]]:
    """Every step with its path."""
    for prefix, steps in (("", plan.steps), ("@on_failure/", plan.on_failure), ("@finally/", plan.finally_steps)):
        yield from _inside(steps, prefix)


def _inside(steps: Mapping[str, PlanStep], prefix: str) -> Iterator[tuple[str, PlanStep]]:
    for step in steps.values():
        path = f"{prefix}{step.id}"
        yield path, step
        if step.block is not None:
            yield from _inside(step.block.steps, f"{path}/")


def _requests(container: Container, models: ModelChoices, steps: list[PlannedStep]) -> tuple[str, ...]:
    """What the models of these steps need the user to grant first."""
    uses = [use for step in steps for use in (step.model, *step.delegates) if use is not None]
    asked = {candidate.alias for use in dict.fromkeys(uses) for candidate in models.ungranted(use)}
    if not asked:
        return ()
    from agentflow_cli.application.usecases.trust import requests, trust_command

    told = [f"{each.alias}: {each.sends}" for each in requests(container) if each.alias in asked and not each.granted]
    return (*told, trust_command(container.root))


def _fetches(container: Container, steps: list[PlannedStep]) -> str:
    """What must be fetched before a model can be asked; empty when nothing."""
    from agentflow_cli.services.llm import weights
    from agentflow_cli.services.llm.routes import EMBEDDED, NO_MODELS_VARIABLE

    used = {use.name for step in steps for use in (step.model, *step.delegates) if use is not None}
    environment = container.environment
    if EMBEDDED not in used or environment.get(weights.FILE_VARIABLE):
        return ""
    if environment.get(NO_MODELS_VARIABLE, "") not in ("", "0"):
        return ""
    path: Path = weights.weights_path(weights.models_directory(environment))
    return "" if path.exists() else f"the weights of {EMBEDDED}, {round(weights.WHEEL_SIZE / 1_000_000)} MB, once"
