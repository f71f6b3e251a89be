"""The graph of a plan as Mermaid source, for pages and pull requests."""

from __future__ import annotations

import re

from agentflow_cli.domain.plan import Plan, PlanStep
from agentflow_cli.language.compiler.text_graph import notes

_UNSAFE = re.compile(r"[^\w .,:;+/=()-]")
_SHAPES = {"ask": ("{{", "}}"), "foreach": ("[[", "]]")}


def mermaid(plan: Plan) -> str:
    """A flow chart: an arrow for what is read or needed, a dotted one for what is only waited for."""
    lines = ["flowchart TD"]
    for step in plan.steps.values():
        lines.append(f"  {_node(step.id)}{_shaped(step)}")
    for step in plan.steps.values():
        required = {*step.reads, *step.needs}
        for dependency in step.dependencies:
            arrow = "-->" if dependency in required else "-.->"
            lines.append(f"  {_node(dependency)} {arrow} {_node(step.id)}")
    return "\n".join(lines) + "\n"


def _node(step_id: str) -> str:
    """A prefix keeps ids such as `end` from being words of Mermaid."""
    return f"step_{step_id}"


def _shaped(step: PlanStep) -> str:
    left, right = _SHAPES.get("foreach" if step.foreach is not None else step.kind, ("[", "]"))
    label = f"{_escaped(step.id)}<br/>{_escaped(step.kind)}"
    if about := notes(step):
        label += f"<br/>{_escaped(about)}"
    return f'{left}"{label}"{right}'


def _escaped(text: str) -> str:
    """Every character that Mermaid or HTML might read becomes an entity in Mermaid's spelling."""
    return _UNSAFE.sub(lambda found: f"#{ord(found.group())};", text)
