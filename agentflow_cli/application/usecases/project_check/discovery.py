"""Which files of a directory are files of the language: by where they stand, else by what they say they are."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from agentflow_cli.language.loader.project import PROJECT_FILE

HOMES = ("workflows", "agents")
"""Directories of a project whose YAML files are ours, whatever they hold."""
_OTHERS = ("examples",)
SUFFIXES = (".yaml", ".yml")
_NOT_OURS = frozenset({"node_modules", "__pycache__", "venv", "env", "site-packages", "build", "dist", "target"})
_CLAIM = re.compile(rb"^(?:\xef\xbb\xbf)?(?:\{\s*)?[\"']?apiVersion[\"']?[ \t]*:[ \t]*[\"']?agentflow/", re.MULTILINE)
_HEAD = 64 * 1024
"""Bytes in which a file has to say what it is."""


def project_files(root: Path) -> list[Path]:
    """The files of the language in the project at `root`, sorted, the project file first; empty when there are none.

    Everything directly in `workflows/` and `agents/`; deeper down, in `examples/` and in the root itself only what
    says `apiVersion: agentflow/…`: the rest is data that lies beside a workflow.
    """
    found: dict[Path, None] = {}
    for home in HOMES:
        found.update(dict.fromkeys(yaml_files(root / home)))
    for home in (*HOMES, *_OTHERS):
        found.update(dict.fromkeys(path for path in walk(root / home) if path not in found and claims(path)))
    found.update(dict.fromkeys(path for path in yaml_files(root) if path.name != PROJECT_FILE and claims(path)))
    project = root / PROJECT_FILE
    return [project, *found] if found and project.is_file() else list(found)


def directory_files(directory: Path) -> list[Path]:
    """The files that somebody means who names `directory`: those of the project there; else its own YAML files, and at
    any depth what says that it is of the language."""
    if (directory / PROJECT_FILE).is_file() or any((directory / home).is_dir() for home in HOMES):
        found = project_files(directory)
        if found:
            return found
    own = yaml_files(directory)
    return [*own, *(path for path in walk(directory) if path.parent != directory and claims(path))]


def yaml_files(directory: Path) -> list[Path]:
    """The YAML files directly in `directory`, sorted; hidden ones are left out."""
    if not directory.is_dir():
        return []
    found = (p for p in directory.iterdir() if p.suffix in SUFFIXES and not p.name.startswith("."))
    return sorted(p for p in found if p.is_file())


def walk(directory: Path) -> Iterator[Path]:
    """The YAML files in `directory` at any depth, sorted; not those of hidden directories, environments and packages.

    Links to directories are not followed.
    """
    for where, directories, names in os.walk(directory):
        here = Path(where)
        directories[:] = sorted(name for name in directories if not _is_foreign(here / name))
        yield from (here / name for name in sorted(names) if name.endswith(SUFFIXES) and name[0] != ".")


def claims(path: Path) -> bool:
    """Whether a file says `apiVersion: agentflow/…`."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as stream:
            return _CLAIM.search(stream.read(_HEAD)) is not None
    except OSError:
        return False


def _is_foreign(directory: Path) -> bool:
    return directory.name.startswith(".") or directory.name in _NOT_OURS or (directory / "pyvenv.cfg").exists()
