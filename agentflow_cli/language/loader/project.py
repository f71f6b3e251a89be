"""Which project a file belongs to, what its project file says, and which paths a file of it may name."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from pathlib import Path

from agentflow_cli.diagnostics.diagnostic import Diagnostics
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.models import ModelAlias
from agentflow_cli.domain.project import TOOL_FILES, Channel, Project
from agentflow_cli.foundation.duration import parse_duration
from agentflow_cli.language.loader.files import Files, display_name
from agentflow_cli.language.loader.project_models import check_project_models
from agentflow_cli.language.loader.project_tools import check_project_tools
from agentflow_cli.language.loader.read import read_document
from agentflow_cli.language.loader.uses import looked_at
from agentflow_cli.language.schema.check import check_project_shape

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


def load_project(root: Path, diagnostics: Diagnostics, files: Files | None = None) -> Project:
    """What the project file says; findings in it go to `diagnostics`, once for the same `files`.

    Without a project file, or with one that is wrong, everything has its default.
    """
    files = files if files is not None else Files()
    key = files.identity(root)
    looked_at(root / PROJECT_FILE)
    if key not in files.projects:
        if key not in files.read_projects:
            problems = Diagnostics()
            files.read_projects[key] = (_read_project(root, problems, files), problems)
        files.projects[key], problems = files.read_projects[key]
        diagnostics.extend(problems)
    return files.projects[key]


def _read_project(root: Path, diagnostics: Diagnostics, files: Files) -> Project:
    path = root / PROJECT_FILE
    usual = Project(root.resolve().name or "project")
    if not path.is_file():
        return usual
    usual = usual._replace(whole=False)
    found = Diagnostics()
    document = read_document(path, display_name(path, root), found, files)
    if document is None:
        diagnostics.extend(found)
        return usual
    check_project_shape(document.data, document, document.broken, found)
    diagnostics.extend(found)
    name = document.data.get("name") if isinstance(document.data, dict) else None
    usual = Project(name if isinstance(name, str) and name else usual.name, PROJECT_FILE, whole=False)
    if found.has_errors:
        return usual
    project, problems = build_project(document.data, usual.name), Diagnostics()
    check_project_models(project, document, problems)
    diagnostics.extend(problems)
    check_project_tools(document, root, diagnostics)
    return project._replace(models={}, model=None, whole=False) if problems.has_errors else project


def build_project(data: dict[str, Json], name: str) -> Project:
    """The project in `data`, which the schema has accepted."""
    defaults = data.get("defaults", {})
    return Project(
        name=name,
        file=PROJECT_FILE,
        description=data.get("description", ""),
        models=model_aliases(data),
        model=defaults.get("model"),
        max_parallel=defaults.get("max_parallel"),
        timeout=parse_duration(defaults["timeout"]) if "timeout" in defaults else None,
        pass_env=tuple(defaults.get("pass_env", ())),
        tools=(*TOOL_FILES, *(posixpath.normpath(pattern) for pattern in data.get("tools", ()))),
        secrets=dict(_map(data, "secrets")),
        channels={name: Channel(tuple(channel["command"])) for name, channel in _map(data, "notify")},
    )


def model_aliases(data: dict[str, Json]) -> dict[str, ModelAlias]:
    """The entries under `models:`, which the schema has accepted."""
    return {name: _alias(value) for name, value in _map(data, "models")}


def _alias(value: Json) -> ModelAlias:
    """A model, a list of models in order of preference, or a mapping that says how the first of them is called."""
    if not isinstance(value, dict):
        return ModelAlias((value,) if isinstance(value, str) else tuple(value))
    return ModelAlias(
        names=(value["model"], *value.get("fallbacks", ())),
        temperature=value.get("temperature"),
        max_tokens=value.get("max_tokens"),
        base_url=value.get("base_url"),
        api_key=value.get("api_key"),
    )


def _map(data: dict[str, Json], key: str) -> Iterable[tuple[str, Json]]:
    found: dict[str, Json] = data.get(key, {})
    return found.items()


def resolve_inside(root: Path, base: Path, written: str) -> Path:
    """The file that `written` names in a file of the directory `base`; OutsideProjectError when it leaves `root`.

    Whether it is there is not asked. A symbolic link may stand in the path as long as it stays inside.
    """
    if "\0" in written:
        raise OutsideProjectError("a path cannot hold NUL")
    if written.startswith(("/", "~")):
        raise OutsideProjectError(f"`{written}` is an absolute path; write it relative to this file")
    looked_at(base / written)
    try:
        target = (base / written).resolve()
    except (OSError, RuntimeError) as error:
        raise OutsideProjectError(f"`{written}` cannot be followed to its end") from error
    if not target.is_relative_to(root.resolve()):
        raise OutsideProjectError(f"`{written}` leads out of the project")
    return target
