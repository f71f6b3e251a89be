"""What a run would do, told before anything runs. What is not known is said to be unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
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
    repeat: int | None = None
    """How often at most."""
    path: str = ""
    """With the groups around it: `essays/draft`; `@finally/clean` for one that runs when the run settles."""


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
    effects: dict[str, str] = field(default_factory=dict)
    """Step → the request, tool or message with which it reaches out."""
    agents: dict[str, str] = field(default_factory=dict)
    """Step → its agent, with the tools that it may use."""
    secrets: dict[str, str] = field(default_factory=dict)
    """Secrets that steps get → where they come from."""
    variables: dict[str, bool] = field(default_factory=dict)
    """Variables that expressions read → whether they are set here."""
    inputs_missing: list[str] = field(default_factory=list)
    """Inputs that have no default and must be given."""
    local: bool = True
    """Whether every model runs on this machine, which costs no money. Nothing else is known about cost yet."""


def describe_plan(container: Container, plan: Plan, default_model: str | None = None) -> PlanReport:
    """Nothing is executed, loaded or connected to."""
    every = list(_every(plan))
    steps = [_planned(container, path, step, default_model) for path, step in every]

    def told(of: Callable[[PlanStep], str], *kinds: str) -> dict[str, str]:
        return {path: of(step) for path, step in every if step.kind in kinds}

    models = told(lambda step: _model(container, step, default_model), "prompt", "agent")
    memories = told(
        lambda step: f"{'reads' if step.kind == 'recall' else 'writes'} {step.settings.get('memory')}",
        "recall",
        "remember",
    )
    secrets = sorted({name for _, step in every for name in step.secrets})
    return PlanReport(
        workflow=plan.workflow,
        file=plan.file,
        fingerprint=plan.fingerprint,
        steps=steps,
        waves=plan.waves,
        critical_path=plan.critical_path,
        commands=told(_command, "run"),
        functions=told(lambda step: str(step.settings.get("python")), "python"),
        memories=memories,
        effects=told(_effect, "http", "tool", "notify"),
        agents=told(_agent, "agent"),
        secrets={name: container.project.secret(name) for name in secrets},
        models=models,
        variables={name: name in container.environment for name in sorted(_variables(plan))},
        inputs_missing=[name for name, spec in plan.inputs.items() if spec.required],
        local=all(name.startswith(("embedded/", "file:", "scripted")) for name in models.values()),
    )


def _every(plan: Plan) -> Iterator[tuple[str, PlanStep]]:
    """Every step with its path: by waves, inner steps after their group, and what runs when the run settles."""
    yield from _inside({step_id: plan.steps[step_id] for wave in plan.waves for step_id in wave}, "")
    yield from _inside(plan.on_failure, "@on_failure/")
    yield from _inside(plan.finally_steps, "@finally/")


def _inside(steps: Mapping[str, PlanStep], prefix: str) -> Iterator[tuple[str, PlanStep]]:
    for step in steps.values():
        path = f"{prefix}{step.id}"
        yield path, step
        if step.block is not None:
            yield from _inside(step.block.steps, f"{path}/")


def _planned(container: Container, path: str, step: PlanStep, default_model: str | None) -> PlannedStep:
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
        repeat=step.repeat.max if step.repeat is not None else None,
        path=path,
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
        case "agent":
            return f"{_agent(step)}, {_model(container, step, default_model)}"
        case "http" | "tool" | "notify":
            return _effect(step)
        case "workflow":
            return step.block.file if step.block is not None else ""
        case "steps":
            return f"{len(step.block.steps)} steps" if step.block is not None else ""
        case "wait":
            return str(step.settings.get("wait"))
        case "fail":
            return str(step.templates.get("fail"))
    return ", ".join(step.templates.get("set", {})) if step.kind == "set" else ""


def _effect(step: PlanStep) -> str:
    match step.kind:
        case "http":
            return f"{step.settings.get('method', 'GET')} {step.templates.get('url')}"
        case "notify":
            return f"to {step.settings.get('channel')}: {step.templates.get('message')}"
    return f"{step.settings.get('tool')}({', '.join(step.templates.get('with', {}))})"


def _agent(step: PlanStep) -> str:
    if step.agent is None:
        return ""
    return f"{step.agent.name} with {', '.join(step.agent.tools)}" if step.agent.tools else step.agent.name


def _command(step: PlanStep) -> str:
    script = step.settings.get("script")
    return str(script) if script is not None else " ".join(str(part) for part in step.templates.get("argv", ()))


def _model(container: Container, step: PlanStep, default_model: str | None) -> str:
    own = step.agent.model if step.agent is not None else step.settings.get("model")
    name = own or default_model
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
    bare: list[str | None] = []
    for _, step in _every(plan):
        bare += [step.when, step.foreach.expression if step.foreach is not None else None]
        bare.append(step.repeat.until if step.repeat is not None else None)
    for condition in bare:
        if condition is not None:
            for reference in compile_bare(condition).references:
                if reference.root == "env" and reference.path:
                    found.add(str(reference.path[0]))
    return found


def _templates(plan: Plan) -> Iterator[str]:
    for _, step in _every(plan):
        outputs = step.block.outputs if step.block is not None else None
        yield from _strings([step.templates, step.env, step.foreach.items if step.foreach else None, outputs])
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
