"""`agentflow run`, `resume`: results, exit codes, what is said."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Called
from tests.cli.workflows import ASKING, FAILING, HELLO, SUM, WRONG

Cli = Callable[..., Called]
Write = Callable[[str, str], Path]


def test_a_single_text_output_is_printed_as_it_is(cli: Cli, write: Write) -> None:
    write("workflows/hello.yaml", HELLO)
    called = cli("run", "workflows/hello.yaml", "-i", "who=World")
    assert (called.code, called.out) == (0, "Hello, World!\n")
    assert called.err.splitlines()[-1].startswith("  next: agentflow runs show ")


def test_several_outputs_are_printed_under_their_names(cli: Cli, write: Write) -> None:
    write("workflows/sum.yaml", SUM)
    assert cli("run", "sum").out == "sum: 6\nparts:\n  - 1\n  - 2\n  - 3\n"


def test_json_is_one_object_and_nothing_else_on_stdout(cli: Cli, write: Write) -> None:
    write("sum.yaml", SUM)
    result = json.loads(cli("run", "sum.yaml", "-o", "json").out)
    assert (result["status"], result["exit_code"]) == ("succeeded", 0)
    assert result["outputs"] == {"sum": 6, "parts": [1, 2, 3]}
    assert result["steps"]["total"]["output"] == {"sum": 6}
    assert [child["status"] for child in result["steps"]["each"]["children"]] == ["succeeded"] * 3


def test_jsonl_is_a_version_and_then_each_event_once_in_order(cli: Cli, write: Write) -> None:
    write("sum.yaml", SUM)
    records = [json.loads(line) for line in cli("run", "sum.yaml", "-o", "jsonl").out.splitlines()]
    assert records[0]["type"] == "version" and records[0]["version"] == 1
    assert [record["seq"] for record in records[1:]] == list(range(1, len(records)))
    assert (records[1]["type"], records[-1]["type"]) == ("run_accepted", "run_finished")
    assert [json.loads(line) for line in cli("runs", "events", "last").out.splitlines()] == records


def test_yaml_output_reads_back_as_the_same_data(cli: Cli, write: Write) -> None:
    import yaml

    write("sum.yaml", SUM)
    assert yaml.safe_load(cli("run", "sum.yaml", "-o", "yaml").out)["outputs"] == {"sum": 6, "parts": [1, 2, 3]}


def test_quiet_leaves_only_the_result(cli: Cli, write: Write) -> None:
    write("sum.yaml", SUM)
    called = cli("-q", "run", "sum.yaml")
    assert called.out and called.err == ""


def test_a_workflow_from_standard_input_runs(cli: Cli, project: Path) -> None:
    assert cli("run", "-", "-i", "who=You", stdin=HELLO).out == "Hello, You!\n"


def test_an_input_from_standard_input_is_taken(cli: Cli, write: Write) -> None:
    write("hello.yaml", HELLO)
    assert cli("run", "hello.yaml", "-i", "who=-", stdin="Ada").out == "Hello, Ada!\n"


def test_wrong_inputs_are_told_together_before_a_run_exists(cli: Cli, write: Write, project: Path) -> None:
    write("hello.yaml", HELLO)
    called = cli("run", "hello.yaml", "-i", "times=two", "-i", "whom=x")
    assert (called.code, called.out) == (2, "")
    assert "`times` must be a whole number, not `two`" in called.err
    assert "did you mean `who`?" in called.err
    assert "`who` is missing (Whom to greet.); give it by `-i who=…`" in called.err
    assert not (project / ".agentflow").exists()


def test_an_invalid_workflow_shows_its_frames_and_ends_with_2(cli: Cli, write: Write, project: Path) -> None:
    write("wrong.yaml", WRONG)
    called = cli("run", "wrong.yaml")
    assert (called.code, called.out) == (2, "")
    assert "--> wrong.yaml:4:5" in called.err
    assert not (project / ".agentflow").exists()


def test_a_run_that_cannot_start_is_told_in_the_form_that_was_asked_for(cli: Cli, write: Write, project: Path) -> None:
    import yaml

    write("wrong.yaml", WRONG)
    called = cli("run", "wrong.yaml", "-o", "json")
    told = json.loads(called.out)
    assert (told["version"], told["status"], told["exit_code"], called.code) == (1, "not_started", 2, 2)
    assert told["diagnostics"][0]["line"] == 4 and "--> wrong.yaml:4:5" in called.err
    assert cli("run", "nowhere.yaml").out == ""
    for arguments in (["run", "nowhere.yaml"], ["resume"], ["fork", "last"], ["retry", "last", "a"]):
        called = cli(*arguments, "-o", "json")
        told = json.loads(called.out)
        assert (told["status"], told["exit_code"], told["diagnostics"]) == ("not_started", called.code, [])
        assert told["error"]["message"] in called.err
    assert yaml.safe_load(cli("run", "nowhere.yaml", "-o", "yaml").out)["status"] == "not_started"
    version, record = map(json.loads, cli("run", "nowhere.yaml", "-o", "jsonl").out.splitlines())
    assert (version["type"], record["type"], record["exit_code"]) == ("version", "not_started", 2)
    write("sum.yaml", SUM)
    write(".agentflow", "a file")
    called = cli("run", "sum.yaml", "-o", "json")
    assert called.code != 0 and json.loads(called.out)["exit_code"] == called.code


def test_a_run_whose_record_cannot_be_kept_is_told_as_crashed(
    cli: Cli, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    from agentflow_cli.foundation.errors import StorageError

    def full(*_: object, **__: object) -> None:
        raise StorageError("the disk is full")

    write("sum.yaml", SUM)
    monkeypatch.setattr("agentflow_cli.cli.driving.drive", full)
    called = cli("run", "sum.yaml", "-o", "json")
    told = json.loads(called.out)
    assert (told["status"], told["exit_code"], called.code) == ("crashed", 74, 74)
    lines = [json.loads(line) for line in cli("run", "sum.yaml", "-o", "jsonl").out.splitlines()]
    assert [line["type"] for line in lines] == ["version", "crashed"]


def test_an_unknown_model_is_refused_before_a_run_exists(cli: Cli, write: Write, project: Path) -> None:
    write("a.yaml", "apiVersion: agentflow/v1\nsteps:\n  a:\n    prompt: hi\n")
    called = cli("run", "a.yaml", "--model", "gpt-99")
    assert called.code == 2
    assert "there is no model `gpt-99`" in called.err
    assert not (project / ".agentflow").exists()


def test_a_failure_is_told_with_its_place_its_words_and_the_next_command(cli: Cli, write: Write) -> None:
    write("failing.yaml", FAILING)
    called = cli("run", "failing.yaml")
    assert (called.code, called.out) == (1, "")
    assert "failing.yaml:6: `broken` (run) failed [exit_code]" in called.err
    assert "no such luck" in called.err
    assert called.err.splitlines()[-1].endswith(" broken")
    assert "agentflow runs logs" in called.err.splitlines()[-1]


def test_resume_tries_again_only_what_did_not_succeed(cli: Cli, write: Write, project: Path) -> None:
    write("failing.yaml", FAILING)
    assert cli("run", "failing.yaml").code == 1
    write("mended", "")
    called = cli("resume")
    assert (called.code, called.out) == (0, "fine\n")
    assert (project / "effects").read_text() == "fine\n"


def test_resume_of_a_run_that_succeeded_says_so_and_gives_its_outputs(cli: Cli, write: Write) -> None:
    write("sum.yaml", SUM)
    first = cli("run", "sum.yaml").out
    called = cli("resume", "last")
    assert (called.code, called.out) == (0, first)
    assert "has succeeded already" in called.err


def test_resume_goes_on_with_the_frozen_plan_when_the_file_is_gone(cli: Cli, write: Write) -> None:
    path = write("failing.yaml", FAILING)
    cli("run", "failing.yaml")
    path.unlink()
    write("mended", "")
    assert cli("resume").code == 0


def test_resume_refuses_when_python_code_has_changed(cli: Cli, write: Write) -> None:
    write("f.py", "def go():\n    raise ValueError('no')\n")
    write("a.yaml", "apiVersion: agentflow/v1\nsteps:\n  a:\n    python: f.py:go\n")
    assert cli("run", "a.yaml").code == 1
    write("f.py", "def go():\n    return 1\n")
    called = cli("resume")
    assert called.code == 2
    assert "f.py changed since run" in called.err and "next: agentflow fork " in called.err


def test_resume_without_any_run_says_what_to_do(cli: Cli) -> None:
    called = cli("resume")
    assert called.code == 2
    assert "there is no run yet" in called.err


def test_a_question_takes_its_ci_answer_where_nobody_can_be_asked(
    cli: Cli, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("asking.yaml", ASKING)
    assert cli("run", "asking.yaml", "--no-input").out == "discard\n"
    monkeypatch.setenv("CI", "true")
    assert cli("run", "asking.yaml").out == "discard\n"


def test_the_runs_timeout_ends_with_124_and_can_be_resumed(cli: Cli, write: Write) -> None:
    write("slow.yaml", "apiVersion: agentflow/v1\nsteps:\n  a:\n    run: sleep 30\n")
    called = cli("run", "slow.yaml", "--timeout", "300ms")
    assert called.code == 124
    assert called.err.splitlines()[-1].startswith("  next: agentflow resume ")


@pytest.mark.parametrize("option", [["--timeout", "soon"], ["--max-parallel", "0"], ["--progress", "fancy"]])
def test_an_option_that_makes_no_sense_ends_with_2(cli: Cli, write: Write, option: list[str]) -> None:
    write("sum.yaml", SUM)
    called = cli("run", "sum.yaml", *option)
    assert called.code == 2
    assert "Traceback" not in called.err


def test_fail_fast_cancels_what_goes_on(cli: Cli, write: Write) -> None:
    write(
        "a.yaml",
        "apiVersion: agentflow/v1\nsteps:\n  slow:\n    run: sleep 30\n  bad:\n    run: exit 3\n",
    )
    called = cli("run", "a.yaml", "--fail-fast", "-o", "json")
    assert called.code == 1
    assert json.loads(called.out)["steps"]["slow"]["status"] == "cancelled"


def test_state_that_came_with_the_repository_is_refused(cli: Cli, write: Write, project: Path) -> None:
    write("sum.yaml", SUM)
    write(".agentflow/runs/2aaaaa/journal.db", "planted")
    for arguments in (["runs", "list"], ["run", "sum.yaml"], ["resume", "last"]):
        called = cli(*arguments)
        assert called.code == 6
        assert "was not made" in called.err


def test_the_state_is_private_and_ignored_by_git(cli: Cli, write: Write, project: Path) -> None:
    write("sum.yaml", SUM)
    cli("run", "sum.yaml")
    assert (project / ".agentflow").stat().st_mode & 0o077 == 0
    assert (project / ".agentflow" / ".gitignore").read_text() == "*\n"


def test_a_run_of_another_directorys_project_names_it_in_the_next_command(
    cli: Cli, write: Write, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    (other / ".git").mkdir(parents=True)
    (other / "sum.yaml").write_text(SUM)
    assert f"next: agentflow -C {other} runs show" in cli("run", str(other / "sum.yaml")).err
    assert (other / ".agentflow").is_dir()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_in_order_and_the_run_can_be_resumed(
    project: Path, write: Write, number: signal.Signals, code: int
) -> None:
    write("slow.yaml", "apiVersion: agentflow/v1\nsteps:\n  a:\n    run: echo up >&2; sleep 30\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "agentflow_cli", "run", "slow.yaml", "-o", "jsonl"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "CI": "1"},
    )
    assert process.stdout is not None
    for line in process.stdout:
        if '"process_started"' in line:
            process.send_signal(number)
    _, err = process.communicate(timeout=20)
    assert process.returncode == code
    assert err.splitlines()[-1].startswith("  next: agentflow resume ")
    assert err.count("stopping; Ctrl-C again leaves at once") == (number == signal.SIGINT)


def test_a_second_signal_leaves_at_once_and_says_what_is_kept(project: Path, write: Write) -> None:
    # It ignores the request to end, so that an end in order would take three seconds.
    stubborn = "trap '' TERM; echo up >&2; for i in {1..300}; do sleep 0.1; done"
    write(
        "slow.yaml",
        f"apiVersion: agentflow/v1\nsteps:\n  a: {{run: echo}}\n  b:\n    run: {stubborn}\n    needs: [a]\n",
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "agentflow_cli", "run", "slow.yaml", "--progress", "plain"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "CI": "1"},
    )
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if "started    b" in line or "stopping" in line:
            process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) == 130
    assert said[-2].startswith("left run ") and "1 of 2 steps had succeeded" in said[-2]
    assert said[-1].startswith("  next: agentflow resume ")


@pytest.mark.parametrize("form", ["json", "yaml", "text", "jsonl"])
@pytest.mark.parametrize(("out", "err"), [("pipe", "null"), ("pipe", "pipe"), ("null", "pipe"), ("closed", "closed")])
def test_streams_that_nobody_reads_change_neither_the_run_nor_its_exit_code(
    cli: Cli, write: Write, form: str, out: str, err: str
) -> None:
    write("asking.yaml", ASKING)
    reader, writer = os.pipe()
    os.close(reader)
    null = os.open(os.devnull, os.O_WRONLY)
    signs = {"pipe": f"&{writer}", "null": f"&{null}", "closed": "&-"}
    command = f'"$0" -m agentflow_cli run asking.yaml -o {form} >{signs[out]} 2>{signs[err]}'
    done = subprocess.run(["bash", "-c", command, sys.executable], pass_fds=(writer, null), check=False)
    os.close(writer)
    os.close(null)
    assert done.returncode == 8
    assert json.loads(cli("runs", "list", "-o", "json").out)["runs"][0]["status"] == "suspended"


@pytest.mark.parametrize("form", ["live", "plain"])
def test_a_view_whose_stream_breaks_leaves_the_run_alone(
    cli: Cli, write: Write, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    class Broken(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    write("sum.yaml", SUM)
    monkeypatch.setattr(sys, "stderr", Broken())
    assert cli("run", "sum.yaml", "--progress", form, "-o", "json").code == 0


def test_a_reader_that_has_enough_does_not_change_how_the_run_ends(project: Path, write: Write) -> None:
    write("failing.yaml", FAILING)
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "agentflow_cli", "run", "failing.yaml", "-o", "jsonl"],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)
    assert done.returncode == 1
    assert "`broken` (run) failed" in done.stderr and "Traceback" not in done.stderr
