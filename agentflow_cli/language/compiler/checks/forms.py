"""`required` of an `ask` names fields of its form."""

from __future__ import annotations

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics
from agentflow_cli.foundation.closest import closest
from agentflow_cli.language.compiler.blocks import steps_with_blocks
from agentflow_cli.language.loader.load import Loaded


def check_forms(loaded: Loaded, diagnostics: Diagnostics) -> None:
    """Report names under `required` that are no field of the form."""
    for step, _ in steps_with_blocks(loaded.workflow):
        if step.kind != "ask" or "required" not in step.settings:
            continue
        listed = step.settings["required"]
        fields = step.settings["form"].value if "form" in step.settings else {}
        for position, name in enumerate(listed.value):
            if name not in fields:
                near = closest(name, fields)
                has = f"its fields are {', '.join(f'`{each}`' for each in fields)}" if fields else "it has no `form`"
                diagnostics.add(
                    Diagnostic("AF394", f"the form has no field `{name}`",
                               loaded.document.span((*listed.path, position)), label="not a field",
                               help=f"did you mean `{near}`?" if near else has)
                )  # fmt: skip
