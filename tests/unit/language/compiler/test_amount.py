"""A workflow of expressions alone: what would take a minute to read is refused before it is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentflow_cli.application.usecases.validate import validate

HEAD = "apiVersion: agentflow/v1\ninputs: {x: {type: integer}}\nsteps:\n"


def codes(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.chdir(tmp_path)
    Path("w.yaml").write_text(text)
    return [finding.code for finding in validate(["w.yaml"]).diagnostics]


def test_too_many_long_expressions_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = ", ".join(map(str, range(1_700)))
    steps = [f"  s{number}: {{set: {{v: '${{{{ [{number}, {listed}] | max }}}}'}}}}\n" for number in range(62)]
    assert codes(HEAD + "".join(steps), tmp_path, monkeypatch) == ["AF103"]
    assert codes(HEAD + "".join(steps[:5]), tmp_path, monkeypatch) == []


def test_plain_reads_and_the_text_around_them_do_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prompt = f"{'word ' * 20}${{{{ inputs.x }}}} " * 1_000
    steps = "".join(f"  s{number}: {{prompt: '{number} {prompt}'}}\n" for number in range(10))
    assert len(steps) > 1_000_000
    assert codes(HEAD + steps, tmp_path, monkeypatch) == []


def test_one_prompt_file_of_many_expressions_counts_for_each_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "p.md").write_text("${{ inputs.x }}\n" * 1_000)
    steps = [f"  s{number}: {{prompt: {{file: p.md}}}}\n" for number in range(101)]
    assert codes(HEAD + "".join(steps), tmp_path, monkeypatch) == ["AF103"]
    assert codes(HEAD + "".join(steps[:20]), tmp_path, monkeypatch) == []
