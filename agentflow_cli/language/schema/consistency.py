"""Rules of shape that JSON Schema cannot say well: fields that need each other, values that must fit other values."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics, Secondary
from agentflow_cli.domain.form import must_be_filled
from agentflow_cli.domain.json_value import DocumentPath, Json
from agentflow_cli.domain.kinds import CACHED, KINDS, acts_outside
from agentflow_cli.domain.project import BUILT_IN_CHANNELS
from agentflow_cli.foundation.closest import closest
from agentflow_cli.foundation.duration import parse_duration
from agentflow_cli.language.schema.mending import default_fix
from agentflow_cli.language.schema.places import Places
from agentflow_cli.language.schema.step_paths import step_at, steps_of
from agentflow_cli.language.schema.validator import matches, schema_fault

_OF_FOREACH = ("as", "max_parallel", "fail_fast")


def check_consistency(data: Json, places: Places, wrong: Sequence[DocumentPath], diagnostics: Diagnostics) -> None:
    """Report what does not fit together. Values of a `wrong` shape are passed over: they have been reported."""
    inputs = data.get("inputs")
    if isinstance(inputs, dict):
        told = {path[:2] for path in wrong}
        for name, spec in inputs.items():
            if diagnostics.is_full:
                return
            if isinstance(spec, dict) and ("inputs", name) not in told:
                for misfit in _check_default(name, spec, places):
                    diagnostics.take_back("AF116", misfit.span)
                    diagnostics.add(misfit)
    refused = {at[: len(step) + 1] for at in wrong if (step := step_at(at)) is not None}
    for path, step in steps_of(data):
        if isinstance(step, dict):
            diagnostics.extend(_check_step(path, step, places, (*path, "ask") in refused))
    agents = data.get("agents")
    if isinstance(agents, dict):
        for name, agent in agents.items():
            if isinstance(agent, dict):
                check_agent_consistency(agent, ("agents", name), places, diagnostics)
    diagnostics.extend(_check_duration(data, (), "timeout", places))


def check_agent_consistency(agent: dict[str, Json], path: DocumentPath, places: Places, found: Diagnostics) -> None:
    """What does not fit together in an agent of the right shape."""
    limits = agent.get("limits")
    if isinstance(limits, dict):
        found.extend(_check_duration(limits, (*path, "limits"), "time", places))


def check_project_consistency(data: dict[str, Json], places: Places, found: Diagnostics) -> None:
    """What does not fit together in a project file of the right shape."""
    defaults, channels = data.get("defaults", {}), data.get("notify", {})
    found.extend(_check_duration(defaults, ("defaults",), "timeout", places))
    for name in channels:
        if name in BUILT_IN_CHANNELS:
            found.add(Diagnostic("AF221", f"the channel `{name}` is built in", places.key_span(("notify", name)),
                                 label="has a meaning already", help="choose another name"))  # fmt: skip
    for position, pattern in enumerate(data.get("tools", ())):
        normal = posixpath.normpath(pattern)
        if normal.startswith(("/", "../", "~")):
            found.add(Diagnostic("AF342", f"`{pattern}` leads out of the project", places.span(("tools", position)),
                                 label="outside", help="tools are files of the project"))  # fmt: skip


def _check_default(name: str, spec: dict[str, Json], places: Places) -> Iterator[Diagnostic]:
    path: DocumentPath = ("inputs", name)
    schema = {key: value for key, value in spec.items() if key not in ("default", "description")}
    if fault := schema_fault(schema):
        yield Diagnostic("AF217", f"input `{name}` is {fault[1]}", places.span((*path, *fault[0])))
        return
    yield from _misfits(f"the default of input `{name}`", spec, path, places)


def _check_form(form: dict[str, Json], path: DocumentPath, places: Places) -> Iterator[Diagnostic]:
    """A default is what stands in the output where the field is left empty."""
    for name, spec in form.items():
        if isinstance(spec, dict) and "default" in spec and not schema_fault(spec):
            yield from _misfits(f"the default of field `{name}` of the form", spec, (*path, name), places)


def _misfits(what: str, spec: dict[str, Json], path: DocumentPath, places: Places) -> Iterator[Diagnostic]:
    """Why the default in the schema `spec`, which stands at `path`, does not match it."""
    if "default" in spec and not matches(spec, spec["default"]):
        from agentflow_cli.language.schema.value_problems import value_problems

        for inner, problem in value_problems(spec, spec["default"]):
            at = (*path, "default", *inner)
            declared = (Secondary(places.span((*path, "type")), "declared here"),) if "type" in spec else ()
            fix = default_fix(at, spec, places) if not inner else None
            yield Diagnostic("AF213", f"{what} does not fit: {problem}", places.span(at), secondary=declared, fix=fix)


def _check_step(path: DocumentPath, step: dict[str, Json], places: Places, ask_is_wrong: bool) -> Iterator[Diagnostic]:
    if "foreach" not in step:
        for key in _OF_FOREACH:
            if key in step and not _misspells(step, "foreach"):
                message = f"`{key}` has no meaning without `foreach`"
                yield Diagnostic(
                    "AF212",
                    message,
                    places.key_span((*path, key)),
                    label="no `foreach` here",
                    help="remove it, or add `foreach`",
                )
    yield from _check_duration(step, path, "timeout", places)
    yield from _check_duration(step, path, "wait", places)
    if step.get("cache") is True:
        yield from _check_cache(step, path, places)
    ask = step.get("ask")
    if isinstance(ask, dict) and not ask_is_wrong:
        if isinstance(ask.get("form"), dict):
            yield from _check_form(ask["form"], (*path, "ask", "form"), places)
        if "ci" in ask:
            yield from _check_ci(ask, (*path, "ask"), places)


def _misspells(step: dict[str, Json], field: str) -> bool:
    """Whether a key of the step is a slip of `field`, which has been reported."""
    from agentflow_cli.language.schema.fields import kind_fields, modifiers  # only for files with mistakes

    known = modifiers().union(*kind_fields().values())
    return any(key not in known and closest(key, known) == field for key in step)


def _check_cache(step: dict[str, Json], path: DocumentPath, places: Places) -> Iterator[Diagnostic]:
    kind = next((key for key in step if key in KINDS), None)
    if kind is None:
        return
    method = step[kind].get("method", "GET") if kind == "http" and isinstance(step[kind], dict) else "GET"
    if acts_outside(kind, {"method": method}) or kind not in CACHED:
        what = f"`{method}`" if kind == "http" else f"a `{kind}` step"
        yield Diagnostic(
            "AF218",
            f"what {what} does cannot be kept for later runs",
            places.key_span((*path, "cache")),
            label="never cached",
            help="remove it: within one run a success is never done again anyway",
        )


def _check_ci(ask: dict[str, Json], path: DocumentPath, places: Places) -> Iterator[Diagnostic]:
    choices, form, answer = ask.get("choices"), ask.get("form"), ask["ci"]
    at = (*path, "ci")
    if isinstance(choices, list) and answer not in choices:
        from agentflow_cli.language.schema.messages import not_one_of

        yield not_one_of(at, answer, choices, places)
    elif isinstance(form, dict) and choices is None:
        said = ask["required"] if isinstance(ask.get("required"), list) else None
        needed: list[Json] = [name for name in form if must_be_filled(name, form, said)]
        schema = {"type": "object", "properties": form, "required": needed, "additionalProperties": False}
        if not schema_fault(schema) and not matches(schema, answer):
            from agentflow_cli.language.schema.value_problems import value_problems

            for inner, problem in value_problems(schema, answer):
                yield Diagnostic(
                    "AF213", f"the answer for CI does not fit the form: {problem}", places.span((*at, *inner))
                )


def _check_duration(owner: dict[str, Json], path: DocumentPath, key: str, places: Places) -> Iterator[Diagnostic]:
    value = owner.get(key)
    if isinstance(value, str):
        try:
            seconds = parse_duration(value)
        except ValueError:
            return
        if seconds <= 0:
            yield Diagnostic(
                "AF210", f"`{key}` must be longer than nothing", places.span((*path, key)), help="write it like `30s`"
            )
