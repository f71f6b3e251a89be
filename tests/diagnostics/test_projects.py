"""Whole projects and what is said between their files, byte for byte; made anew as in `test_golden.py`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agentflow_cli.diagnostics.formats import format_full
from tests.diagnostics.whole_project import checked

PROJECTS = sorted((Path(__file__).parent / "projects").glob("*.project"))


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("path", PROJECTS, ids=lambda path: path.stem)
def test_a_wrong_project_gets_exactly_its_message(path: Path, tmp_path: Path) -> None:
    report = checked(path.read_text(encoding="utf-8"), tmp_path)
    shown = format_full(report)
    golden = path.with_suffix(".out")
    if os.environ.get("AGENTFLOW_REGENERATE"):
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8")
    assert len(report.diagnostics) == 1
