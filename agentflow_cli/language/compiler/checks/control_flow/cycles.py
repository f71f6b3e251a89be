"""Steps that wait for each other. Told from the earliest place in the file: the same text every time."""

from __future__ import annotations

import graphlib
from collections.abc import Mapping

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics, Secondary
from agentflow_cli.language.compiler.blocks import StepBlock
from agentflow_cli.language.compiler.control_flow.flow import Flow
from agentflow_cli.language.compiler.dependencies import Dependencies, place_of
from agentflow_cli.language.loader.document import Document

_MOST = 20
"""Cycles reported for one file."""


def check_cycles(flow: Flow, diagnostics: Diagnostics) -> None:
    """Report a cycle for every knot of steps."""
    for block in flow.blocks:
        _check_block(flow.loaded.document, block, flow.dependencies[block], diagnostics)


def _check_block(
    document: Document, block: StepBlock, dependencies: Mapping[str, Dependencies], diagnostics: Diagnostics
) -> None:
    steps = block.steps
    order = {step_id: position for position, step_id in enumerate(steps)}
    graph = {step_id: found.all for step_id, found in dependencies.items()}
    for _ in range(_MOST):
        found_cycle = _find(graph)
        if found_cycle is None:
            return
        cycle = found_cycle
        start = min(range(len(cycle)), key=lambda position: order[cycle[position]])
        cycle = cycle[start:] + cycle[:start]
        edges = list(zip(cycle, [*cycle[1:], cycle[0]], strict=True))
        spans = [place_of(document, steps[step], target, dependencies) for step, target in edges]
        chain = " needs ".join(f"`{step}`" for step in (*cycle, cycle[0]))
        if len(cycle) > 8:
            chain = " needs ".join(f"`{step}`" for step in cycle[:6]) + f" … needs `{cycle[0]}`"
        diagnostics.add(
            Diagnostic("AF314", f"steps wait for each other: {chain}", spans[0],
                       label=f"`{edges[0][0]}` needs `{edges[0][1]}` here", help="remove one of these reads",
                       secondary=tuple(Secondary(span, f"`{step}` needs `{target}` here")
                                       for span, (step, target) in list(zip(spans, edges, strict=True))[1:8]))
        )  # fmt: skip
        knot = set(cycle)
        graph = {step: [t for t in targets if t not in knot] for step, targets in graph.items() if step not in knot}


def _find(graph: Mapping[str, list[str]]) -> list[str] | None:
    """A cycle, each step followed by one that it needs; None when there is none."""
    sorter = graphlib.TopologicalSorter(graph)
    try:
        sorter.prepare()
    except graphlib.CycleError as error:
        found: list[str] = error.args[1]
        return found[:0:-1]  # graphlib names predecessors first, and the first one twice
    return None
