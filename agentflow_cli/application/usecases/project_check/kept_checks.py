"""What was found in files, kept in the user's cache directory until something that it depends on changes.

One JSON file for each project and current directory. It belongs to exactly one build of the tool; what cannot be
read or is not as it was written counts as absent. Nothing here makes a check fail.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import agentflow_cli
from agentflow_cli.application.runtime.paths import user_cache_directory
from agentflow_cli.application.usecases.project_check.disk_state import DiskState
from agentflow_cli.application.usecases.project_check.findings_json import (
    from_json,
    read_span,
    span_json,
    to_json,
)
from agentflow_cli.application.usecases.project_check.verdict import Name, Verdict
from agentflow_cli.domain.json_value import Json
from agentflow_cli.foundation.errors import AgentflowError
from agentflow_cli.foundation.files import write_private_file
from agentflow_cli.foundation.stamp import check_stamp, stamp_directory
from agentflow_cli.language.schema.files import schema_path

_FORMAT = 1
_LARGEST = 32 * 1024 * 1024
"""Bytes that one project may take."""
_MOST_PROJECTS = 100
_MOST_FINDINGS = 500
"""A file with more is checked each time."""


class KeptChecks:
    """The verdicts on the files of the project at `root`."""

    def __init__(self, root: Path, disk: DiskState, directory: Path | None = None) -> None:
        self._directory = directory if directory is not None else checks_directory()
        place = f"{root.resolve()}\0{Path.cwd()}".encode("utf-8", "surrogateescape")
        self._path = self._directory / f"{hashlib.sha256(place).hexdigest()[:32]}.json"
        self._disk = disk
        self._build = _build()
        self._records = self._read()
        self._changed = False

    def get(self, path: Path) -> Verdict | None:
        """What was found in `path`, if it would be found again."""
        try:
            uses, findings, kind, name = self._records[str(path)]
            if not uses or any(self._disk.of((what, Path(where))) != state for what, where, state in uses):
                return None
            seen = frozenset((str(what), Path(where)) for what, where, _ in uses)
            own = None if name is None else Name(str(name[0]), read_span(name[1]))
            return Verdict(path, str(kind), tuple(map(from_json, findings)), seen, own)
        except (KeyError, TypeError, ValueError, OSError):
            return None

    def put(self, verdict: Verdict) -> None:
        """Keep what was found, unless it stands on something that has no lasting state."""
        key = str(verdict.path)
        self._changed = self._records.pop(key, None) is not None or self._changed
        states = [[what, str(where), self._disk.of((what, where))] for what, where in sorted(verdict.uses)]
        if len(verdict.findings) > _MOST_FINDINGS or any(state is None for _, _, state in states):
            return
        name = None if verdict.name is None else [verdict.name.text, span_json(verdict.name.span)]
        self._records[key] = [states, [to_json(found) for found in verdict.findings], verdict.kind, name]
        self._changed = True

    def save(self) -> None:
        """Write what is new; where the directory cannot be written, nothing is kept."""
        if not self._changed:
            return
        try:
            data = json.dumps({"format": _FORMAT, "build": self._build, "files": self._records}).encode()
            if len(data) <= _LARGEST:
                stamp_directory(self._directory)
                self._make_room()
                write_private_file(self._path, data)
        except (AgentflowError, OSError, ValueError):
            return

    def _make_room(self) -> None:
        kept = sorted(self._directory.glob("*.json"), key=lambda path: path.stat().st_mtime)
        for path in kept[: max(0, len(kept) - _MOST_PROJECTS + 1)]:
            if path != self._path:
                path.unlink(missing_ok=True)

    def _read(self) -> dict[str, Any]:
        try:
            with self._path.open("rb") as stream:
                data = stream.read(_LARGEST + 1)
            check_stamp(self._directory)
            value = json.loads(data) if len(data) <= _LARGEST else None
        except (AgentflowError, OSError, ValueError, RecursionError):
            return {}
        if not isinstance(value, dict) or value.get("format") != _FORMAT or value.get("build") != self._build:
            return {}
        records = value.get("files")
        return records if isinstance(records, dict) else {}


def checks_directory() -> Path:
    """Where verdicts are kept."""
    return user_cache_directory(os.environ) / "checks"


def forget_checks(directory: Path | None = None) -> int:
    """Remove all of them; how many projects there were. NotTrustedError when the directory is not this user's."""
    directory = directory if directory is not None else checks_directory()
    if not directory.is_dir():
        return 0
    check_stamp(directory)
    found = list(directory.glob("*.json"))
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)


def _build() -> Json:
    """Changes with every change of the program, also of one that is being worked on, of Python, which reads the code of
    projects, and with every installation of a library."""
    package = Path(agentflow_cli.__file__).parent
    digest = hashlib.sha256(f"{agentflow_cli.__version__} {sys.version}".encode())
    for entry in sys.path:
        if entry.endswith(("site-packages", "dist-packages")) and Path(entry).is_dir():
            digest.update(f"{entry} {Path(entry).stat().st_mtime_ns};".encode("utf-8", "surrogateescape"))
    for directory in (*(package / name for name in ("foundation", "diagnostics", "domain", "language", "application")),
                      schema_path().parent):  # fmt: skip
        for where, directories, names in os.walk(directory):
            directories[:] = sorted(name for name in directories if name != "__pycache__")
            for name in sorted(names):
                status = os.stat(os.path.join(where, name))  # noqa: PTH116, PTH118
                digest.update(f"{name} {status.st_size} {status.st_mtime_ns};".encode())
    return digest.hexdigest()
