"""The graph of a plan as Mermaid source, for pages and pull requests."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentflow_cli.domain.plan import Block, Plan, PlanStep
from agentflow_cli.language.compiler.text_graph import notes

_UNSAFE = re.compile(r"[^\w .,:;+/=()-]")
_SHAPES = {"ask": ("{{", "}}"), "foreach": ("[[", "]]")}


def mermaid(plan: Plan) -> str:
    """A flow chart: an arrow for what is read or needed, a dotted one for what is only waited for.

    Groups and called workflows are boxes around their steps, and so are the steps that run when the run settles.
    """
    lines = ["flowchart TD", *_block(plan.root, "step", "  ")]
    for name, steps in (("on_failure", plan.on_failure), ("finally", plan.finally_steps)):
        if steps:
            lines += [f'  subgraph {name}_steps["{name}"]', *_block(Block(steps), name, "    "), "  end"]
    return "\n".join(lines) + "\n"


def _block(block: Block, prefix: str, indent: str) -> Iterator[str]:
    """`prefix` keeps ids such as `end` from being words of Mermaid, and inner ids apart from all others."""
    for step in block.steps.values():
        node = f"{prefix}_{step.id}"
        if step.block is None:
            yield f"{indent}{node}{_shaped(step)}"
        else:
            yield f'{indent}subgraph {node}["{_label(step)}"]'
            yield from _block(step.block, f"{node}In", f"{indent}  ")
            yield f"{indent}end"
    for step in block.steps.values():
        required = {*step.reads, *step.needs}
        for dependency in step.dependencies:
            arrow = "-->" if dependency in required else "-.->"
            yield f"{indent}{prefix}_{dependency} {arrow} {prefix}_{step.id}"


def _shaped(step: PlanStep) -> str:
    left, right = _SHAPES.get("foreach" if step.foreach is not None else step.kind, ("[", "]"))
    return f'{left}"{_label(step)}"{right}'


def _label(step: PlanStep) -> str:
    label = f"{_escaped(step.id)}<br/>{_escaped(step.kind)}"
    if about := notes(step):
        label += f"<br/>{_escaped(about)}"
    return label


def _escaped(text: str) -> str:
    """Every character that Mermaid or HTML might read becomes an entity in Mermaid's spelling."""
    return _UNSAFE.sub(lambda found: f"#{ord(found.group())};", text)
