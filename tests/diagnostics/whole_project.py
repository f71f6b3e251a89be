"""Projects written as one text: each file follows a comment with its path, `# a/b.yaml`.

`# a/b.yaml is a pipe` (or `a socket`, or `a link to c.yaml`) makes what is no regular file. A first line
`$ agentflow validate a/b.yaml` names what is checked; without it, the whole project is; a project file alone is
checked alone.
"""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path

from agentflow_cli.application.usecases.validate import validate
from agentflow_cli.diagnostics.report import Report
from agentflow_cli.language.loader.project import PROJECT_FILE

_PATH = re.compile(r"^# ((?:\S+/)?\S+\.(?:yaml|yml|py|md))\n", re.M)
_STRANGE = re.compile(r"^# (\S+/\S+) is a (pipe|socket|link to \S+)\n", re.M)
_CALL = re.compile(r"\$ agentflow validate (.+)\n")


def is_project(text: str) -> bool:
    """Whether `text` is more than one workflow file."""
    return _PATH.match(text) is not None or _STRANGE.match(text) is not None


def files_of(text: str) -> dict[str, str]:
    """Path → content."""
    parts = _PATH.split(text)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def checked(text: str, root: Path) -> Report:
    """What `agentflow validate` finds in the project, which is written to `root`, the current directory."""
    for name, content in files_of(text).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(_STRANGE.sub("", content), encoding="utf-8")
    for name, what in _STRANGE.findall(text):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        if what == "pipe":
            os.mkfifo(root / name)
        elif what.startswith("link to "):
            (root / name).symlink_to(what.removeprefix("link to "))
        else:
            with socket.socket(socket.AF_UNIX) as made:
                made.bind(name)  # relative: the path of a socket is short
    if PROJECT_FILE not in files_of(text):
        (root / PROJECT_FILE).write_text("apiVersion: agentflow/v1\n", encoding="utf-8")
    if list(files_of(text)) == [PROJECT_FILE]:
        return validate([PROJECT_FILE])
    call = _CALL.match(text)
    return validate([] if call is None else call[1].split(), cache=False)
