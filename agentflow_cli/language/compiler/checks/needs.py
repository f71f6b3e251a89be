"""`needs`: each names another step."""

from __future__ import annotations

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics
from agentflow_cli.foundation.closest import closest
from agentflow_cli.language.expressions.scope import ROOTS
from agentflow_cli.language.loader.load import Loaded


def check_needs(loaded: Loaded, diagnostics: Diagnostics) -> None:
    """Report unknown and own names; and a name of `as` that hides another."""
    document, steps = loaded.document, loaded.workflow.steps
    for step in steps.values():
        for located in step.needs:
            name, span = located.value, document.span(located.path)
            if name == step.id:
                diagnostics.add(Diagnostic("AF323", f"step `{name}` needs itself", span, label="this very step",
                                           help="remove it"))  # fmt: skip
            elif name not in steps:
                others = [step_id for step_id in steps if step_id != step.id]
                near = closest(name, others)
                listed = ", ".join(f"`{other}`" for other in others[:12]) + (", …" if len(others) > 12 else "")
                help = "; ".join(p for p in (f"did you mean `{near}`?" if near else "", f"steps: {listed}") if p)
                diagnostics.add(Diagnostic("AF321", f"step `{step.id}` needs `{name}`, but there is no such step", span,
                                           label="not a step", help=help if others else None))  # fmt: skip
        name = step.foreach.as_name if step.foreach else "item"
        if name != "item" and (name in ROOTS or name == "loop"):
            diagnostics.add(Diagnostic("AF303", f"`as: {name}` would hide the name `{name}`",
                                       document.span((*step.path, "as")), label="has a meaning already",
                                       help="choose another name"))  # fmt: skip
