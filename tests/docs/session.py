"""A copy of the project with a user of its own, where commands of the documentation and the examples are run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.docs.documents import ROOT, Block

_MARK = "--- end of command ---"

_PROLOGUE = r"""
# A reader's pause lasts until a part of the run has succeeded, however slow this machine is.
sleep() {
  for _ in $(seq 300); do
    agentflow runs show last 2>/dev/null | grep -q ' [1-9]/3' && return
    command sleep 0.1
  done
}
"""


class Project:
    def __init__(self, directory: Path) -> None:
        self.root = directory / "project"
        for name in ("workflows", "docs"):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, self.root / name, ignore=ignored)
        kept = {name: os.environ[name] for name in ("LANG", "TMPDIR", "PYTHONPATH") if name in os.environ}
        self.environment = {
            **kept,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(directory / "home"),
            "PYTHONUTF8": "1",
            "AGENTFLOW_MODEL": "scripted",
        }

    def agentflow(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """One call of the command line, as a process of its own."""
        return subprocess.run(
            [sys.executable, "-m", "agentflow_cli", *arguments],
            cwd=self.root,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def console(self, blocks: list[Block]) -> list[tuple[Block, str, str, str]]:
        """Run the commands of all blocks in one shell: (block, command, what the block shows, what was printed)."""
        commands = [(block, *command) for block in blocks for command in read_console(block)]
        script = [_PROLOGUE]
        for _, command, _ in commands:
            # `$?` of one command is there for the next, as at a prompt.
            script += [f"{{ {command}\n}}; code=$?; printf '\\n%s\\n' '{_MARK}'; (exit $code)"]
        done = subprocess.run(
            ["bash", "-c", "\n".join(script)],
            cwd=self.root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=180,
        )
        # A shell with a person before it tells of killed jobs in its own way.
        output = re.sub(r"^bash: line \d+: +\d+ Killed .*\n", "", done.stdout, flags=re.M)
        printed = output.split(f"\n{_MARK}\n")
        assert len(printed) == len(commands) + 1, done.stdout
        return [(*command, text) for command, text in zip(commands, printed, strict=False)]


def read_console(block: Block) -> list[tuple[str, str]]:
    """The commands of a block, each with the lines that follow it."""
    found: list[tuple[str, str]] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], ""))
        else:
            assert found, f"{block}: a console block begins with `$ `"
            command, shown = found.pop()
            found.append((command, f"{shown}{line}\n"))
    return found


def agrees(shown: str, printed: str) -> bool:
    """Whether `printed` is what `shown` says: `…` is any text in a line, and alone on a line any number of lines."""
    pattern = "".join(
        r"(?:.*\n)*?" if line == "…" else ".*?".join(re.escape(part) for part in line.rstrip().split("…")) + r"[ ]*\n"
        for line in shown.splitlines()
    )
    return re.fullmatch(pattern, printed if printed.endswith("\n") or not printed else printed + "\n") is not None
