"""Any file of the language, checked by what it is: a workflow, an agent, or the project file."""

from __future__ import annotations

from pathlib import Path

from agentflow_cli.diagnostics.diagnostic import Diagnostics
from agentflow_cli.domain.json_value import Json
from agentflow_cli.language.compiler.checks import check_workflow
from agentflow_cli.language.compiler.checks.agents import check_agent
from agentflow_cli.language.loader.agents import load_agent
from agentflow_cli.language.loader.files import Files, display_name
from agentflow_cli.language.loader.load import load_workflow
from agentflow_cli.language.loader.project import PROJECT_FILE, load_project
from agentflow_cli.language.loader.read import read_document


def check_file(
    path: Path,
    root: Path,
    diagnostics: Diagnostics,
    files: Files,
    display: str | None = None,
    text: str | None = None,
) -> str:
    """Add everything that is wrong with one file and with what it names; `workflow`, `agent` or `project`.

    Nothing of the project is executed. What was checked once among the same `files` is not checked again. `display`
    is its name in spans and `text` its content where it is not read from disk.
    """
    document = read_document(path, display or display_name(path, root), Diagnostics(), files, text)
    kind = kind_of(path, None if document is None else document.data)
    if kind == "project":
        load_project(path.parent, diagnostics, files)
    elif kind == "agent":
        project = load_project(root, diagnostics, files)
        agent = load_agent(path, root, diagnostics, files, display, text)
        if agent is not None:
            check_agent(agent, project, root, files, diagnostics)
    else:
        loaded = load_workflow(path, root, diagnostics, display=display, text=text, files=files)
        if loaded is not None:
            check_workflow(loaded, diagnostics, files.sources)
    return kind


def kind_of(path: Path, data: Json) -> str:
    """What a file is, by its name and its fields; `workflow` when they do not tell."""
    if path.name == PROJECT_FILE:
        return "project"
    if not isinstance(data, dict) or "steps" in data:
        return "workflow"
    in_catalogue = path.absolute().parent.name == "agents" and path.absolute().parent.parent.name != "workflows"
    return "agent" if "instructions" in data or in_catalogue else "workflow"
