"""`agentflow approve` and `reject`."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.application.usecases.runs import RunView, project_container
from agentflow_cli.domain.events import StepFailed
from agentflow_cli.domain.failure import Failure
from agentflow_cli.foundation.errors import UsageError
from agentflow_cli.foundation.lock import FileLock
from agentflow_cli.ports.people import Answer
from tests.cli.conftest import Called
from tests.cli.workflows import ASKING, FORM, SUM

Cli = Callable[..., Called]
Write = Callable[[str, str], Path]


@pytest.fixture
def asked(cli: Cli, write: Write) -> Cli:
    """A run that waits for its one answer."""
    write("asking.yaml", ASKING)
    called = cli("run", "asking.yaml")
    assert called.code == 8
    assert "--choice publish" in called.err.splitlines()[-1]
    return cli


def test_a_recorded_answer_lets_the_resume_finish(asked: Cli) -> None:
    called = asked("approve", "last", "--choice", "publish", "--reason", "looks good")
    assert called.code == 0
    assert "next: agentflow resume" in called.err
    assert asked("resume").out == "publish\n"
    assert "looks good" in asked("runs", "logs", "last").out


def test_a_question_stays_open_over_a_resume_without_an_answer(asked: Cli) -> None:
    assert asked("resume").code == 8
    assert asked("approve", "last", "--choice", "publish").code == 0
    assert asked("resume").code == 0


def test_the_first_answer_wins_and_a_later_one_is_told_who_was_first(asked: Cli) -> None:
    asked("approve", "last", "publish", "--choice", "publish")
    called = asked("approve", "last", "publish", "--choice", "discard")
    assert called.code == 1
    assert "was answered already, by" in called.err
    assert asked("resume").out == "publish\n"


def test_a_choice_that_is_none_is_answered_with_the_nearest(asked: Cli) -> None:
    called = asked("approve", "last", "--choice", "publsh")
    assert called.code == 2
    assert "did you mean `publish`?" in called.err


def test_rejecting_fails_the_step_as_rejected(asked: Cli) -> None:
    assert asked("reject", "last", "--reason", "not yet").code == 0
    called = asked("resume", "-o", "json")
    assert called.code == 1
    assert json.loads(called.out)["steps"]["publish"]["error"]["kind"] == "rejected"
    assert "not yet" in called.err


def test_a_form_takes_typed_fields_and_fills_its_defaults(cli: Cli, write: Write) -> None:
    write("form.yaml", FORM)
    suspended = cli("run", "form.yaml")
    assert suspended.code == 8
    assert "      fields: n (integer, needed), why\n" in suspended.err
    assert "`n` must be a whole number" in cli("approve", "last", "--field", "n=x").err
    assert "did you mean `why`?" in cli("approve", "last", "--field", "n=1", "--field", "whi=x").err
    assert cli("approve", "last", "--field", "n=0").code == 2
    assert cli("approve", "last", "--field", "n=3").code == 0
    assert cli("resume").out == "n: 3\nwhy: because\n"


def test_several_questions_must_be_told_apart(cli: Cli, write: Write) -> None:
    write(
        "two.yaml",
        "apiVersion: agentflow/v1\nsteps:\n  one:\n    ask: Go?\n  two:\n    ask: Really?\n",
    )
    assert cli("run", "two.yaml").code == 8
    called = cli("approve", "last")
    assert called.code == 2
    assert "`one`, `two`" in called.err
    assert "next: agentflow approve" in cli("approve", "last", "two").err
    assert cli("approve", "last").code == 0
    assert cli("resume").code == 0


def test_a_run_that_waits_for_nobody_says_so(cli: Cli, write: Write) -> None:
    write("sum.yaml", SUM)
    cli("run", "sum.yaml")
    called = cli("approve", "last")
    assert called.code == 2
    assert "waits for nobody: it has succeeded already" in called.err


def test_a_second_answer_to_the_only_question_is_told_to_resume(asked: Cli) -> None:
    asked("approve", "last", "--choice", "publish")
    called = asked("approve", "last", "--choice", "publish")
    assert called.code == 2
    assert "waits for no more answers: `publish` is answered" in called.err
    assert "next: agentflow resume " in called.err.splitlines()[-1]


def test_somebody_who_answered_a_moment_ago_is_no_driver(asked: Cli, project: Path) -> None:
    asked("approve", "last", "--choice", "publish")
    [path] = (project / ".agentflow" / "runs").glob("*/lock")
    lock = FileLock(path)
    lock.acquire("the run")  # as another `approve` does while it writes
    called = asked("approve", "last", "--choice", "publish")
    lock.release()
    assert called.code == 2
    assert "waits for no more answers: `publish` is answered" in called.err


def test_a_question_that_outlives_its_driver_is_no_second_attempt(asked: Cli) -> None:
    assert asked("resume").code == 8
    asked("approve", "last", "--choice", "publish")
    shown = json.loads(asked("resume", "-o", "json").out)
    assert (shown["status"], shown["steps"]["publish"]["attempt"]) == ("succeeded", 1)


def test_children_of_a_foreach_are_answered_one_by_one(cli: Cli, write: Write) -> None:
    write(
        "each.yaml",
        "apiVersion: agentflow/v1\nsteps:\n  sign:\n    foreach: [a, b]\n    ask: Sign ${{ item }}?\n",
    )
    assert cli("run", "each.yaml").code == 8
    assert cli("approve", "last", "sign[1]").code == 0
    assert cli("approve", "last", "sign[0]").code == 0
    assert cli("resume").code == 0


def test_after_the_last_answer_the_run_is_shown_as_to_be_resumed(asked: Cli) -> None:
    assert "next: agentflow approve" in asked("runs", "show", "last").err
    asked("approve", "last", "--choice", "publish")
    called = asked("runs", "show", "last")
    assert "answered" in called.out and "waiting" not in called.out
    assert "next: agentflow resume" in called.err
    assert "agentflow resume" in json.loads(asked("runs", "show", "last", "-o", "json").out)["next"]


def test_questions_of_children_and_inner_steps_are_counted_and_shown(cli: Cli, write: Write) -> None:
    write(
        "deep.yaml",
        "apiVersion: agentflow/v1\nsteps:\n  sign:\n    foreach: [a, b]\n    ask: Sign ${{ item }}?\n"
        "  group:\n    steps:\n      inside:\n        ask: Really?\n",
    )
    called = cli("run", "deep.yaml")
    assert called.code == 8 and "3 waiting" in called.err
    assert "group/inside" in cli("runs", "show", "last").out
    assert cli("approve", "last", "group/inside").code == 0
    assert "2 waiting, 1 answered" in cli("runs", "show", "last").out
    assert "next: agentflow approve" in cli("approve", "last", "sign[0]").err
    assert cli("approve", "last").code == 0
    assert cli("resume").code == 0


def lose(run: str) -> None:
    """The question's time is over."""
    journal, _ = project_container(Path.cwd()).runs.open(run)
    journal.append_now(StepFailed("publish", Failure("timeout", "nobody answered"), tolerated=True))
    journal.close()


