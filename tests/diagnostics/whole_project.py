"""Projects written as one text: each file follows a comment with its path."""

from __future__ import annotations

import re
from pathlib import Path

from agentflow_cli.application.usecases.validate import validate
from agentflow_cli.diagnostics.report import Report

_PATH = re.compile(r"^# (\S+/\S+\.(?:yaml|yml|py))\n", re.M)


def files_of(text: str) -> dict[str, str]:
    """Path → content."""
    parts = _PATH.split(text)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def checked(text: str, root: Path) -> Report:
    """What `agentflow validate` finds in the project, which is written to `root`, the current directory."""
    for name, content in files_of(text).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content, encoding="utf-8")
    (root / "agentflow.yaml").write_text("apiVersion: agentflow/v1\n", encoding="utf-8")
    return validate([], cache=False)
