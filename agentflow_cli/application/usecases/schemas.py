"""The JSON Schema of workflow files, for editors."""

from __future__ import annotations

from pathlib import Path

from agentflow_cli.foundation.files import storage_error
from agentflow_cli.language.schema.files import schema_text


def workflow_schema() -> str:
    """The schema as it is published."""
    return schema_text()


def write_schema(path: Path) -> None:
    """Write it for others to read: it is no secret. CannotCreateError, StorageError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(workflow_schema(), encoding="utf-8")
    except OSError as error:
        raise storage_error(error, f"cannot write {path}") from error
