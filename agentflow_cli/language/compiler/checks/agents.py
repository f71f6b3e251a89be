"""Agents: what their instructions read, which tools they have, and that they do not delegate in a circle."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics, Secondary
from agentflow_cli.diagnostics.span import Span
from agentflow_cli.domain.project import Project
from agentflow_cli.domain.workflow import Workflow
from agentflow_cli.language.compiler.blocks import steps_with_blocks
from agentflow_cli.language.compiler.checks.agent_limits import bounded_by_steps, check_agent_limits, check_wider_limits
from agentflow_cli.language.compiler.checks.expressions import check_expressions
from agentflow_cli.language.compiler.checks.literals import check_literal
from agentflow_cli.language.compiler.checks.models import check_agent_model
from agentflow_cli.language.compiler.checks.references import check_references
from agentflow_cli.language.compiler.checks.schemas import check_schema
from agentflow_cli.language.compiler.checks.types import check_types
from agentflow_cli.language.compiler.dependencies import references_in
from agentflow_cli.language.compiler.sites import agent_sites
from agentflow_cli.language.loader.agents import DELEGATE, LoadedAgent
from agentflow_cli.language.loader.files import Files, add_used
from agentflow_cli.language.loader.load import Loaded


def check_agents(loaded: Loaded, diagnostics: Diagnostics) -> None:
    """Report what is wrong with the agents that a workflow may call."""
    bounded = bounded_by_steps(loaded)
    for name, agent in loaded.agents.items():
        if agent is None:
            continue
        if agent.inline:
            sites = list(agent_sites(agent.document, agent.agent.instructions, f"agent `{agent.agent.name}`"))
            check_references(loaded, sites, diagnostics)
            check_types(loaded, sites, diagnostics)
            _check_alone(agent, loaded.project, loaded.root, diagnostics)
            if name not in bounded:
                diagnostics.extend(check_agent_limits(agent, loaded.project, loaded.root))
        else:
            found = Diagnostics()
            check_agent(agent, loaded.project, loaded.root, loaded.files, found)
            add_used(found, _use(loaded, name), "used here", diagnostics)
            diagnostics.extend(_inputs(loaded, name, agent))
    diagnostics.extend(check_wider_limits(loaded))
    diagnostics.extend(_circles(loaded))


def check_agent(agent: LoadedAgent, project: Project, root: Path, files: Files, diagnostics: Diagnostics) -> None:
    """Report what is wrong with an agent file by itself; what was checked once among `files` is not checked again."""
    key = root / agent.file
    if key in files.checked:
        return
    files.checked.add(key)
    sites = list(agent_sites(agent.document, agent.agent.instructions, f"agent `{agent.agent.name}`"))
    nothing = Loaded(agent.document, Workflow(agent.agent.name, agent.file, "", {}, {}, {}), root, key, files)
    check_references(nothing, sites, diagnostics, any_input=True)
    check_types(nothing, sites, diagnostics)
    _check_alone(agent, project, root, diagnostics)
    diagnostics.extend(check_agent_limits(agent, project, root))


def _check_alone(agent: LoadedAgent, project: Project, root: Path, diagnostics: Diagnostics) -> None:
    own, document = agent.agent, agent.document
    check_expressions(agent_sites(document, own.instructions, f"agent `{own.name}`"), diagnostics)
    if own.tools:
        from agentflow_cli.language.compiler.checks.tools import check_agent_tools

        check_agent_tools(agent, project, root, diagnostics)
    if own.output is not None:
        what = f"the output of agent `{own.name}`"
        check_schema(document, own.output.value, own.output.path, what, diagnostics, asked=True)
        check_literal(document, own.output.value, own.output.path, "a JSON Schema", diagnostics)
    for tool in own.tools:
        check_literal(document, tool.value, tool.path, "the name of a tool", diagnostics)
    check_agent_model(agent, project, diagnostics)
    if own.model is not None:
        check_literal(document, own.model, (*own.path, "model"), "`model`", diagnostics)


def _inputs(loaded: Loaded, name: str, agent: LoadedAgent) -> Iterator[Diagnostic]:
    """Inputs that an agent of a file of its own reads, and that this workflow does not have."""
    if "inputs" in loaded.workflow.unknown:
        return
    place = _use(loaded, name)
    for site, reference in references_in(agent_sites(agent.document, agent.agent.instructions, "")):
        missing = reference.root == "inputs" and reference.path and reference.path[0] not in loaded.workflow.inputs
        if missing and place is not None and not reference.optional:
            read = site.span(reference.start, reference.end)
            message = (
                f"agent `{agent.agent.name}` reads `inputs.{reference.path[0]}`, and this workflow has no such input"
            )
            yield Diagnostic("AF311", message, place, label="needs it", help="declare it under `inputs:`",
                             secondary=(Secondary(read, "read here"),))  # fmt: skip


def _use(loaded: Loaded, name: str) -> Span | None:
    if name in loaded.workflow.agents:
        return loaded.document.key_span(("agents", name))
    for step, _ in steps_with_blocks(loaded.workflow):
        if step.kind == "agent" and step.settings["agent"].value == name:
            return loaded.document.span(step.settings["agent"].path)
    return None


def _circles(loaded: Loaded) -> Iterator[Diagnostic]:
    """Each circle of delegation, told from the agent that comes first."""
    done: set[str] = set()
    for start in loaded.agents:
        circle = _circle(loaded, start, done)
        done.add(start)
        if circle is not None:
            done.update(circle)
            agent = loaded.agents[circle[-1]]
            assert agent is not None
            tool = next(t for t in agent.agent.tools if t.value == DELEGATE + circle[0])
            names = " delegates to ".join(f"`{name}`" for name in (*circle, circle[0]))
            yield Diagnostic("AF367", f"agents delegate to each other in a circle: {names}",
                             agent.document.span(tool.path), label="closes the circle",
                             help="remove one of these tools")  # fmt: skip


def _circle(loaded: Loaded, start: str, done: set[str]) -> list[str] | None:
    """A way from `start` back to it; those through agents that are `done` have been told."""
    ways = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        agent = loaded.agents.get(way[-1])
        for tool in agent.agent.tools if agent is not None else ():
            name = tool.value.removeprefix(DELEGATE)
            if name == tool.value or name in done:
                continue
            if name == start:
                return way
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return None
