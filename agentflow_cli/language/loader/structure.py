"""A document of the right shape to domain objects: each field in its place, with its path. No checks of meaning."""

from __future__ import annotations

from typing import Any

from agentflow_cli.domain.failure import TRANSIENT
from agentflow_cli.domain.json_value import DocumentPath, Json
from agentflow_cli.domain.kinds import KINDS
from agentflow_cli.domain.retry import Retry
from agentflow_cli.domain.workflow import Foreach, InputSpec, Located, OnError, Step, Workflow
from agentflow_cli.foundation.duration import parse_duration


def build_workflow(data: dict[str, Json], *, default_name: str, file: str) -> Workflow:
    """The workflow in `data`, which the schema has accepted. `file` is relative to the project root."""
    return Workflow(
        name=data.get("name", default_name),
        file=file,
        description=data.get("description", ""),
        inputs={name: _input(name, spec) for name, spec in data.get("inputs", {}).items()},
        steps={step_id: _step(step_id, step) for step_id, step in data["steps"].items()},
        outputs=_located_map(data.get("outputs", {}), ("outputs",)),
        timeout=_seconds(data),
    )


def _input(name: str, spec: dict[str, Json]) -> InputSpec:
    schema = {key: value for key, value in spec.items() if key not in ("default", "description")}
    return InputSpec(
        name=name,
        schema=schema,
        required="default" not in spec,
        default=spec.get("default"),
        description=spec.get("description", ""),
        path=("inputs", name),
    )


def _step(step_id: str, step: dict[str, Json]) -> Step:
    path: DocumentPath = ("steps", step_id)
    kind = next(key for key in step if key in KINDS)
    templates, settings = _kind_fields(kind, step, path)
    return Step(
        id=step_id,
        kind=kind,
        path=path,
        templates=templates,
        settings=settings,
        name=step.get("name"),
        needs=tuple(Located(need, (*path, "needs", index)) for index, need in enumerate(step.get("needs", ()))),
        when=_located(step, "when", path),
        foreach=_foreach(step, path),
        retry=_retry(step["retry"]) if "retry" in step else None,
        timeout=_seconds(step),
        on_error=_on_error(step, path),
        env=_located_map(step.get("env", {}), (*path, "env")),
        output=_located(step, "output", path),
    )


def _kind_fields(kind: str, step: dict[str, Json], path: DocumentPath) -> tuple[dict[str, Located], dict[str, Located]]:
    """The kind's fields by how they are read: (templates, settings), named as in `domain/kinds.py`."""
    written: dict[str, Located] = {}
    value, at = step[kind], (*path, kind)
    if kind == "prompt" and isinstance(value, dict):
        written["prompt.file"] = Located(value["file"], (*at, "file"))
    elif kind == "run":
        written["script" if isinstance(value, str) else "argv"] = Located(value, at)
    elif kind == "ask" and isinstance(value, str):
        written["message"] = Located(value, at)
    elif kind in ("ask", "remember"):
        written.update(_located_map(value, at))
    else:
        written[kind] = Located(value, at)
    known = KINDS[kind]
    for name in (*known.templates, *known.settings):
        if name in step and name not in written and name != kind:
            written[name] = Located(step[name], (*path, name))
    templates = {name: located for name, located in written.items() if name in known.templates}
    return templates, {name: located for name, located in written.items() if name not in known.templates}


def _foreach(step: dict[str, Json], path: DocumentPath) -> Foreach | None:
    if "foreach" not in step:
        return None
    return Foreach(
        items=Located(step["foreach"], (*path, "foreach")),
        as_name=step.get("as", "item"),
        max_parallel=step.get("max_parallel"),
        fail_fast=step.get("fail_fast", False),
    )


def _retry(value: Json) -> Retry:
    if isinstance(value, int):
        return Retry(max=value)
    usual = Retry()
    return Retry(
        max=int(value["max"]),
        delay=parse_duration(value["delay"]) if "delay" in value else usual.delay,
        max_delay=parse_duration(value["max_delay"]) if "max_delay" in value else usual.max_delay,
        on=tuple(value.get("on", TRANSIENT)),
        exit_codes=tuple(value.get("exit_codes", ())),
    )


def _on_error(step: dict[str, Json], path: DocumentPath) -> OnError:
    value = step.get("on_error", "fail")
    if isinstance(value, dict):
        return OnError("value", Located(value["value"], (*path, "on_error", "value")))
    return OnError(value)


def _seconds(owner: dict[str, Json]) -> float | None:
    return parse_duration(owner["timeout"]) if "timeout" in owner else None


def _located(owner: dict[str, Json], key: str, path: DocumentPath) -> Located | None:
    return Located(owner[key], (*path, key)) if key in owner else None


def _located_map(value: dict[str, Any], path: DocumentPath) -> dict[str, Located]:
    return {name: Located(element, (*path, name)) for name, element in value.items()}
