"""`output` and the fields of a form are JSON Schemas."""

from __future__ import annotations

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics
from agentflow_cli.domain.json_value import DocumentPath, Json
from agentflow_cli.language.compiler.blocks import steps_with_blocks
from agentflow_cli.language.compiler.checks.required_fields import check_required_fields
from agentflow_cli.language.compiler.checks.schema_sense import check_schema_sense
from agentflow_cli.language.loader.document import Document
from agentflow_cli.language.loader.load import Loaded
from agentflow_cli.language.schema.validator import schema_fault

_ASKED = ("prompt", "agent")
"""Kinds whose `output` a model is asked for."""


def check_schemas(loaded: Loaded, diagnostics: Diagnostics) -> None:
    """Report what is not a schema, at the part that is wrong."""

    for step, _ in steps_with_blocks(loaded.workflow):
        if step.output is not None:
            what = f"the output of step `{step.id}`"
            asked = step.kind in _ASKED
            check_schema(loaded.document, step.output.value, step.output.path, what, diagnostics, asked=asked)
        if "form" in step.settings:
            form = step.settings["form"]
            for name, schema in form.value.items():
                what = f"field `{name}` of the form"
                own = {key: value for key, value in schema.items() if key != "default"}  # told with the file's shape
                check_schema(loaded.document, own, (*form.path, name), what, diagnostics)
    for spec in loaded.workflow.inputs.values():
        if schema_fault(spec.schema) is None:  # else said with the shape of the file
            check_schema_sense(loaded.document, spec.schema, spec.path, diagnostics)


def check_schema(
    document: Document, schema: Json, path: DocumentPath, what: str, diagnostics: Diagnostics, *, asked: bool = False
) -> None:
    """Report why `schema`, which stands at `path`, is none, or cannot be meant. `asked`: a model has to answer so."""
    fault = schema_fault(schema)
    if fault is not None:
        span = document.span((*path, *fault[0]))
        help = "it is written like `{type: object, properties: {…}, required: […]}`"
        diagnostics.add(Diagnostic("AF351", f"{what} is {fault[1]}", span, label="not valid here", help=help))
        return
    check_schema_sense(document, schema, path, diagnostics)
    if asked:
        check_required_fields(document, schema, path, diagnostics)
