"""A workflow file from disk to a domain object: text, YAML, shape, structure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from agentflow_cli.diagnostics.diagnostic import Diagnostics, Severity
from agentflow_cli.domain.workflow import Workflow
from agentflow_cli.language.loader.document import Document
from agentflow_cli.language.loader.source_text import check_text, read_source, without_mark
from agentflow_cli.language.loader.structure import build_workflow
from agentflow_cli.language.loader.yaml_reader import read_yaml
from agentflow_cli.language.schema.check import check_shape


@dataclass(frozen=True, slots=True)
class Loaded:
    """A workflow whose shape is right, with everything that later stages need to check and compile it."""

    document: Document
    workflow: Workflow
    root: Path
    """The project's root."""
    path: Path
    """The file; paths written in it are relative to its directory."""


def load_workflow(
    path: Path,
    root: Path,
    diagnostics: Diagnostics,
    display: str | None = None,
    text: str | None = None,
    sources: dict[str, str] | None = None,
) -> Loaded | None:
    """Read and check the shape of one workflow file; None, with diagnostics, when it has errors.

    `display` is the file's name in spans (default: relative to the current directory, else to the project).
    `text` is its content where it is not read from disk (standard input). `sources`, when given, receives the text
    under that name even when the file has errors, so that frames can show it.
    """
    file = display if display is not None else display_name(path, root)
    found = Diagnostics()
    document = _read(path, file, found, text, sources)
    if document is not None:
        check_shape(document.data, document, document.broken, found)
    diagnostics.extend(found)
    if document is None or any(d.severity is Severity.ERROR for d in found):
        return None
    workflow = build_workflow(document.data, default_name=_stem(path), file=_relative(path, root))
    return Loaded(document, workflow, root, path)


def _read(
    path: Path, file: str, found: Diagnostics, text: str | None, sources: dict[str, str] | None
) -> Document | None:
    text = read_source(path, file, found) if text is None else text
    if text is None:
        return None
    text = without_mark(text)
    if sources is not None:
        sources[file] = text
    if found.has_errors or not check_text(text, file, found):
        return None
    return read_yaml(text, file, found)


def display_name(path: Path, root: Path) -> str:
    """How people name the file: below the current directory, else below the project, else in full."""
    absolute = path.absolute()
    for base in (Path.cwd(), root.absolute()):
        if absolute.is_relative_to(base):
            return absolute.relative_to(base).as_posix()
    return absolute.as_posix()


def _relative(path: Path, root: Path) -> str:
    absolute, base = path.absolute(), root.absolute()
    return absolute.relative_to(base).as_posix() if absolute.is_relative_to(base) else absolute.as_posix()


def _stem(path: Path) -> str:
    """The workflow's name when it says none: the file's, spelt as names are."""
    stem = path.name.split(".")[0].lower()
    name = "".join(c if (c.isascii() and c.isalnum()) or c in "_-" else "_" for c in stem).lstrip("0123456789_-")
    return name or "workflow"
