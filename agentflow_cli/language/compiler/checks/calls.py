"""Calls of other workflows: `with` gives the inputs that the called file declares."""

from __future__ import annotations

from collections.abc import Iterator

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics, Secondary
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.workflow import InputSpec, Step
from agentflow_cli.foundation.closest import closest
from agentflow_cli.language.compiler.blocks import StepBlock, steps_with_blocks
from agentflow_cli.language.compiler.fitting import TypeAt, misfits, types_in
from agentflow_cli.language.compiler.slips import key_slip
from agentflow_cli.language.loader.load import Loaded
from agentflow_cli.language.schema.validator import schema_fault


def check_calls(loaded: Loaded, diagnostics: Diagnostics) -> None:
    """Report inputs that are unknown, missing or of the wrong type, and files that cannot be called."""
    for step, block in steps_with_blocks(loaded.workflow):
        called = loaded.calls.get(step.path)
        if called is not None:
            diagnostics.extend(_inputs(loaded, step, block, called))
            diagnostics.extend(_callable(loaded, step, called))


def _inputs(loaded: Loaded, step: Step, block: StepBlock, called: Loaded) -> Iterator[Diagnostic]:
    given = step.templates["with"].value if "with" in step.templates else {}
    inputs = called.workflow.inputs
    path = (*step.path, "with")
    for name, value in given.items():
        if name not in inputs and "inputs" in called.workflow.unknown:
            continue
        if name not in inputs:
            near = closest(name, inputs)
            listed = f"inputs: {', '.join(f'`{other}`' for other in inputs)}" if inputs else "it has no inputs"
            yield Diagnostic("AF364", f"workflow `{called.workflow.name}` has no input `{name}`",
                             loaded.document.key_span((*path, name)), label="not an input",
                             help=f"did you mean `{near}`? {listed}" if near else listed,
                             fix=key_slip(loaded.document, (*path, name), inputs),
                             secondary=_taken(called, near))  # fmt: skip
        else:
            yield from _value(loaded, called, inputs[name], value, (*path, name), types_in(loaded, step, block))
    meant = {closest(name, inputs) for name in given if name not in inputs}
    lacking = [spec for name, spec in inputs.items() if spec.required and name not in given and name not in meant]
    if lacking:
        words = ", ".join(f"`{spec.name}`" for spec in lacking)
        yield Diagnostic("AF364", f"workflow `{called.workflow.name}` needs {words}, which `with` does not give",
                         loaded.document.span((*step.path, "workflow")), label="lacks an input",
                         help=f"add `with: {{{lacking[0].name}: …}}`",
                         secondary=_declared(called, lacking[0]))  # fmt: skip


def _taken(called: Loaded, near: str | None) -> tuple[Secondary, ...]:
    """Where the called file says what it takes: the input that was meant, or all of them."""
    inputs = called.workflow.inputs
    if near is not None:
        return (Secondary(called.document.key_span(inputs[near].path), "declared here"),)
    return (Secondary(called.document.key_span(("inputs",)), "its inputs"),) if inputs else ()


def _declared(called: Loaded, spec: InputSpec) -> tuple[Secondary, ...]:
    return (Secondary(called.document.key_span(spec.path), "declared here"),)


def _value(
    loaded: Loaded, called: Loaded, spec: InputSpec, value: Json, path: tuple[str | int, ...], type_at: TypeAt
) -> Iterator[Diagnostic]:
    """A value that is known already, or templates whose types are."""
    if schema_fault(spec.schema):
        return
    for place, problem in misfits(value, spec.schema, path, type_at):
        message = f"the input `{spec.name}` of workflow `{called.workflow.name}` does not fit: {problem}"
        yield Diagnostic("AF364", message,
                         loaded.document.span(place), label="does not fit",
                         secondary=_declared(called, spec))  # fmt: skip


def _callable(loaded: Loaded, step: Step, called: Loaded) -> Iterator[Diagnostic]:
    for section, steps in (("on_failure", called.workflow.on_failure), ("finally", called.workflow.finally_steps)):
        if steps:
            message = f"workflow `{called.workflow.name}` has `{section}`, which belongs to a run of its own"
            yield Diagnostic("AF365", message,
                             loaded.document.span((*step.path, "workflow")), label="cannot be called",
                             help=f"move the steps to `{section}` of this workflow",
                             secondary=(Secondary(called.document.key_span((section,)), "here"),))  # fmt: skip
