"""Which project a file belongs to, what it is called, and which paths a file of it may name."""

from __future__ import annotations

from pathlib import Path

from agentflow_cli.diagnostics.diagnostic import Diagnostics
from agentflow_cli.language.loader.source_text import check_text, read_source, without_mark
from agentflow_cli.language.loader.yaml_reader import read_yaml

PROJECT_FILE = "agentflow.yaml"


class OutsideProjectError(ValueError):
    """A path that leads out of the project; the message is a sentence about it."""


def find_project_root(start: Path) -> Path:
    """The project that the file or directory `start` belongs to.

    The nearest directory above it with `agentflow.yaml`, else with `.git`, else with `.agentflow`; else the current
    directory when `start` is below it, else the directory of `start`.
    """
    start = start.absolute()
    directory = start if start.is_dir() else start.parent
    for mark in (PROJECT_FILE, ".git", ".agentflow"):
        for candidate in (directory, *directory.parents):
            if (candidate / mark).exists():
                return candidate
    current = Path.cwd()
    return current if directory.is_relative_to(current) else directory


def project_name(root: Path) -> str:
    """`name:` of the project file, else the directory's name."""
    file = root / PROJECT_FILE
    if file.is_file():
        ignored = Diagnostics()  # what is wrong in it is said by whoever reads all of it
        text = without_mark(read_source(file, PROJECT_FILE, ignored) or "")
        document = read_yaml(text, PROJECT_FILE, ignored) if check_text(text, PROJECT_FILE, ignored) else None
        if document is not None and isinstance(document.data, dict):
            name = document.data.get("name")
            if isinstance(name, str) and name:
                return name
    return root.resolve().name or "project"


def resolve_inside(root: Path, base: Path, written: str) -> Path:
    """The file that `written` names in a file of the directory `base`; OutsideProjectError when it leaves `root`.

    Whether it is there is not asked. A symbolic link may stand in the path as long as it stays inside.
    """
    if "\0" in written:
        raise OutsideProjectError("a path cannot hold NUL")
    if written.startswith(("/", "~")):
        raise OutsideProjectError(f"`{written}` is an absolute path; write it relative to this file")
    try:
        target = (base / written).resolve()
    except (OSError, RuntimeError) as error:
        raise OutsideProjectError(f"`{written}` cannot be followed to its end") from error
    if not target.is_relative_to(root.resolve()):
        raise OutsideProjectError(f"`{written}` leads out of the project")
    return target
