"""What makes a step of one plan the same as a step of another: its definition, what it reads, the code it runs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields

from agentflow_cli.domain.codec import to_json
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.plan import Plan, PlanStep
from agentflow_cli.language.expressions.template import compile_bare, compile_template

_NO_MATTER = ("line", "name", "retry", "timeout", "on_crash", "idempotent", "cache")
"""Fields that change nothing about a success that is on record."""
_WAITS = ("reads", "needs", "optional")
_SAID = {"on_error_value": "on_error", "block": "inner steps"}


def differences(old: PlanStep, new: PlanStep) -> list[str]:
    """The fields, as an author knows them, in which two definitions differ."""
    found: dict[str, None] = {}
    for field in fields(PlanStep):
        before, after = getattr(old, field.name), getattr(new, field.name)
        if field.name in _NO_MATTER or _meaning(before) == _meaning(after):
            continue
        if field.name in ("templates", "settings", "env"):
            changed = [key for key in {**before, **after} if before.get(key) != after.get(key)]
            found.update(dict.fromkeys(changed if field.name != "env" else ["env"]))
        elif field.name in _WAITS:
            found["what it waits for"] = None
        else:
            found[_SAID.get(field.name, field.name)] = None
    return [name for name in found if name != "prompt.file"] or list(found)


def _meaning(value: Json) -> Json:
    """A value of the plan without what does not matter, at any depth."""
    return _without(to_json(value))


def _without(value: Json) -> Json:
    if isinstance(value, dict):
        if "id" in value and "kind" in value:
            value = {key: element for key, element in value.items() if key not in _NO_MATTER}
        return {key: _without(element) for key, element in value.items()}
    return [_without(element) for element in value] if isinstance(value, list) else value


def inputs_read(step: PlanStep, plan: Plan, names: Collection[str]) -> list[str]:
    """Those of `names` that the step, or a step inside it, reads as inputs of the run."""
    found: dict[str, None] = {}
    for text, bare in _expressions(step, plan):
        for reference in (compile_bare(text) if bare else compile_template(text)).references:
            if reference.root == "inputs":
                read = names if not reference.path else [str(reference.path[0])]
                found.update(dict.fromkeys(name for name in read if name in names))
    return list(found)


def code_of(step: PlanStep, files: Mapping[str, str]) -> list[str]:
    """Those of `files` (paths from the root) that the step may run. All of them, when that cannot be seen."""
    if step.block is not None:
        return list(dict.fromkeys(file for inner in step.block.steps.values() for file in code_of(inner, files)))
    if step.kind in ("agent", "tool"):
        return list(files)
    if step.kind == "run":
        said = str(step.settings.get("script", "")) + " ".join(str(part) for part in step.templates.get("argv", ()))
        return [file for file in files if file.rpartition("/")[2] in said]
    if step.kind == "python":
        module = str(step.settings.get("python", "")).rpartition(":")[0]
        as_path = module if module.endswith(".py") else module.replace(".", "/")
        named = [file for file in files if file == as_path or file in (f"{as_path}.py", f"{as_path}/__init__.py")]
        return named or list(files)
    return []


def models_changed(old: Plan, new: Plan, step: PlanStep) -> list[str]:
    """The project's names for models that `step` uses and that mean something else than they did."""
    if step.kind not in ("prompt", "agent"):
        return []
    delegates = [agent.model for agent in new.agents.values()] if step.kind == "agent" else []
    own = step.settings.get("model") if step.agent is None else step.agent.model
    found: dict[str, None] = {}
    for name in (own, *delegates):
        if name is None and old.model != new.model:
            found["of steps that name none"] = None
        before, after = (plan.models.get(name or plan.model or "") for plan in (old, new))
        if before != after:
            found[name or new.model or ""] = None
    return list(found)


def leaves(step: PlanStep) -> Iterator[PlanStep]:
    """The step, or the steps inside it that do something themselves."""
    if step.block is None:
        yield step
    else:
        for inner in step.block.steps.values():
            yield from leaves(inner)


def _expressions(step: PlanStep, plan: Plan) -> Iterator[tuple[str, bool]]:
    """Every template and bare expression of the step that can see the run's inputs: (text, whether bare)."""
    expression = step.foreach.expression if step.foreach is not None else None
    until = step.repeat.until if step.repeat is not None else None
    for condition in (step.when, expression, until):
        if condition is not None:
            yield condition, True
    values: list[Json] = [step.templates, step.env, step.on_error_value, step.foreach and step.foreach.items]
    if step.kind == "agent":
        values += [agent.instructions for agent in (step.agent, *plan.agents.values()) if agent is not None]
    for text in _strings(values):
        yield text, False
    if step.block is not None and not step.block.workflow:  # a called workflow has inputs of its own
        for text in _strings(step.block.outputs):
            yield text, False
        for inner in step.block.steps.values():
            yield from _expressions(inner, plan)


def _strings(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for element in value.values():
            yield from _strings(element)
    elif isinstance(value, (list, tuple)):
        for element in value:
            yield from _strings(element)
