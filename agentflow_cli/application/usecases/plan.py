"""What a run would do, told before anything runs. What is not known is said to be unknown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.plan import Plan, PlanStep
from agentflow_cli.foundation.errors import AgentflowError
from agentflow_cli.language.expressions.template import compile_bare, compile_template


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """`verdict` is `runs`, `conditional` or `asks`."""

    id: str
    kind: str
    verdict: str
    about: str
    """What it calls: the model, the command, the function, the memory."""
    when: str | None = None
    foreach: str | None = None
    """The list, as written; its length is known only when the list is in the file."""
    count: int | None = None
    """Children, when known."""
    max_tokens: int | None = None
    dependencies: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class PlanReport:
    workflow: str
    file: str
    fingerprint: str
    steps: list[PlannedStep]
    waves: tuple[tuple[str, ...], ...]
    critical_path: tuple[str, ...]
    commands: dict[str, str] = field(default_factory=dict)
    """Step → the command, as written."""
    functions: dict[str, str] = field(default_factory=dict)
    memories: dict[str, str] = field(default_factory=dict)
    """Step → `reads docs` or `writes docs`."""
    models: dict[str, str] = field(default_factory=dict)
    """Step → `provider/name`."""
    variables: dict[str, bool] = field(default_factory=dict)
    """Variables that expressions read → whether they are set here."""
    inputs_missing: list[str] = field(default_factory=list)
    """Inputs that have no default and must be given."""
    local: bool = True
    """Whether every model runs on this machine, which costs no money. Nothing else is known about cost yet."""


def describe_plan(container: Container, plan: Plan, default_model: str | None = None) -> PlanReport:
    """Nothing is executed, loaded or connected to."""
    steps = [_planned(container, plan.steps[step_id], default_model) for wave in plan.waves for step_id in wave]
    by_kind = {kind: [s for s in plan.steps.values() if s.kind == kind] for kind in ("run", "python", "prompt")}
    models = {s.id: _model(container, s, default_model) for s in by_kind["prompt"]}
    memories = {
        s.id: f"{'reads' if s.kind == 'recall' else 'writes'} {s.settings.get('memory')}"
        for s in plan.steps.values()
        if s.kind in ("recall", "remember")
    }
    return PlanReport(
        workflow=plan.workflow,
        file=plan.file,
        fingerprint=plan.fingerprint,
        steps=steps,
        waves=plan.waves,
        critical_path=plan.critical_path,
        commands={s.id: _command(s) for s in by_kind["run"]},
        functions={s.id: str(s.settings.get("python")) for s in by_kind["python"]},
        memories=memories,
        models=models,
        variables={name: name in container.environment for name in sorted(_variables(plan))},
        inputs_missing=[name for name, spec in plan.inputs.items() if spec.required],
        local=all(name.startswith(("embedded/", "file:", "scripted")) for name in models.values()),
    )


def _planned(container: Container, step: PlanStep, default_model: str | None) -> PlannedStep:
    verdict = "asks" if step.kind == "ask" else "conditional" if step.when is not None else "runs"
    foreach = count = None
    if step.foreach is not None:
        items = step.foreach.items
        count = None if items is None else len(items)
        foreach = step.foreach.expression if items is None else f"{len(items)} items"
    return PlannedStep(
        id=step.id,
        kind=step.kind,
        verdict=verdict,
        about=_about(container, step, default_model),
        when=step.when,
        foreach=foreach,
        count=count,
        max_tokens=step.settings.get("max_tokens"),
        dependencies=step.dependencies,
        line=step.line,
    )


def _about(container: Container, step: PlanStep, default_model: str | None) -> str:
    match step.kind:
        case "prompt":
            written = step.settings.get("model")
            resolved = _model(container, step, default_model)
            return f"{written} → {resolved}" if written and written != resolved else resolved
        case "run":
            return _command(step)
        case "python":
            return str(step.settings.get("python"))
        case "recall":
            return f"from memory {step.settings.get('memory')}"
        case "remember":
            files = step.settings.get("files")
            what = ", ".join(files) if files else "a text"
            return f"{what} into memory {step.settings.get('memory')}"
        case "ask":
            return "answers `ci:` where nobody can be asked" if "ci" in step.settings else "waits for a person"
    return ", ".join(step.templates.get("set", {})) if step.kind == "set" else ""


def _command(step: PlanStep) -> str:
    script = step.settings.get("script")
    return str(script) if script is not None else " ".join(str(part) for part in step.templates.get("argv", ()))


def _model(container: Container, step: PlanStep, default_model: str | None) -> str:
    name = step.settings.get("model") or default_model
    try:
        return container.models.resolve(name)
    except AgentflowError:
        return f"unknown ({name})"


def _variables(plan: Plan) -> set[str]:
    """Names that `env.NAME` reads anywhere in the plan."""
    found: set[str] = set()
    for text in _templates(plan):
        for reference in compile_template(text).references:
            if reference.root == "env" and reference.path:
                found.add(str(reference.path[0]))
    bare = [s.when for s in plan.steps.values()] + [s.foreach.expression for s in plan.steps.values() if s.foreach]
    for condition in bare:
        if condition is not None:
            for reference in compile_bare(condition).references:
                if reference.root == "env" and reference.path:
                    found.add(str(reference.path[0]))
    return found


def _templates(plan: Plan) -> Iterator[str]:
    for step in plan.steps.values():
        yield from _strings([step.templates, step.env, step.foreach.items if step.foreach else None])
    yield from _strings(plan.outputs)


def _strings(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for element in value.values():
            yield from _strings(element)
    elif isinstance(value, list):
        for element in value:
            yield from _strings(element)
