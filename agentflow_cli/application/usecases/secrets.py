"""The secrets that a project names: where each comes from and whether it is there. Never a value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.application.usecases.workflow_files import load_checked
from agentflow_cli.diagnostics.diagnostic import Diagnostics
from agentflow_cli.domain.workflow import Step

_KEY_OF = "key of {}"
"""What the key of one of the project's models is called in the list."""


@dataclass(frozen=True, slots=True)
class SecretUse:
    name: str
    source: str
    """`env:NAME`, `file:PATH` or `store:NAME`."""
    present: bool
    used_by: tuple[str, ...]
    """`workflows/post.yaml: publish`; empty when only the project file names it, or it is only kept here."""


def list_secrets(container: Container) -> list[SecretUse]:
    """By name: what the project file declares, and what steps of its workflows list. Workflows with errors count as
    far as they can be read."""
    uses: dict[str, list[str]] = {name: [] for name in container.project.secrets}
    for path in sorted(p for p in (container.root / "workflows").glob("*.y*ml") if p.is_file()):
        loaded = load_checked(str(path), Diagnostics(), {})
        if loaded is None:
            continue
        workflow = loaded.workflow
        groups = (workflow.steps, workflow.on_failure, workflow.finally_steps)
        for step in _all_steps(step for group in groups for step in group.values()):
            for located in step.secrets:
                uses.setdefault(located.value, []).append(f"{workflow.file}: {step.id}")
    for alias, model in container.project.models.items():
        if model.api_key is not None:
            uses.setdefault(_KEY_OF.format(alias), []).append(f"{container.project.file}: models.{alias}")
    found = [_described(container, name, used_by) for name, used_by in sorted(uses.items())]
    named = {use.source for use in found}
    kept = (f"store:{name}" for name in container.secret_store.names())
    return [*found, *(SecretUse(source[6:], source, True, ()) for source in kept if source not in named)]


def keep_secret(container: Container, name: str, value: str) -> bool:
    """Keep `value` for `store:NAME`; whether there was one before. UsageError."""
    return container.secret_store.set(name, value)


def forget_secret(container: Container, name: str) -> None:
    """NotFoundError when it is not kept."""
    container.secret_store.remove(name)


def _described(container: Container, name: str, used_by: list[str]) -> SecretUse:
    alias = next((each for each in container.project.models if _KEY_OF.format(each) == name), None)
    source = container.project.models[alias].api_key or "" if alias is not None else container.project.secret(name)
    kind, _, place = source.partition(":")
    if kind == "file":
        present = _holds_something(container.root / Path(place).expanduser())
    else:
        present = bool(container.referred(source))
    return SecretUse(name, source, present, tuple(used_by))


def _holds_something(path: Path) -> bool:
    try:
        return path.is_file() and path.stat().st_size > 0
    except OSError:
        return False


def _all_steps(steps: Iterable[Step]) -> Iterator[Step]:
    for step in steps:
        yield step
        yield from _all_steps(step.steps.values())
