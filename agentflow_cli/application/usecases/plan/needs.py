"""What a run needs of the environment: secrets, keys of providers, variables. Names only, never a value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.application.runtime.dotenv import NAME, may_fill
from agentflow_cli.application.usecases.plan.foresight import strings
from agentflow_cli.application.usecases.plan.model_choice import ModelChoices
from agentflow_cli.application.usecases.plan.report import Need, PlannedStep
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.plan import Plan, PlanStep
from agentflow_cli.language.expressions.template import compile_bare, compile_template
from agentflow_cli.services.llm.provider_names import BY_NAME


def needs(
    container: Container,
    plan: Plan,
    models: ModelChoices,
    steps: Iterable[tuple[str, PlanStep]],
    planned: Iterable[PlannedStep],
) -> list[Need]:
    """Secrets first, then keys, then variables, each by name."""
    every = list(steps)
    return [*_secrets(container, every), *_keys(container, models, planned), *_variables(container, plan, every)]


def may_be_in_file(container: Container) -> bool:
    """Whether there is a `.env` that a run would read and `plan` does not."""
    return (container.root / NAME).exists()


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
    if kind == "store":
        return place in container.secret_store.names()
    if kind == "file":
        try:
            path = container.root / Path(place).expanduser()
            return path.is_file() and path.stat().st_size > 0
        except (OSError, RuntimeError, ValueError):
            return False
    return container.secret_store.get(place) is not None


def _is_set(container: Container, name: str) -> bool | None:
    if container.environment.get(name):
        return True
    return None if may_fill(name) and may_be_in_file(container) else False


def _keys(container: Container, models: ModelChoices, planned: Iterable[PlannedStep]) -> Iterator[Need]:
    """Of models that are used by one key; other providers have ways of their own."""
    uses: dict[tuple[str, str], dict[str, None]] = {}
    for step in planned:
        for use in (step.model, *step.delegates) if step.model is not None else ():
            for candidate in models.candidates(use) if use.name is not None else ():
                if candidate.api_key is not None:
                    uses.setdefault((candidate.api_key, candidate.alias), {})[step.path] = None
                    continue
                name = models.resolved(candidate) or ""
                provider = BY_NAME.get(name.partition("/")[0])
                if provider is not None and candidate.base_url is None:
                    variable = provider.key_variable(container.environment) or provider.keys[0]
                    uses.setdefault((f"env:{variable}", provider.name), {})[step.path] = None
    for (reference, of), paths in sorted(uses.items()):
        yield Need(reference.partition(":")[2], "key", of, _present(container, reference), tuple(paths))


def _variables(container: Container, plan: Plan, every: list[tuple[str, PlanStep]]) -> Iterator[Need]:
    uses: dict[str, dict[str, None]] = {}
    for path, step in every:
        for name in _read_by(step):
            uses.setdefault(name, {})[path] = None
    for name in _names_in(plan.outputs):
        uses.setdefault(name, {})
    for name, paths in sorted(uses.items()):
        open_ = None if may_fill(name) and may_be_in_file(container) else False
        present = True if name in container.environment else open_
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
