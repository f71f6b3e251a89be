"""The files of one command: each read once, however often it is named."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics, Secondary
from agentflow_cli.diagnostics.span import Span

if TYPE_CHECKING:
    from agentflow_cli.domain.project import Project
    from agentflow_cli.language.loader.agents import LoadedAgent
    from agentflow_cli.language.loader.document import Document
    from agentflow_cli.language.loader.load import Loaded

DEEPEST = 32
"""Workflows that may call each other in a chain."""


@dataclass(slots=True)
class Files:
    """What was read already, and what has been said about it. `sources` receives the text of every file."""

    sources: dict[str, str] = field(default_factory=dict)
    overlay: dict[Path, str] = field(default_factory=dict)
    """Texts that stand for what is on disk, by the identity of their files: what `validate --fix` is about to write."""
    workflows: dict[Path, Loaded | None] = field(default_factory=dict)
    agents: dict[Path, LoadedAgent | None] = field(default_factory=dict)
    projects: dict[Path, Project] = field(default_factory=dict)
    """By the project's root: those whose findings have been told."""
    read_projects: dict[Path, tuple[Project, Diagnostics]] = field(default_factory=dict)
    """With what is wrong in their files."""
    identities: dict[Path, Path] = field(default_factory=dict)
    """What `identity` has answered: each answer is a look at every directory on the way."""
    documents: dict[tuple[Path, str], tuple[Document | None, Diagnostics]] = field(default_factory=dict)
    """By identity and by name, for a file has as many names as links; with what was wrong about their text."""
    checked: set[Path] = field(default_factory=set)
    """Files whose meaning was checked."""
    derived: dict[tuple[str, Path], object] = field(default_factory=dict)
    """What later stages have worked out and want to find again: by what it is, and the file or project it is about."""
    open: list[Path] = field(default_factory=list)
    """The chain of workflows that are being loaded, each called by the one before."""

    call_spans: list[Span] = field(default_factory=list)
    """Where each of `open` but the last calls the one after it."""

    def apart(self) -> Files:
        """The same texts, about which nothing has been said yet."""
        return Files(self.sources, self.overlay, documents=self.documents, read_projects=self.read_projects,
                     identities=self.identities)  # fmt: skip

    def identity(self, path: Path) -> Path:
        """The same for every way of writing the same file."""
        found = self.identities.get(path)
        if found is None:
            found = self.identities[path] = identity(path)
        return found

    @contextmanager
    def opened(self, path: Path) -> Iterator[None]:
        self.open.append(path)
        try:
            yield
        finally:
            self.open.pop()


def display_name(path: Path, root: Path) -> str:
    """A name that leads to the file from the current directory: relative where that is short, else in full."""
    here = os.getcwd()  # noqa: PTH109  strings are enough, and this is asked several times of each file
    written = os.path.normpath(path if path.is_absolute() else f"{here}{os.sep}{path}")
    if written.startswith(here + os.sep):
        return written[len(here) + 1 :].replace(os.sep, "/")  # below: nothing is shorter
    relative = os.path.relpath(written, here)
    far = relative.startswith(f"..{os.sep}..{os.sep}..") or len(relative) > len(written)
    return (written if far else relative).replace(os.sep, "/")


def identity(path: Path) -> Path:
    """The same for every way of writing the same file."""
    try:
        return path.resolve()
    except (OSError, ValueError, RuntimeError):
        return path  # no file could be there; whoever reads it says so


def is_file(path: Path) -> bool:
    """Whether there is a file; a name that no file can have, one that is too long for example, is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def project_path(path: Path, root: Path) -> str:
    """The file relative to the project's root, as plans name it."""
    absolute, base = path.absolute(), root.absolute()
    if absolute.is_relative_to(base):
        return absolute.relative_to(base).as_posix()
    resolved = path.resolve()
    return resolved.relative_to(base.resolve()).as_posix() if resolved.is_relative_to(base.resolve()) else str(absolute)


def stem(path: Path, otherwise: str) -> str:
    """The name of a file that says none: the file's, spelt as names are."""
    first = path.name.split(".")[0].lower()
    name = "".join(c if (c.isascii() and c.isalnum()) or c in "_-" else "_" for c in first).lstrip("0123456789_-")
    return name or otherwise


def add_used(found: Diagnostics, place: Span | None, label: str, diagnostics: Diagnostics) -> None:
    """Findings in a file that another one uses: each at its own place, with the place of the use."""
    for diagnostic in found:
        diagnostics.add(_used(diagnostic, place, label))


def _used(diagnostic: Diagnostic, place: Span | None, label: str) -> Diagnostic:
    if place is None or (diagnostic.span is not None and diagnostic.span.file == place.file):
        return diagnostic
    if any(second.span == place for second in diagnostic.secondary):
        return diagnostic
    return dataclasses.replace(diagnostic, secondary=(*diagnostic.secondary, Secondary(place, label)))
