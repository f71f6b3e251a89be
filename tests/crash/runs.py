"""Runs in processes of their own that can be killed, and what their journals hold."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TypeVar

from agentflow_cli.services.journal.run_store import RunStore

AGENTFLOW = [sys.executable, "-m", "agentflow_cli"]
E = TypeVar("E")


def agentflow(directory: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """`agentflow …` in `directory`, where nobody can be asked."""
    return subprocess.run(
        [*AGENTFLOW, *arguments],
        cwd=directory,
        env={**os.environ, "CI": "1", **env},
        capture_output=True,
        text=True,
        timeout=120,
    )


def committed(directory: Path, kind: type[E]) -> list[E]:
    """The events of one kind in the journal of the last run, in their order, repeated ones included."""
    reader = RunStore(directory / ".agentflow").reader("last")
    try:
        return [record.event for record in reader.read() if isinstance(record.event, kind)]
    finally:
        reader.close()
