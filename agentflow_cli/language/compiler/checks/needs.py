"""`needs`: each names another step."""

from __future__ import annotations

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics
from agentflow_cli.diagnostics.span import Span
from agentflow_cli.domain.workflow import Workflow
from agentflow_cli.foundation.closest import closest, told
from agentflow_cli.language.compiler.blocks import StepBlock, blocks_of, steps_with_blocks
from agentflow_cli.language.compiler.slips import value_slip
from agentflow_cli.language.expressions.scope import ROOTS
from agentflow_cli.language.loader.load import Loaded


def check_needs(loaded: Loaded, diagnostics: Diagnostics) -> None:
    """Report unknown and own names; and a name of `as` that hides another."""
    document = loaded.document
    for step, block in steps_with_blocks(loaded.workflow):
        steps = block.steps
        for located in step.needs:
            name, span = located.value, document.span(located.path)
            if name == step.id:
                diagnostics.add(Diagnostic("AF323", f"step `{name}` needs itself", span, label="this very step",
                                           help="remove it"))  # fmt: skip
            elif name not in steps and "steps" not in loaded.workflow.unknown:
                others = [step_id for step_id in steps if step_id != step.id]
                if block.find(name) is not None:
                    diagnostics.add(_elsewhere(step.id, name, block, span))
                    continue
                if (away := _out_of_reach(loaded.workflow, step.id, name, block, span)) is not None:
                    diagnostics.add(away)
                    continue
                compared = diagnostics.may_compare(len(others))
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


def _out_of_reach(workflow: Workflow, step_id: str, name: str, block: StepBlock, span: Span) -> Diagnostic | None:
    """A name of a step inside a group, or of one that runs after the end of the run."""
    for other in blocks_of(workflow):
        if name not in other.steps:
            continue
        if other.group is None:
            help = f"it is a step of `{other.section}`, which runs when all others have settled"
        elif other.group.id in block.steps:
            around = other.group.id
            help = f"it is inside the group `{around}`: write `needs: [{around}]`, which waits for all of it"
        else:
            help = f"it is inside the group `{other.group.id}`, and only the steps of that group can need it"
        return Diagnostic("AF321", f"step `{step_id}` needs `{name}`, which is out of its reach", span,
                          label="not among these steps", help=help)  # fmt: skip
    return None


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
