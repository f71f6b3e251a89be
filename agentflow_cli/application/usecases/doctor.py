"""Check this installation: what is there, what is missing, and what to do about it."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.application.runtime.paths import user_cache_directory, user_state_directory
from agentflow_cli.foundation.errors import AgentflowError


@dataclass(frozen=True, slots=True)
class Finding:
    """`state` is `ok`, `missing` (something optional) or `broken` (something needed)."""

    name: str
    state: str
    detail: str
    todo: str = ""


NEEDED = ("typer", "rich", "pyyaml", "jsonschema", "jsonschema-rs", "jinja2", "networkx", "litellm", "chromadb",
          "diskcache", "watchfiles", "textual")  # fmt: skip
EXTRAS = {"embedded": ("xllamacpp", "wordllama")}
_WAL_FIXED = (3, 51, 3)
_STRICT = (3, 37)
"""The first with strict tables."""


def examine(container: Container) -> list[Finding]:
    """Everything that was looked at, in a fixed order. Nothing heavy is imported, nothing is connected to."""
    return list(_findings(container))


def _findings(container: Container) -> Iterator[Finding]:
    version = platform.python_version()
    enough = sys.version_info >= (3, 11)
    yield Finding("Python", "ok" if enough else "broken", version, "" if enough else "install Python 3.11 or newer")
    yield from _libraries()
    yield _sqlite()
    environment = container.environment
    yield _directory("cache directory", user_cache_directory(environment))
    yield _directory("state directory", user_state_directory(environment))
    yield _directory("project state", container.state)
    yield _tool("bash", "scripts of `run` steps need it", environment)
    yield from _models(container)


def _libraries() -> Iterator[Finding]:
    missing = [name for name in NEEDED if _version(name) is None]
    if missing:
        yield Finding("libraries", "broken", f"missing: {', '.join(missing)}", "pip install agentflow-yaml")
    else:
        yield Finding("libraries", "ok", f"{len(NEEDED)} of {len(NEEDED)}")
    for extra, names in EXTRAS.items():
        absent = [name for name in names if _version(name) is None]
        if absent:
            todo = f"pip install 'agentflow-yaml[{extra}]'"
            yield Finding(f"extra {extra}", "missing", f"missing: {', '.join(absent)}", todo)
        else:
            yield Finding(f"extra {extra}", "ok", ", ".join(f"{name} {_version(name)}" for name in names))


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def _sqlite() -> Finding:
    version = sqlite3.sqlite_version
    detail = version
    if sqlite3.sqlite_version_info < _WAL_FIXED:
        detail += "; its known WAL bug cannot strike here, for each run has one writer"
    if sqlite3.sqlite_version_info < _STRICT:
        return Finding("SQLite", "broken", version, "use a Python with SQLite 3.37 or newer")
    return Finding("SQLite", "ok", detail)


def _directory(name: str, path: Path) -> Finding:
    """Whether it can be written, or made: nothing is made."""
    current = path
    while not current.exists() and current != current.parent:
        current = current.parent
    if not current.is_dir() or not os.access(current, os.W_OK | os.X_OK):
        return Finding(name, "broken", f"{path} cannot be written", f"make {current} writable for you")
    if current == path and path.stat().st_uid != os.getuid():
        return Finding(name, "broken", f"{path} belongs to somebody else", "remove it, or use another place")
    return Finding(name, "ok", str(path) + ("" if current == path else " (will be made)"))


def _tool(name: str, why: str, environment: dict[str, str]) -> Finding:
    found = shutil.which(name, path=environment.get("PATH"))
    return Finding(name, "ok", found) if found else Finding(name, "missing", f"not found; {why}", f"install {name}")


def _models(container: Container) -> Iterator[Finding]:
    from agentflow_cli.application.usecases.run import default_model
    from agentflow_cli.application.usecases.trust import requests, trust_command
    from agentflow_cli.services.llm.catalog import list_models

    try:
        default = container.models.resolve(default_model(container, None))
        yield Finding("default model", "ok", default)
    except AgentflowError as error:
        yield Finding("default model", "broken", error.message, error.hint or "")
    try:
        asked = requests(container)
        missing = [each.alias for each in asked if not each.granted]
        if missing:
            said = f"this project asks for addresses or keys that are not granted: {', '.join(missing)}"
            yield Finding("trust", "missing", said, trust_command(container.root))
        elif asked:
            yield Finding("trust", "ok", f"granted: {', '.join(each.alias for each in asked)}")
    except AgentflowError as error:
        yield Finding("trust", "broken", error.message, error.hint or "agentflow validate")
    embedded = next((m for m in list_models(container.environment) if m.name.startswith("embedded/")), None)
    if embedded is not None:
        if embedded.ready:
            yield Finding("embedded model", "ok", embedded.how)
        else:
            yield Finding("embedded model", "missing", "its weights are fetched when first used", embedded.how)
