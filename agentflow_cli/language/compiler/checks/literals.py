"""Values that are taken as they are: an expression in them would silently be text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics
from agentflow_cli.domain.json_value import DocumentPath, Json
from agentflow_cli.domain.workflow import Located
from agentflow_cli.language.compiler.blocks import steps_with_blocks
from agentflow_cli.language.compiler.sites import strings_in
from agentflow_cli.language.loader.load import Loaded

_EXPRESSION = re.compile(r"(?<!\$)\$\{\{\s*(.*?)\s*(?:\}\}|$)", re.DOTALL)


def check_literals(loaded: Loaded, diagnostics: Diagnostics) -> None:
    """Report `${{` in scripts, settings, names and defaults."""
    for step, _ in steps_with_blocks(loaded.workflow):
        for name, located in step.settings.items():
            if name == "script":
                diagnostics.extend(_script(loaded, located))
            else:
                diagnostics.extend(_literal(loaded, located.value, located.path, f"`{name.replace('.', ': ')}`"))
        if step.name is not None:
            diagnostics.extend(_literal(loaded, step.name, (*step.path, "name"), "`name`"))
    for name, spec in loaded.workflow.inputs.items():
        diagnostics.extend(_literal(loaded, spec.default, (*spec.path, "default"), f"the default of input `{name}`"))


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


def _literal(loaded: Loaded, value: Json, path: DocumentPath, what: str) -> Iterator[Diagnostic]:
    for inner, text in strings_in(value, path):
        for found in _EXPRESSION.finditer(text):
            span = loaded.document.within(inner, found.start(), found.end())
            yield Diagnostic("AF418", f"{what} is taken as it is: no expression is evaluated in it", span,
                             label="would stay text", help="write the value itself")  # fmt: skip
