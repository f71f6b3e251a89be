"""A plain `agentflow validate …` is read without typer, and means what it means with it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agentflow_cli.cli import handler
from tests.cli.conftest import Called
from tests.cli.workflows import HELLO, WRONG

Cli = Callable[..., Called]
Write = Callable[[str, str], Path]

CALLS = {
    "the project": [],
    "a right file": ["workflows/right.yaml"],
    "a wrong file": ["workflows/wrong.yaml"],
    "two files": ["workflows/right.yaml", "workflows/wrong.yaml"],
    "a directory": ["workflows"],
    "a file that is not there": ["workflows/wron.yaml"],
    "an empty name": [""],
    "the word help": ["help"],
    "standard input": ["-"],
    "standard input and a file": ["-", "workflows/right.yaml"],
}


@pytest.mark.parametrize("arguments", CALLS.values(), ids=CALLS)
def test_both_ways_of_reading_a_call_end_alike(
    arguments: list[str], cli: Cli, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("workflows/right.yaml", HELLO)
    write("workflows/wrong.yaml", WRONG)
    stdin = WRONG if "-" in arguments else ""
    plain = cli("validate", *arguments, stdin=stdin)
    monkeypatch.setattr(handler, "plain_call", lambda arguments, invocation: None)
    assert cli("validate", *arguments, stdin=stdin) == plain


@pytest.mark.parametrize("arguments", [["validate", "x.yaml", "-q"], ["validate", "--help"], ["--", "validate"], ["-"]])
def test_what_is_not_plain_is_left_to_typer(arguments: list[str]) -> None:
    from agentflow_cli.cli.console import Console
    from agentflow_cli.cli.invocation import Invocation
    from agentflow_cli.cli.plain_call import plain_call

    assert plain_call(arguments, Invocation(Console())) is None


def test_the_settings_of_the_user_hold(cli: Cli, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("workflows/wrong.yaml", WRONG)
    settings = tmp_path / "settings"
    (settings / "agentflow").mkdir(parents=True)
    (settings / "agentflow" / "settings.yaml").write_text("color: always\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(settings))
    assert "\x1b[" in cli("validate", "workflows/wrong.yaml").out


def test_a_plain_call_does_not_load_typer(write: Write) -> None:
    path = write("workflows/right.yaml", HELLO)
    program = (
        "import sys; from agentflow_cli.cli.handler import run\n"
        f"code = run(['validate', {str(path)!r}]); sys.exit(f'loaded' if 'typer' in sys.modules else code)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "The file is valid.\n", "")
