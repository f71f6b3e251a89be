"""The graph of a plan as data: nodes and edges, every key always there."""

from __future__ import annotations

from typing import Any

from agentflow_cli.domain.plan import Block, Plan, PlanStep
from agentflow_cli.language.compiler.drawings.drawing import States, sections


def json_graph(plan: Plan, states: States | None = None) -> dict[str, Any]:
    """`nodes` and `edges` of the main steps, `waves`, `critical_path`, and a graph each for `on_failure` and
    `finally`, or null. Of a node with steps inside, `inner` is their graph."""
    graphs = {name: _graph(block, f"@{name}/" if name else "", states or {}) for name, block in sections(plan)}
    return {
        "workflow": plan.workflow,
        "file": plan.file,
        **graphs[""],
        "waves": [list(wave) for wave in plan.waves],
        "critical_path": list(plan.critical_path),
        "on_failure": graphs.get("on_failure"),
        "finally": graphs.get("finally"),
    }


def _graph(block: Block, prefix: str, states: States) -> dict[str, Any]:
    nodes = [_node(step, prefix, states) for step in block.steps.values()]
    edges = [
        {"from": source, "to": step.id, "required": source in (*step.reads, *step.needs)}
        for step in block.steps.values()
        for source in step.dependencies
    ]
    return {"nodes": nodes, "edges": edges}


def _node(step: PlanStep, prefix: str, states: States) -> dict[str, Any]:
    path = prefix + step.id
    state = states.get(path)
    return {
        "id": step.id,
        "path": path,
        "kind": step.kind,
        "name": step.name,
        "when": step.when,
        "foreach": step.foreach is not None,
        "repeat": None if step.repeat is None else step.repeat.max,
        "agent": None if step.agent is None else step.agent.name,
        "workflow": step.block.file if step.kind == "workflow" and step.block is not None else None,
        "line": step.line,
        "status": None if state is None else state.word,
        "inner": None if step.block is None else _graph(step.block, f"{path}/", states),
    }
