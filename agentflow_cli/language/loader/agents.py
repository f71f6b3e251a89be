"""The agents that a workflow may call: written in it, named by a path, or found in the project's `agents/`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics, Severity
from agentflow_cli.domain.agent import Agent
from agentflow_cli.domain.workflow import Located, Step, Workflow
from agentflow_cli.foundation.closest import closest, told
from agentflow_cli.language.loader.document import Document
from agentflow_cli.language.loader.files import Files, add_used, display_name, is_file, project_path, stem
from agentflow_cli.language.loader.project import OutsideProjectError, resolve_inside
from agentflow_cli.language.loader.read import read_document
from agentflow_cli.language.loader.structure import build_agent
from agentflow_cli.language.loader.uses import listed
from agentflow_cli.language.schema.check import check_agent_shape

DELEGATE = "agent:"
"""How a tool's name begins that is another agent."""


class LoadedAgent(NamedTuple):
    """An agent whose shape is right. `file` is relative to the project's root: its own, or that of its workflow."""

    agent: Agent
    document: Document
    file: str
    inline: bool
    """It stands in a workflow."""


def load_agent(
    path: Path, root: Path, diagnostics: Diagnostics, files: Files, display: str | None = None, text: str | None = None
) -> LoadedAgent | None:
    """One agent file; None, with diagnostics, when its shape is wrong. What was said once is not said again."""
    key = files.identity(path)
    if key not in files.agents:
        found = Diagnostics()
        document = read_document(path, display or display_name(path, root), found, files, text)
        if document is not None:
            check_agent_shape(document.data, document, document.broken, found)
        loaded = None
        if document is not None and not any(d.severity is Severity.ERROR for d in found):
            agent = build_agent(document.data, default_name=stem(path, "agent"))
            loaded = LoadedAgent(agent, document, project_path(path, root), inline=False)
        files.agents[key] = loaded
        diagnostics.extend(found)
    return files.agents[key]


def catalogue(root: Path) -> dict[str, Path]:
    """The project's agents: the name by which steps and agents call one → its file."""
    directory = root / "agents"
    listed(directory, "*")
    if not directory.is_dir():
        return {}
    found = sorted(p for p in directory.iterdir() if p.suffix in (".yaml", ".yml") and p.is_file())
    return {path.name.split(".")[0]: path for path in found}


class Agents:
    """Finds the agents of one workflow, and those that they delegate to."""

    def __init__(self, workflow: Workflow, document: Document, path: Path, root: Path, files: Files) -> None:
        self._workflow, self._document, self._path, self._root, self._files = workflow, document, path, root, files
        self._catalogue = catalogue(root)
        self.found: dict[str, LoadedAgent | None] = {}
        """By what steps and tools call it; None for one that has been reported."""

    def load(self, diagnostics: Diagnostics) -> None:
        """Everything that `agents:` declares, that steps use, and that these delegate to."""
        for name, located in self._workflow.agents.items():
            self.found[name] = self._declared(name, located, diagnostics)
        for step in _agent_steps(self._workflow):
            self._use(step.settings["agent"], self._document, diagnostics)
        todo = [agent for agent in self.found.values() if agent is not None]
        for agent in todo:
            for tool in agent.agent.tools:
                name = tool.value.removeprefix(DELEGATE)
                if name != tool.value and name not in self.found:
                    self._use(tool, agent.document, diagnostics)
                    added = self.found.get(name)
                    if added is not None:
                        todo.append(added)

    def _declared(self, name: str, located: Located, diagnostics: Diagnostics) -> LoadedAgent | None:
        if located.value is None:
            return None
        if isinstance(located.value, dict):
            agent = build_agent(located.value, default_name=name, path=located.path)
            return LoadedAgent(agent, self._document, self._workflow.file, inline=True)
        return self._from_path(located, located.value, self._document, diagnostics)

    def _use(self, located: Located, document: Document, diagnostics: Diagnostics) -> None:
        """The agent that a step or a tool names."""
        written = located.value
        name = written.removeprefix(DELEGATE)
        if name in self.found:
            return
        if "${{" in name:
            self.found[name] = None  # said by the check of literals
        elif name in self._catalogue:
            found = Diagnostics()
            self.found[name] = load_agent(self._catalogue[name], self._root, found, self._files)
            add_used(found, document.span(located.path), "used here", diagnostics)
        elif written == name and ("/" in name or name.endswith((".yaml", ".yml"))):
            self.found[name] = self._from_path(located, name, document, diagnostics)
        elif "agents" in self._workflow.unknown:
            self.found[name] = None
        else:
            self.found[name] = None
            known = list(dict.fromkeys((*self._workflow.agents, *self._catalogue)))
            near = closest(name, known)
            listed = f"agents: {', '.join(f'`{other}`' for other in known[:12])}" if known else ""
            otherwise = "write it in `agents/`, or under `agents:` of the workflow"
            help = told(f"did you mean `{near}`?" if near else "", listed or otherwise)
            start = len(written) - len(name)
            diagnostics.add(
                Diagnostic("AF361", f"there is no agent `{name}`", document.within(located.path, start, len(written)),
                           label="not an agent", help=help)
            )  # fmt: skip

    def _from_path(
        self, located: Located, written: str, document: Document, diagnostics: Diagnostics
    ) -> LoadedAgent | None:
        span = document.span(located.path)
        try:
            path = resolve_inside(self._root, self._path.absolute().parent, written)
        except OutsideProjectError as error:
            diagnostics.add(Diagnostic("AF361", f"an agent's file stays inside the project: {error}", span))
            return None
        if not is_file(path):
            known = "; ".join(f"`{name}`" for name in self._catalogue)
            help = "paths are relative to the file in which they stand" + (f"; `agents/` has {known}" if known else "")
            diagnostics.add(Diagnostic("AF361", f"there is no file `{written}`", span, label="not a file", help=help))
            return None
        found = Diagnostics()
        loaded = load_agent(path, self._root, found, self._files)
        add_used(found, span, "used here", diagnostics)
        return loaded


def _agent_steps(workflow: Workflow) -> Iterator[Step]:
    for steps in (workflow.steps, workflow.on_failure, workflow.finally_steps):
        for step in all_steps(steps):
            if step.kind == "agent":
                yield step


def all_steps(steps: Mapping[str, Step]) -> Iterator[Step]:
    """Steps and their inner steps, at any depth."""
    for step in steps.values():
        yield step
        yield from all_steps(step.steps)
