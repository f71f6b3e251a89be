"""The command line, called in this process: arguments in; exit code, stdout and stderr out."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from agentflow_cli.cli.handler import run


@dataclass(frozen=True, slots=True)
class Called:
    code: int
    out: str
    err: str


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project that is the current directory, with a user of its own and nobody at the terminal."""
    root = tmp_path / "project"
    (root / "workflows").mkdir(parents=True)
    monkeypatch.chdir(root)
    for name in ("CI", "NO_COLOR", "FORCE_COLOR", "AGENTFLOW_COLOR", "AGENTFLOW_DEBUG", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("AGENTFLOW_NO_MODELS", "1")
    return root


@pytest.fixture
def cli(project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Called]:
    def call(*arguments: str, stdin: str = "") -> Called:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        capsys.readouterr()
        code = run(arguments)
        captured = capsys.readouterr()
        return Called(int(code), captured.out, captured.err)

    return call


@pytest.fixture
def write(project: Path) -> Callable[[str, str], Path]:
    def write(name: str, text: str) -> Path:
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = path.with_name(f".{path.name}.new")
        whole.write_text(text)
        whole.replace(path)  # at once: who watches the file must never see half of it
        return path

    return write
