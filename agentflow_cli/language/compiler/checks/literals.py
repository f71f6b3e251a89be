"""Values that are taken as they are: an expression in them would silently be text."""

from __future__ import annotations

import re

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics
from agentflow_cli.domain.json_value import DocumentPath, Json
from agentflow_cli.language.compiler.blocks import steps_with_blocks
from agentflow_cli.language.compiler.checks.forgotten_braces import check_script_names
from agentflow_cli.language.compiler.checks.scripts import check_script
from agentflow_cli.language.compiler.sites import strings_in
from agentflow_cli.language.expressions.scope import ROOTS
from agentflow_cli.language.loader.document import Document
from agentflow_cli.language.loader.load import Loaded

_EXPRESSION = re.compile(r"(?<!\$)\$\{\{\s*(.*?)\s*(?:\}\}|$)", re.DOTALL)
_CHAIN = re.compile(r"(?<![\w.'\"])[a-z]+\b")


def check_literals(loaded: Loaded, diagnostics: Diagnostics) -> None:
    """Report `${{` in scripts, settings, names and defaults."""
    for step, block in steps_with_blocks(loaded.workflow):
        for name, located in step.settings.items():
            if name == "script":
                diagnostics.extend(check_script(loaded.document, step, located))
                diagnostics.extend(check_script_names(loaded, step, block, located))
            else:
                what = f"`{name.replace('.', ': ')}`"
                check_literal(loaded.document, located.value, located.path, what, diagnostics)
        if step.output is not None:
            check_literal(loaded.document, step.output.value, step.output.path, "a JSON Schema", diagnostics, ours=True)
        if step.name is not None:
            check_literal(loaded.document, step.name, (*step.path, "name"), "`name`", diagnostics)
    for name, spec in loaded.workflow.inputs.items():
        what = f"the default of input `{name}`"
        check_literal(loaded.document, spec.default, (*spec.path, "default"), what, diagnostics, ours=True)
        check_literal(loaded.document, spec.schema, spec.path, "a JSON Schema", diagnostics, ours=True)


def check_literal(
    document: Document, value: Json, path: DocumentPath, what: str, diagnostics: Diagnostics, *, ours: bool = False
) -> None:
    """Report each `${{` in `value`, which is taken literally. `ours`: only where one of our names is read; what a
    schema describes may be a text of GitHub Actions, and there is no other way to write one."""
    for inner, text in strings_in(value, path):
        for found in _EXPRESSION.finditer(text) if "${{" in text else ():
            if ours and not any(root in ROOTS for root in _CHAIN.findall(found[1])):
                continue
            span = document.within(inner, found.start(), found.end())
            message = f"{what} is taken as it is: no expression is evaluated in it"
            help = "write the value itself"
            diagnostics.add(Diagnostic("AF418", message, span, label="would stay text", help=help))
