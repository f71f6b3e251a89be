"""Wrong project files and what is said about them, byte for byte; made anew as in `test_golden.py`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agentflow_cli.diagnostics.diagnostic import Diagnostics
from agentflow_cli.diagnostics.formats import Report, format_full
from agentflow_cli.language.compiler.check_file import check_file
from agentflow_cli.language.loader.files import Files

PROJECTS = sorted((Path(__file__).parent / "projects").glob("*.yaml"))
VALID = """\
apiVersion: agentflow/v1
models:
  writer: openai/gpt-5-mini
  critic: [anthropic/claude-sonnet-5, writer, fast]
  fast: {model: fast, max_tokens: 200, temperature: 0.5}
  house:
    model: endpoint/house
    base_url: https://models.acme.test/v1
    api_key: store:HOUSE_KEY
    fallbacks: [critic, embedded, "file:/models/better.gguf"]
  unknown: some_new_provider/model
defaults: {model: house}
"""


def said(text: str, root: Path) -> str:
    (root / "agentflow.yaml").write_text(text, encoding="utf-8")
    diagnostics, files = Diagnostics(), Files()
    check_file(root / "agentflow.yaml", root, diagnostics, files, "agentflow.yaml")
    return format_full(Report(list(diagnostics), 1, files.sources)) if diagnostics else ""


@pytest.mark.parametrize("path", PROJECTS, ids=lambda path: path.stem)
def test_a_wrong_project_file_gets_exactly_its_message(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shown = said(path.read_text(encoding="utf-8"), tmp_path)
    golden = path.with_suffix(".out")
    if os.environ.get("AGENTFLOW_REGENERATE"):
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8")
    assert shown.count("[AF") == 1


def test_every_form_of_an_entry_is_taken(tmp_path: Path) -> None:
    assert said(VALID, tmp_path) == ""
