"""The JSON Schemas of workflow, agent and project files, installed where editors find them, and that of findings."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from agentflow_cli.foundation.closest import closest
from agentflow_cli.foundation.errors import CannotCreateError, NotFoundError
from agentflow_cli.foundation.files import storage_error
from agentflow_cli.foundation.jsonc import UnclearError, add_members
from agentflow_cli.language.schema.files import load_schema, schema_path, schema_text

DIRECTORY = "schemas"
"""Of a project: where `init` and `new` put what their modelines name."""
SETTINGS = ".vscode/settings.json"
KEY = "yaml.schemas"
MATCHES = {
    "workflow": ["workflows/*.yaml", "workflows/*.yml", "*.agentflow.yaml", "*.agentflow.yml"],
    "agent": ["agents/*.yaml", "agents/*.yml"],
    "project": ["agentflow.yaml"],
}
"""Each schema, and the files of a project that it is for."""
PRINTED = ("findings",)
"""Schemas of what this program writes: there is nothing in a project that they are for."""


@dataclass(frozen=True, slots=True)
class SchemaInfo:
    """One schema: what it is for, where it lies, which files it fits."""

    name: str
    about: str
    path: Path
    matches: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Installed:
    """What an installation did, or would do. Paths relative to the project's root."""

    root: Path
    written: tuple[str, ...]
    """New, or brought up to date."""
    current: tuple[str, ...]
    refused: tuple[tuple[str, str, str], ...]
    """Files that were left alone: path, why, and what to do by hand."""

    @property
    def complete(self) -> bool:
        """Whether nothing is left to do by hand."""
        return not self.refused


def schemas() -> list[SchemaInfo]:
    """All schemas. FileNotFoundError when the installation is broken."""
    return [
        SchemaInfo(name, str(load_schema(name)["description"]), schema_path(name), tuple(matches))
        for name, matches in {**MATCHES, **dict.fromkeys(PRINTED, ())}.items()
    ]


def published_schema(name: str) -> str:
    """The schema `name` as it is published. NotFoundError with a suggestion."""
    known = (*MATCHES, *PRINTED)
    if name not in known:
        near = closest(name, known)
        raise NotFoundError(
            f"there is no schema `{name}`",
            hint=f"did you mean `{near}`?" if near else f"there are {', '.join(known)}",
            next_command="agentflow schema --list",
        )
    return schema_text(name)


def write_schema(path: Path, name: str = "workflow") -> None:
    """Write it for others to read: it is no secret. NotFoundError, CannotCreateError, StorageError."""
    _write(path, published_schema(name))


def install(root: Path, *, dry: bool = False) -> Installed:
    """Put the schemas into the project and tell VS Code of them; with `dry` only say what that would change.

    Files that are no schemas of ours, and settings that cannot be added to without guessing, are left alone.
    CannotCreateError, StorageError.
    """
    written: list[str] = []
    current: list[str] = []
    refused: list[tuple[str, str, str]] = []
    for name in MATCHES:
        path = f"{DIRECTORY}/{name}.schema.json"
        before, text = _read(root / path), schema_text(name)
        if before is not None and not _is_ours(before, name):
            refused.append((path, "it is no schema of agentflow", "move it out of the way"))
            continue
        _settle(root, path, before, text, written, current, dry)
    before = _read(root / SETTINGS)
    try:
        text = add_members(before or "", KEY, {_from_root(name): matches for name, matches in MATCHES.items()})
    except UnclearError as why:
        refused.append((SETTINGS, str(why), f"add to it:\n{_by_hand()}"))
    else:
        _settle(root, SETTINGS, before, text, written, current, dry)
    return Installed(root, tuple(written), tuple(current), tuple(refused))


def _settle(
    root: Path, path: str, before: str | None, text: str, written: list[str], current: list[str], dry: bool
) -> None:
    if before == text:
        current.append(path)
        return
    written.append(path)
    if not dry:
        target = root / path
        if not target.resolve().is_relative_to(root.resolve()):
            raise CannotCreateError(f"{path} leads out of the project", hint="it is a link; replace it by a file")
        _write(target, text)


def _from_root(name: str) -> str:
    return f"./{DIRECTORY}/{name}.schema.json"


def _by_hand() -> str:
    entries = {_from_root(name): matches for name, matches in MATCHES.items()}
    lines = json.dumps({KEY: entries}, indent=2).splitlines()[1:-1]
    return "\n".join(f"    {line}" for line in lines)


def _is_ours(text: str, name: str) -> bool:
    """Whether the text is some version of this schema."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and str(found.get("$id", "")).endswith(f"/{name}.schema.json")


def _read(path: Path) -> str | None:
    """The file's text, None when there is none; text that is no UTF-8 comes back as what JSON never is."""
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        return "\ufffd"
    except OSError as error:
        raise storage_error(error, f"cannot read {path}") from error


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))
    except OSError as error:
        raise storage_error(error, f"cannot write {path}") from error
