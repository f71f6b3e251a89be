"""The graph of a plan as Mermaid source, for pages and pull requests."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentflow_cli.domain.plan import Block, Plan, PlanStep
from agentflow_cli.language.compiler.drawings.drawing import COLOURS, States, label_lines, sections

MOST_EDGES = 500
"""Viewers of Mermaid draw no more by themselves."""

_UNSAFE = re.compile(r"[^\w .,:;+/=()-]")
_NO_ID = re.compile(r"[^A-Za-z0-9_]")
_SHAPES = {"ask": ("{{", "}}"), "foreach": ("[[", "]]")}


def mermaid(plan: Plan, states: States | None = None) -> str:
    """A flow chart: an arrow for what is read or needed, a dotted one for what is only waited for.

    Groups and called workflows are boxes around their steps, and so are the steps that run when the run settles. With
    the `states` of a run each box has its word and its colour.
    """
    drawn = _Drawing(states or {})
    lines = ["flowchart TD"]
    for name, block in sections(plan):
        if name:
            lines += [f'  subgraph {name}_steps["{name}"]', *drawn.block(block, name, "    ", f"@{name}/"), "  end"]
        else:
            lines += drawn.block(block, "step", "  ", "")
    return "\n".join([*lines, *drawn.classes()]) + "\n"


def edges(block: Block) -> int:
    """How many arrows the drawing of a block has, those inside its groups included."""
    inner = sum(edges(step.block) for step in block.steps.values() if step.block is not None)
    return inner + sum(len(step.dependencies) for step in block.steps.values())


class _Drawing:
    def __init__(self, states: States) -> None:
        self._states = states
        self._nodes: dict[str, list[str]] = {}
        """Word → the nodes in that state."""

    def block(self, block: Block, prefix: str, indent: str, path: str) -> Iterator[str]:
        """`prefix` keeps ids such as `end` from being words of Mermaid, and inner ids apart from all others."""
        for step in block.steps.values():
            node = _node(prefix, step.id)
            state = self._states.get(path + step.id)
            if state is not None:
                self._nodes.setdefault(state.word, []).append(node)
            label = "<br/>".join(_escaped(line) for line in label_lines(step, state))
            if step.block is None:
                yield f"{indent}{node}{_shaped(step, label)}"
            else:
                yield f'{indent}subgraph {node}["{label}"]'
                yield from self.block(step.block, f"{node}In", f"{indent}  ", f"{path}{step.id}/")
                yield f"{indent}end"
        for step in block.steps.values():
            required = {*step.reads, *step.needs}
            for dependency in step.dependencies:
                arrow = "-->" if dependency in required else "-.->"
                yield f"{indent}{_node(prefix, dependency)} {arrow} {_node(prefix, step.id)}"

    def classes(self) -> Iterator[str]:
        """The colours of the states that occur."""
        for word, nodes in self._nodes.items():
            fill, line = COLOURS.get(word, COLOURS["pending"])
            name = "is_" + _NO_ID.sub("_", word)
            dashes = ",stroke-dasharray:4 3" if word in ("skipped", "cancelled", "pending") else ""
            yield f"  classDef {name} fill:{fill},stroke:{line},color:#212529{dashes}"
            yield f"  class {','.join(nodes)} {name}"


def _node(prefix: str, step_id: str) -> str:
    return f"{prefix}_{_NO_ID.sub(lambda found: f'_{ord(found.group())}_', step_id)}"


def _shaped(step: PlanStep, label: str) -> str:
    left, right = _SHAPES.get("foreach" if step.foreach is not None else step.kind, ("[", "]"))
    return f'{left}"{label}"{right}'


def _escaped(text: str) -> str:
    """Every character that Mermaid or HTML might read becomes an entity in Mermaid's spelling."""
    return _UNSAFE.sub(lambda found: f"#{ord(found.group())};", text)
