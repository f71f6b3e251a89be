"""Every code's page: its wrong example earns exactly that code, its right one earns nothing."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from agentflow_cli.diagnostics.codes import CODES, explain
from agentflow_cli.diagnostics.diagnostic import Diagnostics
from agentflow_cli.language.compiler.checks import check_workflow
from agentflow_cli.language.loader.ignore_comments import silenced
from agentflow_cli.language.loader.load import load_workflow
from tests.diagnostics.whole_project import checked, is_project

PACKAGE = Path(__file__).parents[2] / "agentflow_cli"
NO_TEXT = ("AF100", "AF101")
"""Of what cannot be read, and of what is no text, there is no text."""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def codes_of(text: str, tmp_path: Path) -> set[str]:
    if is_project(text):
        return {diagnostic.code for diagnostic in checked(text, tmp_path).diagnostics}
    file = tmp_path / "workflow.yaml"
    file.write_text(text, encoding="utf-8")
    diagnostics = Diagnostics()
    loaded = load_workflow(file, tmp_path, diagnostics, display="workflow.yaml")
    if loaded is not None:
        check_workflow(loaded, diagnostics)
    found = silenced(list(diagnostics), {"workflow.yaml": text}, ["workflow.yaml"], whole_project=False)
    return {diagnostic.code for diagnostic in found}


@pytest.mark.parametrize("code", [code for code in CODES if code not in NO_TEXT])
def test_the_wrong_example_earns_its_code(code: str, tmp_path: Path) -> None:
    assert codes_of(CODES[code].wrong, tmp_path) == {code}


@pytest.mark.parametrize("code", [code for code in CODES if code not in NO_TEXT])
def test_the_right_example_earns_nothing(code: str, tmp_path: Path) -> None:
    assert codes_of(CODES[code].right, tmp_path) == set()


def test_every_code_in_the_source_has_a_page_and_every_page_a_use() -> None:
    used: set[str] = set()
    for file in PACKAGE.rglob("*.py"):
        if "codes" not in file.parts:
            used.update(re.findall(r"[\"'](AF\d{3})[\"']", file.read_text(encoding="utf-8")))
    assert used == set(CODES)


def test_a_page_says_what_why_and_shows_both_examples() -> None:
    page = explain("af106")
    assert page.startswith("error[AF106]: a key is written twice\n\n")
    assert "Wrong:" in page and "Right:" in page


def test_every_code_is_shown_by_two_golden_outputs() -> None:
    shown: Counter[str] = Counter()
    for corpus in ("cases", "projects"):
        for golden in (Path(__file__).parent / corpus).glob("*.out"):
            shown.update(set(re.findall(r"^(?:error|warning)\[(AF\d{3})\]", golden.read_text(encoding="utf-8"), re.M)))
    assert [code for code in CODES if shown[code] < 2] == []


@pytest.mark.parametrize("code", CODES)
def test_every_code_can_be_explained_and_says_how_bad_it_is(code: str) -> None:
    entry = CODES[code]
    page = explain(code)
    assert page.startswith(f"{entry.severity.value}[{code}]: {entry.title}\n\n{entry.why}\n")
    assert bool(entry.wrong) == bool(entry.right) == (code not in NO_TEXT)
    assert entry.title == entry.title.rstrip(".") and entry.why.endswith(".")
