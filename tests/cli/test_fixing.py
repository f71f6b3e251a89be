"""`agentflow validate --fix`, `--diff`, `--select`, `--ignore`, and comments that silence findings."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agentflow_cli.cli.handler import run
from tests.cli.conftest import Called
from tests.cli.workflows import HELLO

Cli = Callable[..., Called]
Write = Callable[[str, str], Path]
HEAD = "apiVersion: agentflow/v1\nsteps:\n"
SLIP = f"{HEAD}  a:\n    promt: Hi  # kept\n"
MENDED = f"{HEAD}  a:\n    prompt: Hi  # kept\n"
BOTH = f"{HEAD}  a:\n    set: {{agent: 007, it: '${{{{ steps.nowhere.output }}}}'}}\n"
"""AF116 (a warning) and AF312."""


def test_fix_writes_the_file_says_so_and_ends_by_what_remains(cli: Cli, write: Write) -> None:
    path = write("w.yaml", SLIP)
    called = cli("validate", "--fix", "w.yaml")
    assert (called.code, called.out, called.err) == (0, "The file is valid.\n", "Fixed 1 problem in 1 file.\n")
    assert path.read_text() == MENDED
    path.write_text(SLIP.replace("Hi", "${{ steps.nowhere.output }}"))
    called = cli("validate", "--fix", "w.yaml")
    assert called.code == 1 and "AF312" in called.out and "AF201" not in called.out


def test_fix_without_a_path_mends_the_project(cli: Cli, write: Write) -> None:
    for name in ("workflows/a.yaml", "workflows/b.yaml"):
        write(name, SLIP)
    called = cli("validate", "--fix")
    assert called.err == "Fixed 2 problems in 2 files.\n"
    assert cli("validate").out == "All 2 files are valid.\n"
    assert cli("validate", "--fix").err == ""


def test_diff_shows_and_writes_nothing(cli: Cli, write: Write) -> None:
    path = write("w.yaml", SLIP)
    called = cli("validate", "--diff", "w.yaml")
    assert called.code == 1
    assert called.out == (
        "--- a/w.yaml\n+++ b/w.yaml\n@@ -1,4 +1,4 @@\n apiVersion: agentflow/v1\n steps:\n   a:\n"
        "-    promt: Hi  # kept\n+    prompt: Hi  # kept\n"
    )
    assert called.err == "Would fix 1 problem in 1 file.\n"
    assert path.read_text() == SLIP


def test_diff_of_what_is_right_is_empty_and_ends_with_0(cli: Cli, write: Write) -> None:
    write("w.yaml", HELLO)
    called = cli("validate", "--diff", "w.yaml")
    assert (called.code, called.out, called.err) == (0, "", "There is nothing to fix.\n")


def test_a_diff_says_where_a_last_line_has_no_break_and_masks_tokens(cli: Cli, write: Write) -> None:
    token = "ghp_" + "0123456789" * 4
    write("w.yaml", SLIP + f"    env: {{KEY: {token}}}")
    called = cli("validate", "--diff", "w.yaml")
    assert "\\ No newline at end of file\n" in called.out
    assert token not in called.out and "ghp_****" in called.out


def test_standard_input_is_mended_to_stdout_and_what_remains_is_said_on_stderr(cli: Cli) -> None:
    called = cli("validate", "--fix", "-", stdin=SLIP)
    assert (called.code, called.out) == (0, MENDED)
    called = cli("validate", "--fix", "-", stdin=BOTH)
    assert (called.code, called.out) == (1, BOTH)
    assert "error[AF312]" in called.err


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        ([], {"AF116", "AF312"}),
        (["--select", "AF3"], {"AF312"}),
        (["--select", "af116,AF2"], {"AF116"}),
        (["--select", "AF2", "--select", "AF312"], {"AF312"}),
        (["--ignore", "AF312"], {"AF116"}),
        (["--ignore", "AF3,AF1"], set()),
        (["--select", "AF", "--ignore", "AF3"], {"AF116"}),
    ],
)
def test_codes_are_selected_and_ignored_by_their_beginnings(
    cli: Cli, write: Write, options: list[str], codes: set[str]
) -> None:
    write("w.yaml", BOTH)
    called = cli("validate", "w.yaml", "-o", "json", *options)
    assert {d["code"] for d in json.loads(called.out)["diagnostics"]} == codes
    assert called.code == (1 if "AF312" in codes else 0)


@pytest.mark.parametrize("option", ["--select", "--ignore"])
def test_a_code_that_is_none_is_refused_with_the_nearest(cli: Cli, write: Write, option: str) -> None:
    write("w.yaml", HELLO)
    called = cli("validate", "w.yaml", option, "AF3122")
    assert (called.code, called.out) == (2, "")
    assert f"`AF3122` in `{option}` is not a code" in called.err and "did you mean `AF312`?" in called.err
    assert cli("validate", "w.yaml", option, "").code == 2


def test_a_file_that_cannot_be_read_is_never_called_valid(cli: Cli, write: Write) -> None:
    write("w.yaml", "a: [\n")
    assert cli("validate", "w.yaml", "--select", "AF3").code == 1


def test_a_comment_silences_a_finding_for_validate_and_not_for_run(cli: Cli, write: Write) -> None:
    write("w.yaml", f"{HEAD}  a:\n    # agentflow: ignore[AF312]\n    set: {{it: '${{{{ steps.nowhere.output }}}}'}}\n")
    assert cli("validate", "w.yaml").code == 0
    called = cli("run", "w.yaml")
    assert called.code == 2 and "AF312" in called.err


def test_a_comment_without_use_is_a_warning_and_fix_removes_it(cli: Cli, write: Write) -> None:
    path = write("w.yaml", f"{HEAD}  a:\n    # agentflow: ignore[AF312]\n    run: ls  # agentflow: ignore[AF116]\n")
    called = cli("validate", "w.yaml", "-o", "concise")
    assert called.code == 0 and called.out.count("AF901") == 2
    cli("validate", "--fix", "w.yaml")
    assert path.read_text() == f"{HEAD}  a:\n    run: ls\n"


def test_a_comment_counts_the_same_in_the_second_run(cli: Cli, write: Write) -> None:
    write("workflows/a.yaml", f"{HEAD}  a: {{run: ls}}  # agentflow: ignore[AF312]\n")
    write("workflows/b.yaml", f"{HEAD}  a: {{set: {{n: 007}}}}  # agentflow: ignore[AF116]\n")
    first = cli("validate", "-o", "concise")
    assert "AF901" in first.out and "AF116" not in first.out
    assert cli("validate", "-o", "concise").out == first.out


@pytest.mark.parametrize("form", ["gitlab", "junit", "sarif"])
def test_forms_for_ci_go_to_stdout_also_when_nothing_is_wrong(cli: Cli, write: Write, form: str) -> None:
    write("w.yaml", HELLO)
    called = cli("validate", "w.yaml", "-o", form)
    assert called.code == 0 and called.out.startswith(("[]", "<?xml", "{")) and called.err == ""
    write("w.yaml", SLIP)
    called = cli("validate", "w.yaml", "-o", form)
    assert called.code == 1 and "AF201" in called.out


@pytest.mark.parametrize("form", ["json", "jsonl", "github", "gitlab", "junit", "sarif"])
def test_forms_for_programs_are_utf8_whatever_the_encoding_of_the_terminal_is(
    project: Path, write: Write, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("workflows/é.yaml", HEAD + "steps: {a: {rnu: x}}\n")
    for encoding in ("latin-1", "ascii", "cp1252"):
        stdout = io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True)
        monkeypatch.setattr(sys, "stdout", stdout)
        assert run(["validate", "-o", form]) == 1
        text = stdout.buffer.getvalue().decode("utf-8")  # type: ignore[attr-defined]
        assert "é.yaml" in text or "\\u00e9" in text or "&#233;" in text or "%C3%A9" in text
        if "json" in form:
            assert [json.loads(line) for line in text.splitlines()] if form == "jsonl" else json.loads(text)
