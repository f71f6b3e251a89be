"""Wrong files and what is said about them, byte for byte; and right files, about which nothing is said.

`AGENTFLOW_REGENERATE=1 pytest tests/diagnostics` writes the `.out` files anew: read what changed before you commit.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from agentflow_cli.diagnostics.diagnostic import Diagnostics
from agentflow_cli.diagnostics.formats import Report, format_full
from agentflow_cli.language.compiler.checks import check_workflow
from agentflow_cli.language.loader.ignore_comments import silenced
from agentflow_cli.language.loader.load import load_workflow

HERE = Path(__file__).parent
CASES = sorted((HERE / "cases").glob("*.yaml"))
VALID = sorted((HERE / "ok").glob("*.yaml"))


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are named as they are reached from the current directory."""
    monkeypatch.chdir(HERE)


def findings(path: Path) -> Report:
    diagnostics = Diagnostics()
    sources: dict[str, str] = {}
    display = path.relative_to(HERE).as_posix()
    loaded = load_workflow(path, HERE, diagnostics, display=display, sources=sources)
    if loaded is not None:
        check_workflow(loaded, diagnostics, sources)
    return Report(silenced(list(diagnostics), sources, [display], whole_project=False), 1, sources)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_wrong_file_gets_exactly_its_message(path: Path) -> None:
    shown = format_full(findings(path))
    golden = path.with_suffix(".out")
    if os.environ.get("AGENTFLOW_REGENERATE"):
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_one_mistake_is_reported_once_at_a_place_inside_the_file(path: Path) -> None:
    report = findings(path)
    assert len(report.diagnostics) == 1
    span = report.diagnostics[0].span
    if span is not None and span.file in report.sources:
        lines = re.split(r"\r\n|\r|\n", report.sources[span.file])
        assert span.column <= len(lines[span.line - 1]) + 1
        assert span.end_column <= len(lines[span.end_line - 1]) + 1


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_nothing_is_said_about_a_valid_file(path: Path) -> None:
    assert format_full(findings(path)) == "The file is valid.\n"


def test_a_question_in_a_help_ends_by_itself() -> None:
    assert not [path.name for path in (HERE / "cases").glob("*.out") if "?;" in path.read_text(encoding="utf-8")]


def test_every_golden_output_has_its_case() -> None:
    assert {path.stem for path in (HERE / "cases").glob("*.out")} == {path.stem for path in CASES}
