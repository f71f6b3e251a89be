"""What a run needs of the environment: secrets, keys of providers, variables. Names only, never a value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.application.usecases.plan.foresight import strings
from agentflow_cli.application.usecases.plan.report import Need, PlannedStep
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.plan import Plan, PlanStep
from agentflow_cli.language.expressions.template import compile_bare, compile_template
from agentflow_cli.services.llm.provider_names import BY_NAME


def needs(
    container: Container, plan: Plan, steps: Iterable[tuple[str, PlanStep]], planned: Iterable[PlannedStep]
) -> list[Need]:
    """Secrets first, then keys, then variables, each by name."""
    every = list(steps)
    return [*_secrets(container, every), *_keys(container, planned), *_variables(container, plan, every)]


def may_be_in_file(container: Container) -> bool:
    """Whether there is a `.env` that a run would read and `plan` does not."""
    return (container.root / ".env").exists()


def _secrets(container: Container, every: list[tuple[str, PlanStep]]) -> Iterator[Need]:
    uses: dict[str, list[str]] = {}
    for path, step in every:
        for name in step.secrets:
            uses.setdefault(name, []).append(path)
    for name, paths in sorted(uses.items()):
        source = container.project.secret(name)
        yield Need(name, "secret", source, _present(container, source), tuple(paths))


def _present(container: Container, source: str) -> bool | None:
    kind, _, place = source.partition(":")
    if kind == "env":
        return _is_set(container, place)
    if kind == "file":
        try:
            path = container.root / Path(place).expanduser()
            return path.is_file() and path.stat().st_size > 0
        except (OSError, RuntimeError, ValueError):
            return False
    return None


def _is_set(container: Container, name: str) -> bool | None:
    return bool(container.environment.get(name)) or (None if may_be_in_file(container) else False)


def _keys(container: Container, planned: Iterable[PlannedStep]) -> Iterator[Need]:
    """Of the providers that are used by one key; the others have ways of their own."""
    uses: dict[str, list[str]] = {}
    for step in planned:
        models = (step.model, *step.delegates) if step.model is not None else ()
        for provider in dict.fromkeys(use.name.partition("/")[0] for use in models if use.name):
            if provider in BY_NAME:
                uses.setdefault(provider, []).append(step.path)
    for provider, paths in sorted(uses.items()):
        variable = BY_NAME[provider].key_variable(container.environment)
        present = True if variable else None if may_be_in_file(container) else False
        yield Need(variable or BY_NAME[provider].keys[0], "key", provider, present, tuple(paths))


def _variables(container: Container, plan: Plan, every: list[tuple[str, PlanStep]]) -> Iterator[Need]:
    uses: dict[str, dict[str, None]] = {}
    for path, step in every:
        for name in _read_by(step):
            uses.setdefault(name, {})[path] = None
    for name in _names_in(plan.outputs):
        uses.setdefault(name, {})
    for name, paths in sorted(uses.items()):
        present = name in container.environment or (None if may_be_in_file(container) else False)
        yield Need(name, "variable", "env", present, tuple(paths))


def _read_by(step: PlanStep) -> Iterator[str]:
    outputs = step.block.outputs if step.block is not None else None
    items = step.foreach.items if step.foreach is not None else None
    yield from _names_in([step.templates, step.env, step.on_error_value, items, outputs])
    expression = step.foreach.expression if step.foreach is not None else None
    for bare in (step.when, expression, step.repeat.until if step.repeat is not None else None):
        if bare is not None:
            yield from (str(path[0]) for root, path in _reads(bare, bare=True) if root == "env" and path)


def _names_in(value: Json) -> Iterator[str]:
    for text in strings(value):
        yield from (str(path[0]) for root, path in _reads(text) if root == "env" and path)


def _reads(text: str, bare: bool = False) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    compiled = compile_bare(text) if bare else compile_template(text)
    return ((reference.root, reference.path) for reference in compiled.references)
