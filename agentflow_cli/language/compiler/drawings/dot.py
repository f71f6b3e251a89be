"""The graph of a plan in the language of Graphviz."""

from __future__ import annotations

from collections.abc import Iterator

from agentflow_cli.domain.plan import Block, Plan, PlanStep
from agentflow_cli.language.compiler.drawings.drawing import COLOURS, States, label_lines, one_line, sections
from agentflow_cli.language.compiler.drawings.gutter import row_order

_SHAPES = {"ask": "hexagon"}
_HEAD = (
    '  graph [compound=true, rankdir=TB, fontname="Helvetica"];',
    '  node [shape=box, style="rounded,filled", fillcolor="#ffffff", fontname="Helvetica"];',
    '  edge [color="#495057"];',
)


def dot(plan: Plan, states: States | None = None) -> str:
    """A digraph: an edge for what is read or needed, a dashed one for what is only waited for.

    Groups and called workflows are clusters around their steps, and so are the steps that run when the run settles.
    An edge to a cluster ends at its border. With the `states` of a run each box has its word and its colour.
    """
    lines = [f"digraph {_quoted(one_line(plan.workflow, 200))} {{", *_HEAD]
    for name, block in sections(plan):
        if name:
            lines += [f"  subgraph {_quoted(f'cluster_@{name}')} {{", f'    label="{name}"; style=dashed;']
            lines += [*_block(block, f"@{name}/", "    ", states or {}), "  }"]
        else:
            lines += _block(block, "", "  ", states or {})
    return "\n".join([*lines, "}"]) + "\n"


def _block(block: Block, prefix: str, indent: str, states: States) -> Iterator[str]:
    for step in block.steps.values():
        path = prefix + step.id
        state = states.get(path)
        label = _quoted("\n".join(label_lines(step, state)))
        fill, line = COLOURS.get(state.word, COLOURS["pending"]) if state is not None else ("#ffffff", "#343a40")
        if step.block is None:
            extra = f", shape={_SHAPES[step.kind]}" if step.kind in _SHAPES else ""
            extra += ", peripheries=2" if step.foreach is not None else ""
            yield f'{indent}{_quoted(path)} [label={label}, fillcolor="{fill}", color="{line}"{extra}];'
            continue
        yield f"{indent}subgraph {_quoted('cluster_' + path)} {{"
        yield f'{indent}  label={label}; style="rounded,filled"; fillcolor="{fill}"; color="{line}";'
        yield from _block(step.block, f"{path}/", f"{indent}  ", states)
        yield f"{indent}}}"
    for step in block.steps.values():
        required = {*step.reads, *step.needs}
        for dependency in step.dependencies:
            yield indent + _edge(block.steps[dependency], step, prefix, dashed=dependency not in required)


def _edge(tail: PlanStep, head: PlanStep, prefix: str, dashed: bool) -> str:
    """Between steps; a cluster cannot be an end, so that a step inside it stands for it."""
    attributes = ["style=dashed"] if dashed else []
    start, end = prefix + tail.id, prefix + head.id
    if tail.block is not None:
        attributes.append(f"ltail={_quoted('cluster_' + start)}")
    if head.block is not None:
        attributes.append(f"lhead={_quoted('cluster_' + end)}")
    said = f" [{', '.join(attributes)}]" if attributes else ""
    return f"{_quoted(_inside(tail, start, last=True))} -> {_quoted(_inside(head, end, last=False))}{said};"


def _inside(step: PlanStep, path: str, last: bool) -> str:
    """The path of the first or last step without steps of its own in `step`."""
    while step.block is not None and step.block.steps:
        step = step.block.steps[row_order(step.block)[-1 if last else 0]]
        path += f"/{step.id}"
    return path


def _quoted(text: str) -> str:
    """A string that Graphviz shows as it is: it reads escapes and entities in labels."""
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")
    return '"' + text.replace("\n", "\\n") + '"'
