"""Whole projects and what is said between their files, byte for byte; made anew as in `test_golden.py`."""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path

import pytest

from agentflow_cli.diagnostics.codes import CODES
from agentflow_cli.diagnostics.formats import format_full
from tests.diagnostics.whole_project import checked

PROJECTS = sorted((Path(__file__).parent / "projects").glob("*.project"))
BETWEEN = [code for code in CODES if code.startswith("AF60")]


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


@pytest.mark.parametrize("code", BETWEEN)
def test_the_wrong_example_earns_its_code_and_the_right_one_nothing(code: str, tmp_path: Path) -> None:
    found = {}
    for kind, text in (("wrong", CODES[code].wrong), ("right", CODES[code].right)):
        root = tmp_path / kind
        root.mkdir()
        os.chdir(root)
        found[kind] = {diagnostic.code for diagnostic in checked(text, root).diagnostics}
    assert found == {"wrong": {code}, "right": set()}


def test_each_code_between_files_is_shown_by_two_projects() -> None:
    shown: Counter[str] = Counter()
    for path in PROJECTS:
        shown.update(re.findall(r"^(?:error|warning)\[(AF\d{3})\]", path.with_suffix(".out").read_text("utf-8"), re.M))
    assert [code for code in BETWEEN if shown[code] < 2] == []
