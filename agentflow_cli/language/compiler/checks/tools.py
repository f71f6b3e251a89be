"""Tools that steps and agents name: they are there, and a step gives what the tool takes."""

from __future__ import annotations

from pathlib import Path

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics
from agentflow_cli.domain.project import Project
from agentflow_cli.domain.workflow import Located, Step
from agentflow_cli.foundation.closest import closest
from agentflow_cli.language.compiler.blocks import StepBlock, steps_with_blocks
from agentflow_cli.language.compiler.checks.functions import check_arguments, check_result
from agentflow_cli.language.compiler.slips import value_slip
from agentflow_cli.language.compiler.tools import ToolNames, project_tools, tool_names
from agentflow_cli.language.loader.agents import DELEGATE, LoadedAgent
from agentflow_cli.language.loader.document import Document
from agentflow_cli.language.loader.load import Loaded

MEMORY, MCP = "memory:", "mcp:"


def check_tools(loaded: Loaded, diagnostics: Diagnostics) -> None:
    """Report the tools of steps that are not there or cannot be called like that, and what a step's agent lacks."""
    for step, block in steps_with_blocks(loaded.workflow):
        if step.kind == "tool":
            _check_step(loaded, step, block, diagnostics)
        elif step.kind == "agent" and "tools" in step.settings:
            _check_narrowing(loaded, step, diagnostics)


def check_agent_tools(agent: LoadedAgent, project: Project, root: Path, diagnostics: Diagnostics) -> None:
    """Report the tools of an agent that are not there; other agents are looked for by the loader."""
    names = tool_names(root, project.tools)
    for located in agent.agent.tools:
        if diagnostics.is_full:
            return
        name = located.value
        if "${{" in name or name.startswith(DELEGATE):
            continue
        if name.startswith(MEMORY):
            _check_memory(agent.document, located, diagnostics)
        elif name.startswith(MCP):
            diagnostics.add(_no_mcp(agent.document, located))
        else:
            if name not in names.tools:
                diagnostics.add(_unknown(agent.document, located, names, "a tool"))
            else:
                check_result(agent.document, located, name, names.tools[name], root, diagnostics)


def _check_step(loaded: Loaded, step: Step, block: StepBlock, diagnostics: Diagnostics) -> None:
    located = step.settings["tool"]
    name = located.value
    if "${{" in name:
        return  # said by the check of literals
    span = loaded.document.span(located.path)
    if name.startswith(MCP):
        diagnostics.add(_no_mcp(loaded.document, located))
    elif name.startswith((DELEGATE, MEMORY)):
        kind = "agent" if name.startswith(DELEGATE) else "recall"
        help = f"use a step of the kind `{kind}`"
        diagnostics.add(Diagnostic("AF371", f"`{name}` is a tool for agents only", span, label="not here", help=help))
    else:
        names = project_tools(loaded)
        if name not in names.tools:
            diagnostics.add(_unknown(loaded.document, located, names, "a tool"))
        else:
            check_arguments(loaded, step, block, name, names.tools[name], located, diagnostics)
            check_result(loaded.document, located, name, names.tools[name], loaded.root, diagnostics)


def _check_narrowing(loaded: Loaded, step: Step, diagnostics: Diagnostics) -> None:
    """A step takes tools away from its agent, and never gives it others."""
    found = loaded.agents.get(step.settings["agent"].value)
    if found is None:
        return
    own = [tool.value for tool in found.agent.tools]
    listed = step.settings["tools"]
    for position, name in enumerate(listed.value):
        if diagnostics.is_full:
            return
        if name not in own and "${{" not in name:
            options = own if len(own) <= diagnostics.most_compared else []
            near = closest(name, options)
            more = ", …" if len(own) > 12 else ""
            has = f"it has {', '.join(f'`{tool}`' for tool in own[:12])}{more}" if own else "it has no tools"
            diagnostics.add(
                Diagnostic("AF366", f"the agent `{found.agent.name}` has no tool `{name}`",
                           loaded.document.span((*listed.path, position)), label="a step gives an agent no new tools",
                           help=f"did you mean `{near}`?" if near else has,
                           fix=value_slip(loaded.document, (*listed.path, position), name, options))
            )  # fmt: skip


def _unknown(document: Document, located: Located, names: ToolNames, what: str) -> Diagnostic:
    name, span = located.value, document.span(located.path)
    if name in names.refused:
        return Diagnostic("AF371", f"`{name}` is no tool: {names.refused[name]}", span, label=f"not {what}",
                          help="a tool is a function with type hints and a docstring")  # fmt: skip
    near = closest(name, names.tools)
    known = [tool for tool in names.tools if "." not in tool]
    listed = "tools: " + ", ".join(f"`{tool}`" for tool in known[:12]) + (", …" if len(known) > 12 else "")
    return Diagnostic("AF371", f"there is no tool `{name}`", span, label=f"not {what}",
                      help=f"did you mean `{near}`? {listed}" if near else listed,
                      fix=value_slip(document, located.path, name, names.tools))  # fmt: skip


def _no_mcp(document: Document, located: Located) -> Diagnostic:
    return Diagnostic("AF209", "tools of MCP servers are not in this version yet", document.span(located.path),
                      label="a later version will have them")  # fmt: skip


def _check_memory(document: Document, located: Located, diagnostics: Diagnostics) -> None:
    name = located.value.removeprefix(MEMORY)
    if not name or not all(c.isascii() and (c.isalnum() or c in "_-") for c in name) or not name[0].islower():
        diagnostics.add(Diagnostic("AF371", f"`{name}` cannot be the name of a memory", document.span(located.path),
                                   label="not a memory", help="write it like `memory:docs`"))  # fmt: skip
