"""Which files a command line means, and reading one of them with all of its findings."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from agentflow_cli.application.usecases.project_check.discovery import directory_files, project_files, yaml_files
from agentflow_cli.diagnostics.diagnostic import Diagnostics, InvalidWorkflowError
from agentflow_cli.foundation.closest import closest
from agentflow_cli.foundation.errors import NotFoundError, UsageError
from agentflow_cli.language.compiler.checks import check_workflow
from agentflow_cli.language.loader.load import Loaded, load_workflow
from agentflow_cli.language.loader.project import find_project_root

if TYPE_CHECKING:
    from agentflow_cli.domain.plan import Plan  # `validate` makes none

STDIN = "-"
STDIN_NAME = "<stdin>"
_MOST_NAMED = 6


class Compiled(NamedTuple):
    """A workflow that may run: its frozen plan and the project that it belongs to."""

    plan: Plan
    root: Path
    warnings: Diagnostics
    sources: dict[str, str]


def find_files(paths: Sequence[str]) -> list[Path]:
    """The files that `paths` name: a directory means those of the project in it, or its own; nothing means the project.

    NotFoundError for a path that is not there.
    """
    if not paths:
        root = find_project_root(Path.cwd())
        found = project_files(root)
        if not found:
            raise NotFoundError(
                f"there are no workflows in {root / 'workflows'}",
                hint="name a file: `agentflow validate path/to/workflow.yaml`",
            )
        return [_short(path) for path in found]
    files: dict[Path, None] = {}
    for written in paths:
        path = Path(written)
        if path.is_dir():
            found = directory_files(path)
            if not found:
                raise NotFoundError(f"there are no YAML files of the language in {written}")
            files.update(dict.fromkeys(found))
        else:
            files[existing_file(written)] = None
    return list(files)


def existing_file(written: str) -> Path:
    """The file `written`, or the one in the project's `workflows/` of this name. NotFoundError with a suggestion."""
    path = Path(written)
    if path.is_file():
        return path
    if path.is_dir():
        raise UsageError(f"{written} is a directory; a workflow file is needed")
    directory = find_project_root(Path.cwd()) / "workflows"
    known = {_short(p).as_posix(): p for p in yaml_files(directory)}
    if path.exists():  # a pipe, a device: that is said where it would be read
        return path
    by_stem = {p.name.split(".")[0]: shown for shown, p in known.items()}
    if written in by_stem and "/" not in written:
        return Path(by_stem[written])
    near = closest(written, known) or by_stem.get(closest(path.name.split(".")[0], by_stem) or "")
    hint = f"did you mean {near}?" if near else _workflows_here(list(known))
    raise NotFoundError(f"there is no file {written}", hint=hint)


def _workflows_here(known: list[str]) -> str | None:
    if not known:
        return None
    return "workflows here: " + ", ".join(known[:_MOST_NAMED]) + (", …" if len(known) > _MOST_NAMED else "")


def stdin_path() -> Path:
    """Where standard input would stand if it were a file: what it names is found from here."""
    return Path.cwd() / "stdin.yaml"


def read_stdin() -> str:
    """Standard input as text. What is no UTF-8 becomes a lone surrogate, which the loader reports at its place."""
    stream = getattr(sys.stdin, "buffer", None)
    if stream is None:
        return sys.stdin.read()
    return bytes(stream.read()).decode("utf-8", "surrogateescape")


def load_checked(written: str, diagnostics: Diagnostics, sources: dict[str, str]) -> Loaded | None:
    """One workflow, its shape and its meaning checked; None when its shape is wrong."""
    if written == STDIN:
        path, text, display = stdin_path(), read_stdin(), STDIN_NAME
    else:
        path, text, display = existing_file(written), None, None
    loaded = load_workflow(path, find_project_root(path), diagnostics, display=display, text=text, sources=sources)
    if loaded is not None:
        check_workflow(loaded, diagnostics, sources)
    return loaded


def compile_workflow(written: str) -> Compiled:
    """The plan of the workflow file `written` (`-`: standard input). InvalidWorkflowError when it has errors."""
    diagnostics, sources = Diagnostics(), dict[str, str]()
    loaded = load_checked(written, diagnostics, sources)
    if loaded is None or diagnostics.has_errors:
        raise InvalidWorkflowError(diagnostics, sources)
    from agentflow_cli.language.compiler.compile import compile_plan

    return Compiled(compile_plan(loaded), loaded.root, diagnostics, sources)


def _short(path: Path) -> Path:
    current = Path.cwd()
    return path.relative_to(current) if path.is_relative_to(current) else path
