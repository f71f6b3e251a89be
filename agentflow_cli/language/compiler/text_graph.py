"""The graph of a plan as text: the gutter, the steps, and what they are."""

from __future__ import annotations

from agentflow_cli.domain.plan import Plan, PlanStep
from agentflow_cli.foundation.terminal_text import clean
from agentflow_cli.language.compiler.gutter import gutter


def text_graph(plan: Plan, *, ascii_only: bool = False) -> list[str]:
    """One line a step (`●  classify  prompt  foreach inputs.issues`), with lines of connections between them."""
    names = max((len(step_id) for step_id in plan.steps), default=0)
    kinds = max((len(step.kind) for step in plan.steps.values()), default=0)
    lines = []
    for row in gutter(plan, ascii_only=ascii_only):
        if row.step is None:
            lines.append(row.text().rstrip())
        else:
            step = plan.steps[row.step]
            line = f"{row.text('*' if ascii_only else '●')}  {step.id:<{names}}  {step.kind:<{kinds}}  {notes(step)}"
            lines.append(line.rstrip())
    return lines


def notes(step: PlanStep, longest: int = 60) -> str:
    """What steers the step: `when …`, `foreach …`, its own name."""
    parts = []
    if step.name:
        parts.append(step.name)
    if step.foreach is not None:
        items = step.foreach.items
        parts.append(f"foreach {step.foreach.expression}" if items is None else f"foreach of {len(items)}")
    if step.when is not None:
        parts.append(f"when {step.when}")
    texts = [" ".join(clean(part, keep_newlines=False).split()) for part in parts]
    return "  ".join(text if len(text) <= longest else text[: longest - 1] + "…" for text in texts)
