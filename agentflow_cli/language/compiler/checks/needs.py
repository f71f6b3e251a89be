"""`needs`: each names another step."""

from __future__ import annotations

import itertools

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics
from agentflow_cli.diagnostics.span import Span
from agentflow_cli.foundation.closest import closest, told
from agentflow_cli.language.compiler.blocks import StepBlock, homes_of, steps_with_blocks
from agentflow_cli.language.compiler.slips import value_slip
from agentflow_cli.language.expressions.scope import ROOTS
from agentflow_cli.language.loader.load import Loaded


def check_needs(loaded: Loaded, diagnostics: Diagnostics) -> None:
    """Report unknown and own names; and a name of `as` that hides another."""
    document = loaded.document
    homes: dict[str, StepBlock] = {}
    for step, block in steps_with_blocks(loaded.workflow):
        steps = block.steps
        for located in step.needs:
            name = located.value
            if name in steps and name != step.id:
                continue
            if diagnostics.is_full:
                return
            span = document.span(located.path)
            if name == step.id:
                diagnostics.add(Diagnostic("AF323", f"step `{name}` needs itself", span, label="this very step",
                                           help="remove it"))  # fmt: skip
            elif "steps" not in loaded.workflow.unknown:
                if block.find(name) is not None:
                    diagnostics.add(_elsewhere(step.id, name, block, span))
                    continue
                if name in (homes := homes or homes_of(loaded.workflow)):
                    diagnostics.add(_out_of_reach(homes[name], step.id, name, block, span))
                    continue
                most = diagnostics.most_compared
                others = list(itertools.islice((other for other in steps if other != step.id), max(most, 12) + 1))
                compared = len(others) <= most
                near = closest(name, others) if compared else None
                fix = value_slip(document, located.path, name, others) if compared else None
                listed = ", ".join(f"`{other}`" for other in others[:12]) + (", …" if len(others) > 12 else "")
                help = told(f"did you mean `{near}`?" if near else "", f"steps: {listed}")
                diagnostics.add(Diagnostic("AF321", f"step `{step.id}` needs `{name}`, but there is no such step", span,
                                           label="not a step", help=help if others else None, fix=fix))  # fmt: skip
        name = step.foreach.as_name if step.foreach else "item"
        if name != "item" and (name in ROOTS or name == "loop"):
            diagnostics.add(Diagnostic("AF303", f"`as: {name}` would hide the name `{name}`",
                                       document.span((*step.path, "as")), label="has a meaning already",
                                       help="choose another name"))  # fmt: skip


def _out_of_reach(home: StepBlock, step_id: str, name: str, block: StepBlock, span: Span) -> Diagnostic:
    """A name of a step inside a group, or of one that runs after the end of the run: `home` is its block."""
    if home.group is None:
        help = f"it is a step of `{home.section}`, which runs when all others have settled"
    elif home.group.id in block.steps:
        around = home.group.id
        help = f"it is inside the group `{around}`: write `needs: [{around}]`, which waits for all of it"
    else:
        help = f"it is inside the group `{home.group.id}`, and only the steps of that group can need it"
    return Diagnostic("AF321", f"step `{step_id}` needs `{name}`, which is out of its reach", span,
                      label="not among these steps", help=help)  # fmt: skip


def _elsewhere(step_id: str, name: str, block: StepBlock, span: Span) -> Diagnostic:
    """A name of a step that is there, but not one that this step could wait for."""
    if block.group is not None:
        help = f"write it under `needs` of the group `{block.group.id}`, which waits for all of its steps"
        where = f"is not a step of the group `{block.group.id}`"
    else:
        help = f"remove it: the steps of `{block.section}` run when all others have settled"
        where = f"is not a step of `{block.section}`"
    return Diagnostic("AF321", f"step `{step_id}` needs `{name}`, which {where}", span, label="not among these steps",
                      help=help)  # fmt: skip
