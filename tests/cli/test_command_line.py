"""What holds for every command: help, shared options, messages, exit codes."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agentflow_cli import __version__
from agentflow_cli.cli.app import VERBS
from agentflow_cli.cli.console import Console
from agentflow_cli.cli.lazy import Verb
from agentflow_cli.cli.output import write_table
from tests.cli.conftest import Called
from tests.cli.workflows import HELLO

Cli = Callable[..., Called]
Write = Callable[[str, str], Path]


def _paths(verbs: tuple[Verb, ...], before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for verb in verbs:
        if verb.verbs:
            yield from _paths(verb.verbs, (*before, verb.name))
        else:
            yield (*before, verb.name)


@pytest.mark.parametrize("path", list(_paths(VERBS)), ids=" ".join)
def test_every_verb_has_help_with_the_shared_options(cli: Cli, path: tuple[str, ...]) -> None:
    called = cli(*path, "--help")
    assert called.code == 0
    assert f"Usage: agentflow {' '.join(path)}" in called.out
    for option in ("--output", "--color", "--quiet", "--verbose", "--directory"):
        assert option in called.out


def test_help_names_every_verb_with_its_line(cli: Cli) -> None:
    called = cli()
    assert called.code == 0
    for verb in VERBS:
        assert verb.name in called.out and verb.help in called.out


def test_a_misspelt_command_is_answered_with_the_one_that_was_meant(cli: Cli) -> None:
    called = cli("validte")
    assert called.code == 2
    assert "did you mean `agentflow validate`?" in called.err
    assert called.out == ""


def test_a_misspelt_verb_of_a_noun_is_too(cli: Cli) -> None:
    assert "did you mean `agentflow runs list`?" in cli("runs", "lst").err


def test_shared_options_stand_on_either_side_of_a_command(cli: Cli) -> None:
    assert (
        cli("-o", "json", "version").out
        == cli("version", "-o", "json").out
        == f'{{\n  "version": "{__version__}"\n}}\n'
    )
    assert cli("-o", "yaml", "version", "-o", "text").out == f"{__version__}\n"


def test_the_directory_option_works_from_both_sides_and_adds_up(cli: Cli, project: Path, write: Write) -> None:
    write("deep/er/workflows/hello.yaml", HELLO)
    assert cli("-C", "deep", "validate", "-C", "er").code == 0
    os.chdir(project)
    called = cli("-C", "nowhere", "validate")
    assert (called.code, "cannot work in nowhere" in called.err) == (2, True)


def test_an_unknown_form_of_output_is_refused_with_those_there_are(cli: Cli) -> None:
    called = cli("validate", "-o", "jsn")
    assert called.code == 2
    assert "did you mean `json`?" in called.err and "github" in called.err


def test_an_unknown_option_is_a_usage_error_without_a_traceback(cli: Cli) -> None:
    called = cli("run", "x.yaml", "--max-paralel", "3")
    assert called.code == 2
    assert "--max-paralel" in called.err and "Traceback" not in called.err
    assert "agentflow run --help" in called.err


def test_a_number_that_is_none_is_refused(cli: Cli) -> None:
    called = cli("run", "x.yaml", "--max-parallel", "many")
    assert called.code == 2
    assert "`many` is not a whole number" in called.err


@pytest.mark.parametrize(
    ("line", "said", "next_command"),
    [
        ("run", "error: WORKFLOW|- is missing", "agentflow run --help"),
        ("run w.yaml -i", "error: `-i` needs a value behind it", "agentflow run --help"),
        ("run w.yaml another", "too many arguments: `another` is not expected", "agentflow run --help"),
        ("run w.yaml --mock=yes", "`--mock` takes no value", "agentflow run --help"),
        ("runs list -n x", "`--limit`: `x` is not a whole number", "agentflow runs list --help"),
        ("runs list --status nope", "it takes running, suspended", "agentflow runs list --help"),
        ("run w.yaml --timeout 5", "write it like `30s`", "agentflow run --help"),
        ("run nope.yaml", "there is no file nope.yaml", "agentflow run --help"),
        ("graph nope", "there is no file and no run `nope`", "agentflow graph --help"),
        ("-q", "a command is missing", "agentflow --help"),
    ],
)
def test_a_wrong_command_line_says_what_is_wrong_and_ends_with_what_to_type(
    cli: Cli, line: str, said: str, next_command: str
) -> None:
    called = cli(*line.split())
    assert (called.code, called.out) == (2, "")
    assert said in called.err
    assert called.err.splitlines()[-1] == f"  next: {next_command}"


def test_a_file_that_is_not_there_is_answered_with_those_that_are(cli: Cli, write: Write) -> None:
    write("workflows/hello.yaml", HELLO)
    assert "hint: workflows here: workflows/hello.yaml\n" in cli("run", "quite-different.yaml").err


def test_the_version_and_the_help_are_found_where_other_tools_have_them(cli: Cli) -> None:
    assert cli("--version").out == cli("-V").out == f"{__version__}\n"
    assert cli("help").out == cli("--help").out
    assert cli("help", "runs", "list").out == cli("runs", "help", "list").out == cli("runs", "list", "--help").out
    assert cli("help", "nope").code == 2


def test_a_bug_of_ours_writes_a_crash_log_and_names_it(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def burst(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("agentflow_cli.application.usecases.runs.look", burst)
    called = cli("runs", "show", "s3cret-value")
    assert called.code == 3
    assert "Traceback" not in called.err
    logs = list((tmp_path / "state" / "agentflow" / "crashes").iterdir())
    assert len(logs) == 1 and str(logs[0]) in called.err
    text = logs[0].read_text()
    assert "ZeroDivisionError: a bug" in text and "s3cret-value" not in text
    assert logs[0].stat().st_mode & 0o077 == 0


def test_the_debug_variable_shows_the_traceback_of_a_bug(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agentflow_cli.application.usecases.runs.list_runs", lambda _: 1 / 0)
    monkeypatch.setenv("AGENTFLOW_DEBUG", "1")
    assert "Traceback" in cli("runs", "list").err


def test_an_interruption_ends_with_130_and_says_nothing(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("agentflow_cli.application.usecases.runs.list_runs", interrupt)
    called = cli("runs", "list")
    assert (called.code, called.err) == (130, "")


@pytest.mark.parametrize("arguments", [["explain"], ["--help"], ["runs", "--help"], ["run", "--help"]])
def test_a_closed_pipe_is_met_in_silence(project: Path, arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "agentflow_cli", *arguments], stdout=writer, stderr=subprocess.PIPE, check=False
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


class _Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("choice", "environment", "colored"),
    [
        ("auto", {}, True),
        ("auto", {"TERM": "dumb"}, False),
        ("auto", {"NO_COLOR": "1"}, False),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ("auto", {"AGENTFLOW_COLOR": "always", "NO_COLOR": "1"}, True),
        ("never", {"AGENTFLOW_COLOR": "always", "FORCE_COLOR": "1"}, False),
        ("always", {"NO_COLOR": "1"}, True),
    ],
)
def test_colour_is_decided_by_option_then_variables_then_terminal(
    choice: str, environment: dict[str, str], colored: bool
) -> None:
    console = Console(_Terminal(), _Terminal(), environment)
    console.color_choice = choice
    assert console.colors(console.stderr) is colored


def test_colour_can_be_forced_off_a_terminal() -> None:
    assert Console(io.StringIO(), io.StringIO(), {"FORCE_COLOR": "1"}).colors(io.StringIO())
    assert not Console(io.StringIO(), io.StringIO(), {}).colors(io.StringIO())


def test_glyphs_are_ascii_where_the_encoding_is_not_utf8() -> None:
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    assert not Console(narrow, narrow, {}).unicode
    Console(narrow, narrow, {}).insist("é ✓")
    Console(narrow, narrow, {}).data("é ✓")


@pytest.mark.parametrize("columns", [200, 80, 60, 30])
def test_a_table_shows_every_column_on_a_terminal_of_any_width(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    out = _Terminal()
    write_table(
        Console(out, out, {"NO_COLOR": "1"}),
        ("NAME", "HOW", "ABOUT"),
        [("short", "h" * 90, "a" * 30), ("other", "x", "y")],
    )
    head, first, second = out.getvalue().splitlines()
    assert max(map(len, (head, first, second))) <= columns
    assert head.split() == ["NAME", "HOW", "ABOUT"] or columns == 30
    assert first.startswith("short  hhhh") and (("aaaa" in first) or columns == 30)
    assert second.split()[:2] == ["other", "x"]


def test_a_table_for_a_file_is_never_cut() -> None:
    out = io.StringIO()
    write_table(Console(out, out, {}), ("NAME", "HOW"), [("n", "h" * 500)])
    assert "h" * 500 in out.getvalue()
