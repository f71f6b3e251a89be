"""The files that a workflow runs from disk: Python functions and scripts. A resume must find them unchanged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from agentflow_cli.domain.workflow import Step
from agentflow_cli.language.compiler.blocks import steps_with_blocks
from agentflow_cli.language.compiler.definitions import locate_module
from agentflow_cli.language.loader.load import Loaded
from agentflow_cli.language.loader.project import OutsideProjectError, resolve_inside

_SCRIPT_PATH = re.compile(r"(?<![\w/.$}-])(?:\./)?[\w.-]+(?:/[\w.-]+)*")
_SUFFIXES = frozenset({".py", ".sh", ".bash", ".js", ".mjs", ".ts", ".rb", ".pl", ".awk", ".jq", ".sql"})


def code_files(loaded: Loaded) -> dict[str, Path]:
    """Path from the project's root → the file. What is only named at run time cannot be seen."""
    root = loaded.root.resolve()
    found = {}
    for step, _ in steps_with_blocks(loaded.workflow):
        for path in _of_step(loaded, step):
            if path.is_file() and path.is_relative_to(root):
                found[path.relative_to(root).as_posix()] = path
    return found


def _of_step(loaded: Loaded, step: Step) -> Iterator[Path]:
    if step.kind == "python":
        module = step.settings["python"].value.rpartition(":")[0]
        base = loaded.path.absolute().parent
        path = _inside(loaded.root, base, module) if module.endswith(".py") else locate_module(loaded.root, module)
        if path is not None:
            yield path.resolve()
    elif step.kind == "run":
        # A command starts in the project's root.
        for word in _words(step):
            path = _inside(loaded.root, loaded.root, word)
            if path is not None and _is_program(path):
                yield path


def _is_program(path: Path) -> bool:
    try:
        return path.is_file() and (path.suffix in _SUFFIXES or bool(path.stat().st_mode & 0o100))
    except OSError:  # a word that can be no name of a file
        return False


def _words(step: Step) -> Iterator[str]:
    if "script" in step.settings:
        yield from _SCRIPT_PATH.findall(step.settings["script"].value)
    elif "argv" in step.templates:
        yield from (word for word in step.templates["argv"].value if isinstance(word, str) and "${{" not in word)


def _inside(root: Path, base: Path, written: str) -> Path | None:
    try:
        return resolve_inside(root, base, written)
    except (OutsideProjectError, OSError):
        return None
