"""One step of a checked workflow, frozen: its files inlined, its paths from the project's root."""

from __future__ import annotations

from collections.abc import Mapping

from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.plan import Block, PlanForeach, PlanRepeat, PlanStep
from agentflow_cli.domain.workflow import Foreach, Located, Repeat, Step
from agentflow_cli.language.compiler.dependencies import Dependencies
from agentflow_cli.language.compiler.paths import project_pattern
from agentflow_cli.language.compiler.plan_agents import agent_of
from agentflow_cli.language.compiler.prompt_files import PromptFile
from agentflow_cli.language.loader.load import Loaded
from agentflow_cli.language.loader.project import resolve_inside
from agentflow_cli.language.loader.structure import read_limits


def plan_step(
    loaded: Loaded, step: Step, dependencies: Dependencies, prompt: PromptFile | None, block: Block | None
) -> PlanStep:
    """`block` holds the steps of a group or of a called workflow."""
    templates, settings = values(step.templates), values(step.settings)
    timeout = step.timeout
    match step.kind:
        case "prompt" if prompt is not None:
            templates["prompt"] = prompt.text
            settings["prompt.file"] = prompt.file
        case "python":
            settings["python"] = _function(loaded, settings["python"])
        case "remember" if "files" in settings:
            settings["files"] = [project_pattern(loaded.workflow.file, pattern) for pattern in settings["files"]]
        case "agent" if "limits" in settings:
            settings["limits"] = read_limits(settings["limits"])
        case "workflow":
            called = loaded.calls[step.path].workflow
            settings["workflow"] = called.file
            timeout = min((t for t in (timeout, called.timeout) if t is not None), default=None)
    return PlanStep(
        id=step.id,
        kind=step.kind,
        templates=templates,
        settings=settings,
        env=values(step.env),
        name=step.name,
        when=_bare(step.when),
        foreach=None if step.foreach is None else _foreach(step.foreach),
        retry=step.retry,
        timeout=timeout,
        on_error=step.on_error.action,
        on_error_value=None if step.on_error.value is None else step.on_error.value.value,
        output=None if step.output is None else step.output.value,
        reads=tuple(dependencies.reads),
        needs=tuple(dependencies.needs),
        optional=tuple(dependencies.optional),
        line=loaded.document.key_span(step.path).line,
        repeat=None if step.repeat is None else _repeat(step.repeat),
        block=block,
        agent=agent_of(loaded, step) if step.kind == "agent" else None,
        cache=step.cache,
        idempotent=step.idempotent,
        on_crash=step.on_crash,
        secrets=tuple(located.value for located in step.secrets),
    )


def values(located: Mapping[str, Located]) -> dict[str, Json]:
    return {name: value.value for name, value in located.items()}


def _bare(located: Located | None) -> str | None:
    """`when: true` is the expression `true`."""
    if located is None or isinstance(located.value, str):
        return None if located is None else located.value
    return "true" if located.value else "false"


def _foreach(foreach: Foreach) -> PlanForeach:
    value = foreach.items.value
    expression, items = (value, None) if isinstance(value, str) else (None, value)
    return PlanForeach(expression, items, foreach.as_name, foreach.max_parallel, foreach.fail_fast)


def _repeat(repeat: Repeat) -> PlanRepeat:
    return PlanRepeat(repeat.max, _bare(repeat.until), repeat.on_max)


def _function(loaded: Loaded, written: str) -> str:
    """`path.py:name` with its path from the project's root; a module stays as it is."""
    module, _, name = written.rpartition(":")
    if not module.endswith(".py"):
        return written
    path = resolve_inside(loaded.root, loaded.path.absolute().parent, module)
    return f"{path.relative_to(loaded.root.resolve()).as_posix()}:{name}"