def test_a_question_whose_time_is_over_takes_no_answer(asked: Cli) -> None:
    lose("last")
    called = asked("approve", "last", "publish", "--choice", "publish")
    assert called.code == 2
    assert "`publish` is not waiting for an answer: it is failed" in called.err


def test_an_answer_to_a_question_that_was_settled_meanwhile_is_refused(
    asked: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    from agentflow_cli.application.usecases import answer

    old = answer.look

    def look_then_lose(container: Container, run: str) -> RunView:
        seen = old(container, run)
        lose(seen.run)
        return seen

    monkeypatch.setattr(answer, "look", look_then_lose)
    with pytest.raises(UsageError, match="no longer waits for this answer: it is failed"):
        container = project_container(Path.cwd())
        answer.answer_step(container, "last", None, Answer({"choice": "publish"}, "ada"))


def test_an_answer_reaches_a_live_run_through_its_socket(cli: Cli, write: Write, project: Path) -> None:
    busy = "  busy:\n    run: while ! test -e done; do sleep 0.05; done\noutputs:"
    write("asking.yaml", ASKING.replace("outputs:", busy))
    process = subprocess.Popen(
        [sys.executable, "-m", "agentflow_cli", "run", "asking.yaml", "-o", "jsonl"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if '"ask_opened"' in line:
                break
        called = cli("approve", "last", "--choice", "publish", "-o", "json")
        assert json.loads(called.out)["live"] is True
        assert "was answered already" in cli("approve", "last", "publish", "--choice", "discard").err
    finally:
        write("done", "")
        rest, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    assert json.loads(rest.splitlines()[-1])["outputs"] == {"said": "publish"}


RELEASE = """\
apiVersion: agentflow/v1
name: form
steps:
  details:
    ask:
      message: Which release?
      form: {version: {type: string}, note: {type: string}, urgent: {type: boolean, default: false}}
      required: [version]
outputs:
  told: ${{ steps.details.output.version }} ${{ steps.details.output.note | default('without a note') }}
  urgent: ${{ steps.details.output.urgent }}
"""


def test_fields_that_are_not_required_may_be_left_out(cli: Cli, write: Write) -> None:
    write("form.yaml", RELEASE)
    called = cli("run", "form.yaml", "-o", "json")
    assert json.loads(called.out)["steps"]["details"]["ask"]["required"] == ["version"]
    assert called.err.rstrip().endswith("--field version=…")
    assert "version" in cli("approve", "last", "--field", "note=x").err
    assert cli("approve", "last", "--field", "version=1.2").code == 0
    assert json.loads(cli("resume", "-o", "json").out)["outputs"] == {"told": "1.2 without a note", "urgent": False}
