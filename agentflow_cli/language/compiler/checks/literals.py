"""Values that are taken as they are: an expression in them would silently be text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics
from agentflow_cli.domain.json_value import DocumentPath, Json
from agentflow_cli.domain.workflow import Located
from agentflow_cli.language.compiler.blocks import steps_with_blocks
from agentflow_cli.language.compiler.sites import strings_in
from agentflow_cli.language.loader.document import Document
from agentflow_cli.language.loader.load import Loaded

_EXPRESSION = re.compile(r"(?<!\$)\$\{\{\s*(.*?)\s*(?:\}\}|$)", re.DOTALL)


def check_literals(loaded: Loaded, diagnostics: Diagnostics) -> None:
    """Report `${{` in scripts, settings, names and defaults."""
    for step, _ in steps_with_blocks(loaded.workflow):
        for name, located in step.settings.items():
            if name == "script":
                diagnostics.extend(_script(loaded, located))
            else:
                what = f"`{name.replace('.', ': ')}`"
                check_literal(loaded.document, located.value, located.path, what, diagnostics)
        if step.name is not None:
            check_literal(loaded.document, step.name, (*step.path, "name"), "`name`", diagnostics)
    for name, spec in loaded.workflow.inputs.items():
        what = f"the default of input `{name}`"
        check_literal(loaded.document, spec.default, (*spec.path, "default"), what, diagnostics)


def _script(loaded: Loaded, located: Located) -> Iterator[Diagnostic]:
    for found in _EXPRESSION.finditer(located.value):
        last = re.findall(r"[A-Za-z_]\w*", found.group(1))
        named = [word for word in last if word not in ("output", "inputs", "steps", "item", "tojson", "default")]
        name = (named[-1] if named else "value").upper()
        yield Diagnostic(
            "AF415",
            "values are never written into a script",
            loaded.document.within(located.path, found.start(), found.end()),
            label="would become code",
            help=f'add `env: {{{name}: "${{{{ {" ".join(found.group(1).split())} }}}}"}}` and write `"${name}"` here',
        )


def check_literal(document: Document, value: Json, path: DocumentPath, what: str, diagnostics: Diagnostics) -> None:
    """Report each `${{` in `value`, which is taken literally."""
    for inner, text in strings_in(value, path):
        for found in _EXPRESSION.finditer(text):
            span = document.within(inner, found.start(), found.end())
            message = f"{what} is taken as it is: no expression is evaluated in it"
            help = "write the value itself"
            diagnostics.add(Diagnostic("AF418", message, span, label="would stay text", help=help))
