"""The graph of a plan as text: the gutter, the steps, and what they are."""

from __future__ import annotations

from agentflow_cli.domain.plan import Block, Plan, PlanStep
from agentflow_cli.foundation.terminal_text import clean
from agentflow_cli.language.compiler.gutter import gutter


def text_graph(plan: Plan, *, ascii_only: bool = False) -> list[str]:
    """One line a step (`●  classify  prompt  foreach inputs.issues`), with lines of connections between them.

    The inner steps of a group stand below it. Steps that run when the run settles follow under a line of their own.
    """
    lines = _block_lines(plan.root, ascii_only)
    for name, steps in (("on_failure", plan.on_failure), ("finally", plan.finally_steps)):
        if steps:
            lines += ["", f"{name}:", *_block_lines(Block(steps), ascii_only)]
    return lines


def _block_lines(block: Block, ascii_only: bool) -> list[str]:
    names = max((len(step_id) for step_id in block.steps), default=0)
    kinds = max((len(step.kind) for step in block.steps.values()), default=0)
    lines = []
    for row in gutter(block, ascii_only=ascii_only):
        if row.step is None:
            lines.append(row.text().rstrip())
            continue
        step = block.steps[row.step]
        line = f"{row.text('*' if ascii_only else '●')}  {step.id:<{names}}  {step.kind:<{kinds}}  {notes(step)}"
        lines.append(line.rstrip())
        if step.block is not None:
            lines += [f"{row.below}    {line}".rstrip() for line in _block_lines(step.block, ascii_only)]
    return lines


def notes(step: PlanStep, longest: int = 60) -> str:
    """What it calls and what steers it: its own name, the agent, `foreach …`, `repeat …`, `when …`."""
    parts = []
    if step.name:
        parts.append(step.name)
    if step.kind == "workflow" and step.block is not None:
        parts.append(step.block.file)
    elif step.agent is not None:
        parts.append(step.agent.name)
    elif step.kind in ("tool", "wait"):
        parts.append(str(step.settings[step.kind]))
    if step.foreach is not None:
        items = step.foreach.items
        parts.append(f"foreach {step.foreach.expression}" if items is None else f"foreach of {len(items)}")
    if step.repeat is not None:
        until = f" until {step.repeat.until}" if step.repeat.until is not None else ""
        parts.append(f"repeat up to {step.repeat.max}{until}")
    if step.when is not None:
        parts.append(f"when {step.when}")
    texts = [" ".join(clean(part, keep_newlines=False).split()) for part in parts]
    return "  ".join(text if len(text) <= longest else text[: longest - 1] + "…" for text in texts)
