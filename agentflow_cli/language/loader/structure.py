"""A document of the right shape to domain objects: each field in its place, with its path. No checks of meaning."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

from agentflow_cli.domain.agent import Agent
from agentflow_cli.domain.failure import TRANSIENT
from agentflow_cli.domain.json_value import DocumentPath, Json
from agentflow_cli.domain.kinds import KINDS
from agentflow_cli.domain.retry import Retry
from agentflow_cli.domain.workflow import Foreach, InputSpec, Located, OnError, Repeat, Step, Workflow
from agentflow_cli.foundation.closest import closest
from agentflow_cli.foundation.duration import parse_duration
from agentflow_cli.language.schema.files import load_schema
from agentflow_cli.language.schema.step_paths import step_at


def build_workflow(
    data: dict[str, Json], *, default_name: str, file: str, wrong: Iterable[DocumentPath] = ()
) -> Workflow:
    """The workflow in `data`. `file` is relative to the project root.

    `wrong` are the paths that the schema has refused: a step, input or agent that holds one is only known to be there.
    """
    return _Builder(frozenset(wrong)).workflow(data, default_name, file)


class _Builder:
    def __init__(self, wrong: frozenset[DocumentPath]) -> None:
        self._wrong = wrong
        self._broken = {step_at(path) or path[:2] for path in wrong}
        self._wrong_fields = {
            path[: len(step) + depth] for path in wrong if (step := step_at(path)) for depth in (1, 2)
        }
        """The fields of steps, and the fields of those, that are wrong or hold something wrong."""

    def workflow(self, data: dict[str, Json], default_name: str, file: str) -> Workflow:
        name, description = data.get("name"), data.get("description")
        return Workflow(
            name=name if isinstance(name, str) and ("name",) not in self._wrong else default_name,
            file=file,
            description=description if isinstance(description, str) else "",
            inputs={name: self._input(name, spec) for name, spec in _map(data, "inputs").items()},
            steps=self._steps(_map(data, "steps"), ("steps",)),
            outputs=_located_map(_map(data, "outputs"), ("outputs",)),
            timeout=_seconds(data) if ("timeout",) not in self._wrong else None,
            finally_steps=self._steps(_map(data, "finally"), ("finally",)),
            on_failure=self._steps(_map(data, "on_failure"), ("on_failure",)),
            ci=data.get("ci") is True,
            unknown=self._unknown_sections(data) if self._wrong else frozenset(),
            agents={
                name: Located(None if ("agents", name) in self._broken else value, ("agents", name))
                for name, value in _map(data, "agents").items()
            },
        )

    def _unknown_sections(self, data: dict[str, Json]) -> frozenset[str]:
        from agentflow_cli.language.schema.other_words import meant  # only for files with mistakes

        fields = load_schema()["properties"]
        others = itertools.islice((key for key in data if key not in fields and not key.startswith("x-")), 100)
        near = {other for key in others for other in (meant(key, fields), closest(key, fields))}
        return frozenset(
            name
            for name in ("inputs", "steps", "agents")
            if (name in near and name not in data) or (name in data and not isinstance(data[name], dict))
        )

    def _input(self, name: str, spec: Json) -> InputSpec:
        path: DocumentPath = ("inputs", name)
        if path in self._broken or not isinstance(spec, dict):
            return InputSpec(name, {}, False, None, "", path)
        schema = {key: value for key, value in spec.items() if key not in ("default", "description")}
        return InputSpec(
            name=name,
            schema=schema,
            required="default" not in spec,
            default=spec.get("default"),
            description=spec.get("description", ""),
            path=path,
        )

    def _steps(self, steps: dict[str, Json], path: DocumentPath) -> dict[str, Step]:
        return {step_id: self._step(step_id, step, (*path, step_id)) for step_id, step in steps.items()}

    def _step(self, step_id: str, step: Json, path: DocumentPath) -> Step:
        if path in self._broken or not isinstance(step, dict):
            fragments = self._fragments(step_id, step, path) if isinstance(step, dict) else None
            return Step(step_id, "", path, whole=False, fragments=fragments)
        kind = next(key for key in step if key in KINDS)
        templates, settings = _kind_fields(kind, step, path)
        outputs = templates.pop("outputs", None) if kind == "steps" else None
        return Step(
            id=step_id,
            kind=kind,
            path=path,
            templates=templates,
            settings=settings,
            name=step.get("name"),
            needs=_located_list(step, "needs", path),
            when=_located(step, "when", path),
            foreach=_foreach(step, path),
            retry=_retry(step["retry"]) if "retry" in step else None,
            timeout=_seconds(step),
            on_error=_on_error(step, path),
            env=_located_map(step.get("env", {}), (*path, "env")),
            output=_located(step, "output", path),
            repeat=_repeat(step, path),
            steps=self._steps(step["steps"], (*path, "steps")) if kind == "steps" else {},
            outputs={} if outputs is None else _located_map(outputs.value, outputs.path),
            cache=step.get("cache", False),
            idempotent=step.get("idempotent", False),
            on_crash=step.get("on_crash", "repeat"),
            secrets=_located_list(step, "secrets", path),
        )

    def _fragments(self, step_id: str, step: dict[str, Json], path: DocumentPath) -> Step:
        """What is right of a step of a wrong shape."""

        def right(key: str, *types: type) -> bool:
            return isinstance(step.get(key), types) and (*path, key) not in self._wrong_fields

        def located(owner: Json, key: str, at: DocumentPath) -> Located | None:
            there = isinstance(owner, dict) and key in owner and (*at, key) not in self._wrong_fields
            return Located(owner[key], (*at, key)) if there else None

        name = step.get("as", "item")
        # `until` of a group reads its inner steps, and whether it is one is not known without a kind.
        repeat = step.get("repeat") if any(key in KINDS for key in step) else None
        return Step(
            step_id,
            "",
            path,
            templates=self._right_templates(step, path),
            when=located(step, "when", path) if right("when", str) else None,
            foreach=Foreach(Located(step["foreach"], (*path, "foreach")), name)
            if right("foreach", str, list) and isinstance(name, str)
            else None,
            env=_located_map(step["env"], (*path, "env")) if right("env", dict) else {},
            on_error=OnError("value", located(step.get("on_error"), "value", (*path, "on_error"))),
            repeat=Repeat(1, located(repeat, "until", (*path, "repeat"))) if isinstance(repeat, dict) else None,
            steps=self._steps(step["steps"], (*path, "steps")) if isinstance(step.get("steps"), dict) else {},
            outputs=_located_map(step["outputs"], (*path, "outputs"))
            if right("outputs", dict) and right("steps", dict)
            else {},
            whole=False,
        )

    def _right_templates(self, step: dict[str, Json], path: DocumentPath) -> dict[str, Located]:
        kinds = [key for key in step if key in KINDS]
        if len(kinds) != 1 or kinds[0] == "steps":
            return {}
        kind = kinds[0]
        mapping = isinstance(step[kind], dict)
        if kind in ("remember", "http", "notify") and not mapping:
            return {}
        if kind == "ask" and not isinstance(step[kind], str | dict):
            return {}
        if kind == "prompt" and mapping:
            return {}  # a file, or something wrong
        templates, _ = _kind_fields(kind, step, path)
        return {name: found for name, found in templates.items() if found.path not in self._wrong_fields}


def build_agent(data: dict[str, Json], *, default_name: str, path: DocumentPath = ()) -> Agent:
    """The agent in `data`, which the schema has accepted; `path` leads to it in its document."""
    return Agent(
        name=data.get("name", default_name),
        path=path,
        instructions=Located(data["instructions"], (*path, "instructions")),
        version=data.get("version", ""),
        description=data.get("description", ""),
        model=data.get("model"),
        tools=_located_list(data, "tools", path),
        output=_located(data, "output", path),
        limits=read_limits(data.get("limits", {})),
        memory=data.get("memory", {}),
    )


def read_limits(limits: dict[str, Json]) -> dict[str, Json]:
    """`{turns: 8, tokens: 20k, cost: $0.10, time: 2m}` in plain numbers: tokens, dollars, seconds."""
    read: dict[str, Json] = {}
    for name, value in limits.items():
        if name == "time":
            read[name] = parse_duration(value)
        elif isinstance(value, str):
            factor = {"k": 1_000, "m": 1_000_000}.get(value[-1], 1)
            number = float(value.strip("$km")) * factor
            read[name] = number if name == "cost" else int(number)
        else:
            read[name] = value if name == "cost" else int(value)
    return read


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
    elif kind in ("ask", "remember", "http", "notify"):
        written.update(_located_map(value, at))
    elif kind != "steps":
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


def _repeat(step: dict[str, Json], path: DocumentPath) -> Repeat | None:
    if "repeat" not in step:
        return None
    value, at = step["repeat"], (*path, "repeat")
    return Repeat(int(value["max"]), _located(value, "until", at), value.get("on_max", "fail"))


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


def _located_list(owner: dict[str, Json], key: str, path: DocumentPath) -> tuple[Located, ...]:
    return tuple(Located(value, (*path, key, index)) for index, value in enumerate(owner.get(key, ())))


def _map(owner: dict[str, Json], key: str) -> dict[str, Json]:
    value = owner.get(key)
    return value if isinstance(value, dict) else {}


def _located_map(value: dict[str, Any], path: DocumentPath) -> dict[str, Located]:
    return {name: Located(element, (*path, name)) for name, element in value.items()}
