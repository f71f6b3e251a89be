"""`run` with a list: its first element is one program, whatever stands in it."""

from __future__ import annotations

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics, Severity
from agentflow_cli.language.compiler.blocks import steps_with_blocks
from agentflow_cli.language.loader.load import Loaded


def check_programs(loaded: Loaded, diagnostics: Diagnostics) -> None:
    """Report a whole command where the name of a program is looked for; paths may hold spaces."""
    for step, _ in steps_with_blocks(loaded.workflow):
        argv = step.templates.get("argv") if step.kind == "run" else None
        if argv is None or not isinstance(argv.value[0], str):
            continue
        words = argv.value[0].split()
        if len(words) > 1 and not any(sign in argv.value[0] for sign in ("${{", "{%", "\\")) and "/" not in words[0]:
            span = loaded.document.span((*argv.path, 0))
            listed = ", ".join(words) if not any(sign in argv.value[0] for sign in "'\"$|&;<>*,") else None
            diagnostics.add(
                Diagnostic("AF348", "the first element of the list is the program, and no program is called that",
                           span, Severity.WARNING, "looked for as one name",
                           f"write `run: [{listed}]`" if listed and len(argv.value) == 1 else
                           "write each word as an element of its own, or the whole command as a text")
            )  # fmt: skip
