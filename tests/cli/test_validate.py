"""`agentflow validate`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Called
from tests.cli.workflows import HELLO, SUM, WRONG

Cli = Callable[..., Called]
Write = Callable[[str, str], Path]


def test_without_a_path_all_workflows_of_the_project_are_checked(cli: Cli, write: Write) -> None:
    write("workflows/a.yaml", HELLO)
    write("workflows/b.yml", SUM)
    called = cli("validate")
    assert (called.code, called.out) == (0, "All 2 files are valid.\n")


def test_findings_go_to_stdout_and_end_with_1(cli: Cli, write: Write) -> None:
    write("workflows/wrong.yaml", WRONG)
    called = cli("validate")
    assert called.code == 1
    assert "--> workflows/wrong.yaml:4:5" in called.out and "did you mean `prompt`?" in called.out
    assert called.err == "  next: agentflow validate --fix\n"


def test_the_last_line_is_the_next_command(cli: Cli, write: Write) -> None:
    slip = HELLO.replace("steps:", "steps:\n  slip: {promt: x}")
    odd = "workflows/a b.yaml"
    write(odd, slip)
    assert cli("validate", odd).err == "  next: agentflow validate --fix 'workflows/a b.yaml'\n"
    assert cli("validate", "-", stdin=slip).err == "  next: agentflow explain AF201\n"
    write(odd, HELLO.replace("steps:", "steps:\n  slip: {run: x, needs: [nowhere_at_all]}"))
    assert cli("validate", "-o", "concise").err == "  next: agentflow explain AF321\n"
    for quiet in (("-q",), ("-o", "json"), ("-o", "github")):
        assert cli("validate", *quiet).err == ""
    write(odd, HELLO)
    assert cli("validate").err == ""


def test_standard_input_is_checked(cli: Cli) -> None:
    assert cli("validate", "-", stdin=HELLO).code == 0
    called = cli("validate", "-", "-o", "concise", stdin=WRONG)
    assert called.code == 1
    assert called.out.startswith("<stdin>:4:5: error[AF201]")


def test_machine_forms_are_what_they_say(cli: Cli, write: Write) -> None:
    write("wrong.yaml", WRONG)
    assert json.loads(cli("validate", "wrong.yaml", "-o", "json").out)["errors"] == 1
    kinds = [json.loads(line)["type"] for line in cli("validate", "wrong.yaml", "-o", "jsonl").out.splitlines()]
    assert kinds == ["version", "diagnostic", "summary"]
    assert cli("validate", "wrong.yaml", "-o", "github").out.startswith("::error file=wrong.yaml,line=4")


def test_a_file_that_is_not_there_is_answered_with_the_nearest(cli: Cli, write: Write) -> None:
    write("workflows/triage.yaml", HELLO)
    called = cli("validate", "workflows/triag.yaml")
    assert (called.code, called.out) == (2, "")
    assert "did you mean workflows/triage.yaml?" in called.err


def test_a_project_without_workflows_says_so(cli: Cli) -> None:
    assert cli("validate").code == 2


def test_quiet_says_nothing_when_nothing_is_wrong(cli: Cli, write: Write) -> None:
    write("a.yaml", HELLO)
    called = cli("validate", "a.yaml", "-q")
    assert (called.code, called.out, called.err) == (0, "", "")


def test_validating_executes_nothing_of_the_project(cli: Cli, write: Write, project: Path) -> None:
    write("tools.py", "open('touched', 'w')\ndef go(): pass\n")
    write("a.yaml", "apiVersion: agentflow/v1\nsteps:\n  a:\n    python: tools.py:go\n")
    assert cli("validate", "a.yaml").code == 0
    assert not (project / "touched").exists()


@pytest.mark.parametrize("form", ["full", "json", "sarif"])
def test_a_reader_that_has_enough_and_a_full_disk_end_it_in_order(project: Path, write: Write, form: str) -> None:
    write("workflows/wrong.yaml", WRONG)
    for number in range(20):  # more than fits into a pipe or a buffer
        write(f"workflows/wrong{number}.yaml", WRONG + "  x: {rnu: x}\n" * 100)
    command = [sys.executable, "-m", "agentflow_cli", "validate", "-o", form]
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60)
    os.close(writing)
    assert ended.returncode == 1 and "Traceback" not in ended.stderr and "bug" not in ended.stderr
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert ended.returncode == 74
    assert "No space left on device" in ended.stderr and "Traceback" not in ended.stderr
