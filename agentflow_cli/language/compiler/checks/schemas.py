"""`output` and the fields of a form are JSON Schemas."""

from __future__ import annotations

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics
from agentflow_cli.domain.json_value import DocumentPath, Json
from agentflow_cli.language.compiler.blocks import steps_with_blocks
from agentflow_cli.language.loader.load import Loaded
from agentflow_cli.language.schema.validator import schema_fault


def check_schemas(loaded: Loaded, diagnostics: Diagnostics) -> None:
    """Report what is not a schema, at the part that is wrong."""

    def check(schema: Json, path: DocumentPath, what: str) -> None:
        fault = schema_fault(schema)
        if fault is not None:
            span = loaded.document.span((*path, *fault[0]))
            help = "it is written like `{type: object, properties: {…}, required: […]}`"
            diagnostics.add(Diagnostic("AF351", f"{what} is {fault[1]}", span, label="not valid here", help=help))

    for step, _ in steps_with_blocks(loaded.workflow):
        if step.output is not None:
            check(step.output.value, step.output.path, f"the output of step `{step.id}`")
        if "form" in step.settings:
            form = step.settings["form"]
            for name, schema in form.value.items():
                check(schema, (*form.path, name), f"field `{name}` of the form")
