"""`output` of a step that no model answers: what the step gives can be what is declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics, Secondary
from agentflow_cli.domain.json_value import DocumentPath, Json
from agentflow_cli.domain.workflow import Located, Step
from agentflow_cli.language.compiler.blocks import StepBlock, steps_with_blocks
from agentflow_cli.language.compiler.fitting import misfits, types_in, why_not
from agentflow_cli.language.compiler.schema_parts import is_plain
from agentflow_cli.language.compiler.types.workflow_types import types_of
from agentflow_cli.language.expressions.scope import Place
from agentflow_cli.language.expressions.types.lattice import Object, Type, kinds, options
from agentflow_cli.language.loader.load import Loaded
from agentflow_cli.language.schema.validator import schema_fault

_ASKED = ("prompt", "agent", "fail")
"""Kinds whose `output` tells a model how to answer, or that have none."""


def check_declared_outputs(loaded: Loaded, diagnostics: Diagnostics) -> None:
    """Report what a step always gives, or never, against its `output`: it would fail each time that it has run."""
    for step, block in steps_with_blocks(loaded.workflow):
        if diagnostics.is_full:
            return
        if step.output is not None and step.kind not in _ASKED and schema_fault(step.output.value) is None:
            diagnostics.extend(_check(loaded, step, block, step.output))


def _check(loaded: Loaded, step: Step, block: StepBlock, declared: Located) -> Iterator[Diagnostic]:
    document, schema = loaded.document, declared.value
    here = _type_place(declared)
    if step.kind == "set":
        values = step.templates["set"]
        at = types_in(loaded, step, block, "set")
        problems = list(misfits(values.value, schema, values.path, at))
    elif step.kind == "steps":
        values = Located({name: located.value for name, located in step.outputs.items()}, (*step.path, "outputs"))
        at = types_in(loaded, step, block.inner(step), "outputs", Place.GROUP_OUTPUTS)
        problems = list(misfits(values.value, schema, values.path, at)) if step.outputs else []
    else:
        found = types_of(loaded).made(step, block)
        why = why_not(found, schema)
        problems = list(_fields(found, declared)) if why is None else [(here, f"it {why}")]
        values = declared
    lacking = _lacking(values.value, schema) if values is not declared and (step.outputs or not step.steps) else None
    if lacking is not None:
        problems = [((*declared.path, "required", lacking[1]), f"it lacks `{lacking[0]}`")]
    for path, problem in problems[:1]:
        inside = path[: len(declared.path)] == declared.path
        yield Diagnostic("AF345", f"step `{step.id}` never gives what its `output` declares: {problem}",
                         document.span(path), label="never matches" if inside else "does not match",
                         help=_help(step, schema),
                         secondary=() if inside else (Secondary(document.span(here), "declared here"),))  # fmt: skip


def _type_place(declared: Located) -> DocumentPath:
    """Where the schema says the type, else the whole of it."""
    return (*declared.path, "type") if isinstance(declared.value, dict) and "type" in declared.value else declared.path


def _lacking(values: Json, schema: Json) -> tuple[str, int] | None:
    """A field that must be there and is not among those that are made, with its position in `required`."""
    if not isinstance(values, Mapping) or not is_plain(schema):
        return None
    for position, name in enumerate(schema.get("required", ())):
        if name not in values:
            return name, position
    return None


def _fields(found: Type, declared: Located) -> Iterator[tuple[DocumentPath, str]]:
    """Of an output whose fields are known: one that must be there and never is, one that is always of another type."""
    schema = declared.value if isinstance(declared.value, Mapping) else {}
    whole = [option for option in options(found) if isinstance(option, Object) and option.rest is None]
    if not whole or kinds(found) != {"object"} or not is_plain(schema):
        return
    if all(option.closed for option in whole):
        for position, name in enumerate(schema.get("required", ())):
            if all(name not in option.fields for option in whole):
                yield (*declared.path, "required", position), f"it lacks `{name}`"
    properties = schema.get("properties")
    for name, field in properties.items() if isinstance(properties, Mapping) else ():
        reasons = [why_not(option.fields[name], field) if name in option.fields else None for option in whole]
        if all(reasons):
            yield _type_place(Located(field, (*declared.path, "properties", name))), f"`{name}` {reasons[0]}"


def _help(step: Step, schema: Json) -> str | None:
    """A command whose text is JSON is the usual case."""
    if step.kind == "run" and "format" not in step.settings:
        return "read what it prints as JSON: `format: json`"
    wanted = schema.get("type") if isinstance(schema, Mapping) else None
    if step.kind == "wait" or wanted is None:
        return "remove `output`"
    return None
