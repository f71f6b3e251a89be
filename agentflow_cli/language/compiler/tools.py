"""The tools that a project offers, by name: built in, or functions of its Python files, which are read, not run."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from agentflow_cli.language.compiler.definitions import UnreadableSourceError
from agentflow_cli.language.compiler.python_source import Parameters, tool_functions
from agentflow_cli.language.loader.load import Loaded
from agentflow_cli.language.loader.uses import listed, looked_at

BUILT_IN: Mapping[str, Parameters] = {
    "http_get": Parameters(("url",), (), False, schemas={"url": {"type": "string"}}),
    "read_file": Parameters(
        ("path",),
        ("start", "lines"),
        False,
        schemas={
            "path": {"type": "string"},
            "start": {"type": "integer", "minimum": 1},
            "lines": {"type": "integer", "minimum": 1},
        },
    ),
}


class ToolNames(NamedTuple):
    """`refused` are names of functions that look like tools and are none, with the reason."""

    tools: Mapping[str, Parameters]
    refused: Mapping[str, str]


def project_tools(loaded: Loaded) -> ToolNames:
    """The tools of the project of `loaded`; its files are looked for once in one check."""
    kept, key = loaded.files.derived, ("tools", loaded.root)
    found = kept.get(key)
    if not isinstance(found, ToolNames):
        found = kept[key] = tool_names(loaded.root, loaded.project.tools)
    return found


def tool_names(root: Path, patterns: tuple[str, ...]) -> ToolNames:
    """The tools of the project at `root` whose files match `patterns`: `name` where it is the only one, and always
    `file.name`."""
    inside = root.resolve()
    found = []
    for pattern in patterns:
        listed(root, pattern)
    for path in sorted({path for pattern in patterns for path in root.glob(pattern)}):
        if path.suffix == ".py" and not path.name.startswith("_") and path.resolve().is_relative_to(inside):
            looked_at(path)
            with contextlib.suppress(OSError):
                status = path.stat()
                found.append((path, status.st_mtime_ns, status.st_size))
    return _read(tuple(found))


@functools.lru_cache(maxsize=8)
def _read(files: tuple[tuple[Path, int, int], ...]) -> ToolNames:
    """Of files with their times and sizes, by which a change is seen."""
    tools: dict[str, Parameters] = dict(BUILT_IN)
    refused: dict[str, str] = {}
    several: set[str] = set()
    for path, _, _ in files:
        try:
            found = tool_functions(path)
        except UnreadableSourceError as error:
            refused[path.stem] = f"{path.name} is not Python: {error}"
            continue
        for name, parameters in found.items():
            if isinstance(parameters, str):
                refused[name] = refused[f"{path.stem}.{name}"] = f"{path.name}: {parameters}"
                continue
            tools[f"{path.stem}.{name}"] = parameters
            if name in tools:
                several.add(name)
            tools.setdefault(name, parameters)
    for name in several - BUILT_IN.keys():
        del tools[name]
        refused[name] = "several files have it; write `file.name`"
    return ToolNames(tools, {name: why for name, why in refused.items() if name not in tools})
