"""A workflow file from disk to a domain object, and with it every workflow and agent that it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics, Secondary
from agentflow_cli.diagnostics.span import Span
from agentflow_cli.domain.json_value import DocumentPath
from agentflow_cli.domain.project import Project
from agentflow_cli.domain.workflow import Step, Workflow
from agentflow_cli.language.loader.agents import Agents, LoadedAgent, all_steps
from agentflow_cli.language.loader.document import Document
from agentflow_cli.language.loader.files import DEEPEST, Files, add_used, display_name, is_file, project_path, stem
from agentflow_cli.language.loader.nearby import not_there_help
from agentflow_cli.language.loader.project import OutsideProjectError, load_project, resolve_inside
from agentflow_cli.language.loader.read import read_document
from agentflow_cli.language.loader.structure import build_workflow
from agentflow_cli.language.schema.check import check_shape

NO_PROJECT = Project("")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A workflow with everything that later stages need to check and compile it."""

    document: Document
    workflow: Workflow
    root: Path
    """The project's root."""
    path: Path
    """The file; paths written in it are relative to its directory."""
    files: Files = field(default_factory=Files)
    calls: Mapping[DocumentPath, Loaded] = field(default_factory=dict)
    """The path of a `workflow` step → the workflow that it calls. One that cannot be used is left out."""
    agents: Mapping[str, LoadedAgent | None] = field(default_factory=dict)
    """What steps and tools call an agent → the agent; None for one that cannot be used."""
    project: Project = NO_PROJECT


def load_workflow(
    path: Path,
    root: Path,
    diagnostics: Diagnostics,
    display: str | None = None,
    text: str | None = None,
    sources: dict[str, str] | None = None,
    files: Files | None = None,
) -> Loaded | None:
    """Read one workflow file, check its shape, and load what it names. Findings go to `diagnostics`.

    What has the right shape is there even when other parts are wrong; None when the file is no workflow at all.
    `display` is the file's name in spans (default: as it is reached from the current directory). `text` is its content
    where it is not read from disk (standard input). `sources` receives the text of every file by that name, so that
    frames can show it. `files` are those of the same command: what they hold is neither read nor reported again.
    """
    files = files if files is not None else Files(sources if sources is not None else {})
    project = load_project(root, diagnostics, files)
    key = files.identity(path)
    if key in files.workflows:
        return files.workflows[key]
    found = Diagnostics()
    document = read_document(path, display or display_name(path, root), found, files, text)
    wrong = None if document is None else check_shape(document.data, document, document.broken, found)
    if document is None or wrong is None:
        files.workflows[key] = None
        diagnostics.extend(found)
        return None
    workflow = build_workflow(
        document.data, default_name=stem(path, "workflow"), file=project_path(path, root), wrong=wrong
    )
    agents = Agents(workflow, document, path, root, files)
    agents.load(found)
    with files.opened(key):
        calls = _follow_calls(workflow, document, path, root, files, found)
    diagnostics.extend(found)
    loaded = files.workflows[key] = Loaded(document, workflow, root, path, files, calls, agents.found, project)
    return loaded


def _follow_calls(
    workflow: Workflow, document: Document, path: Path, root: Path, files: Files, diagnostics: Diagnostics
) -> dict[DocumentPath, Loaded]:
    calls = {}
    for section in (workflow.steps, workflow.on_failure, workflow.finally_steps):
        for step in all_steps(section):
            if step.kind == "workflow":
                called = _called(step, document, path, root, files, diagnostics)
                if called is not None:
                    calls[step.path] = called
    return calls


def _called(
    step: Step, document: Document, path: Path, root: Path, files: Files, diagnostics: Diagnostics
) -> Loaded | None:
    located = step.settings["workflow"]
    span = document.span(located.path)

    def refuse(code: str, message: str, label: str | None = None, help: str | None = None) -> None:
        diagnostics.add(Diagnostic(code, message, span, label=label, help=help))

    if "${{" in located.value:
        return None  # said by the check of literals
    try:
        target = resolve_inside(root, path.absolute().parent, located.value)
    except OutsideProjectError as error:
        refuse("AF362", f"a called workflow stays inside the project: {error}")
        return None
    if not is_file(target):
        help = not_there_help(target, located.value)
        refuse("AF362", f"there is no file `{located.value}`", "not a file", help)
        return None
    if target in files.open:
        diagnostics.add(_circle(target, span, root, files))
        return None
    if len(files.open) >= DEEPEST:
        refuse("AF363", f"workflows call each other more than {DEEPEST} deep", "one more")
        return None
    found = Diagnostics()
    files.call_spans.append(span)
    called = load_workflow(target, root, found, files=files)
    files.call_spans.pop()
    add_used(found, span, "called here", diagnostics)
    return called


def _circle(target: Path, closing: Span, root: Path, files: Files) -> Diagnostic:
    """The circle that a call of `target` at `closing` closes, told from the same file wherever it was entered."""
    begin = files.open.index(target)
    names = [project_path(file, root) for file in files.open[begin:]]
    spans = [*files.call_spans[begin:], closing]
    first = names.index(min(names))
    names, spans = names[first:] + names[:first], spans[first:] + spans[:first]
    chain = " calls ".join(f"`{name}`" for name in (*names, names[0]))
    others = zip(names[1:9], spans[1:9], strict=False)
    return Diagnostic("AF363", f"workflows call each other in a circle: {chain}", spans[0],
                      label="closes the circle" if len(names) == 1 else f"calls `{names[1]}`",
                      help="`repeat` is the loop: on a step or a group",
                      secondary=tuple(Secondary(span, f"`{name}` goes on here") for name, span in others))  # fmt: skip
