"""Runs to files and back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from agentflow_cli import __version__
from agentflow_cli.application.runtime.container import Container
from agentflow_cli.foundation.errors import DamagedDataError, NotFoundError

_RUN = re.compile(r"[0-9a-z]{6}-[0-9a-z]{8}")


@dataclass(frozen=True, slots=True)
class Exported:
    run: str
    path: Path
    events: int


def export_run(container: Container, run: str, path: Path | None) -> Exported:
    """Write the run to `path`, by default `WORKFLOW-RUN.zip` here. NotFoundError, CannotCreateError, StorageError."""
    from agentflow_cli.services.journal.archive import export_run

    reader = container.runs.reader(run)
    try:
        target = path if path is not None else Path(f"{reader.plan().workflow}-{reader.run[:6]}.zip")
        return Exported(reader.run, target, export_run(reader, target, __version__))
    finally:
        reader.close()


def import_run(container: Container, path: Path) -> str:
    """The full id under which the run in the file is known here. Nothing of it is executed.

    NotFoundError; DamagedDataError when it is no exported run; CannotCreateError when it is here already.
    """
    from agentflow_cli.services.journal.archive import Archive

    if not path.is_file():
        raise NotFoundError(f"there is no file {path}", hint="`agentflow runs export` writes one")
    archive = Archive(path)
    try:
        if not _RUN.fullmatch(archive.run):
            raise DamagedDataError(f"{path} cannot be imported: it does not say which run it is")
        container.prepare_state()
        return container.runs.adopt(archive.plan(), archive.run, archive.records())
    finally:
        archive.close()
