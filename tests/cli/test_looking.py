"""`agentflow runs …`, `plan`, `graph`, `explain`, `schema`, `models`, `doctor`: what can be seen."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from agentflow_cli.application.usecases.explain import explain
from agentflow_cli.diagnostics.codes import CODES
from agentflow_cli.language.schema.catalogue import fields
from tests.cli.conftest import Called
from tests.cli.workflows import ASKING, FAILING, HELLO, SUM

Cli = Callable[..., Called]
Write = Callable[[str, str], Path]


@pytest.fixture
def failed(cli: Cli, write: Write) -> Cli:
    write("failing.yaml", FAILING)
    assert cli("run", "failing.yaml").code == 1
    return cli


def test_runs_are_listed_the_newest_first(cli: Cli, write: Write) -> None:
    write("sum.yaml", SUM)
    write("hello.yaml", HELLO)
    cli("run", "sum.yaml")
    cli("run", "hello.yaml", "-i", "who=x")
    rows = json.loads(cli("runs", "list", "-o", "json").out)["runs"]
    assert [(row["workflow"], row["status"]) for row in rows] == [("hello", "succeeded"), ("sum", "succeeded")]
    assert cli("runs", "list").out.splitlines()[1].split()[1] == "hello"
    assert len(cli("runs", "list", "-n", "1").out.splitlines()) == 2
    assert cli("runs", "list", "--status", "failed").out == ""


def test_a_project_without_runs_says_what_to_do(cli: Cli) -> None:
    called = cli("runs", "list")
    assert (called.code, called.out) == (0, "")
    assert "agentflow run WORKFLOW" in called.err


def test_a_run_is_shown_step_by_step(failed: Cli) -> None:
    out = failed("runs", "show", "last").out
    assert "broken" in out and "exit_code: the command ended with exit code 1" in out
    assert "cancelled" in out
    assert json.loads(failed("runs", "show", "-o", "json").out)["status"] == "failed"


def test_logs_of_a_step_hold_what_it_wrote(failed: Cli) -> None:
    assert "no such luck" in failed("runs", "logs", "last", "broken").out
    assert "fine" not in failed("runs", "logs", "last", "broken").out
    assert "run failed" in failed("runs", "logs").out


def test_the_output_of_a_step_can_be_read_from_a_failed_run(failed: Cli) -> None:
    assert failed("runs", "output", "last", "fine").out == "fine\n"
    called = failed("runs", "output")
    assert called.code == 2
    assert "has no outputs: it is failed" in called.err
    assert "it is cancelled" in failed("runs", "output", "last", "after").err


def test_an_unknown_step_or_run_is_answered_with_the_nearest(failed: Cli) -> None:
    assert "did you mean `broken`?" in failed("runs", "logs", "last", "brokn").err
    called = failed("runs", "show", "zzzzzz")
    assert called.code == 2
    assert "agentflow runs list" in called.err


def test_what_foreign_text_does_to_a_terminal_is_taken_out(cli: Cli, write: Write) -> None:
    write("evil.yaml", "apiVersion: agentflow/v1\nsteps:\n  a:\n    run: printf '\\033]52;c;eA\\007oops' >&2; exit 1\n")
    called = cli("run", "evil.yaml")
    assert "\x1b]52" not in called.err and "oops" in called.err
    assert "\x1b]52" not in cli("runs", "logs", "last", "a").out


def test_plan_says_what_would_run_and_runs_nothing(cli: Cli, write: Write, project: Path) -> None:
    write("failing.yaml", FAILING)
    called = cli("plan", "failing.yaml")
    assert called.code == 0
    assert "+ fine" in called.out and "critical" in called.out and "echo fine >> effects" in called.out
    assert not (project / "effects").exists() and not (project / ".agentflow").exists()
    assert cli("plan", "failing.yaml", "--exit-code").code == 1
    report = json.loads(cli("plan", "failing.yaml", "-o", "json").out)
    assert set(report["commands"]) == {"fine", "broken"}


def test_plan_marks_conditions_questions_and_variables(cli: Cli, write: Write) -> None:
    write(
        "asking.yaml",
        ASKING.replace(
            "outputs:",
            "  maybe: {when: steps.publish.output.choice == 'publish', set: {a: '${{ env.NOPE_1 }}'}}\noutputs:",
        ),
    )
    out = cli("plan", "asking.yaml").out
    assert "! publish" in out and "? maybe" in out and "NOPE_1 ✗ missing" in out


def test_graph_draws_files_and_runs_in_their_forms(cli: Cli, write: Write) -> None:
    write("sum.yaml", SUM)
    cli("run", "sum.yaml")
    assert cli("graph", "sum.yaml").out == "●  each   set  foreach of 3\n●  total  set\n"
    assert cli("graph", "last").out == "✓  each   set  succeeded  3 of 3  foreach of 3\n✓  total  set  succeeded\n"
    assert cli("graph", "sum.yaml", "-o", "mermaid").out.startswith("flowchart TD")
    edges = json.loads(cli("graph", "sum.yaml", "-o", "json").out)["edges"]
    assert edges == [{"from": "each", "to": "total", "required": True}]


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_code_is_explained(cli: Cli, code: str) -> None:
    called = cli("explain", code.lower())
    assert called.code == 0
    assert code in called.out


def test_all_that_can_be_explained_is_listed_for_programs_too(cli: Cli) -> None:
    topics = json.loads(cli("explain", "-o", "json").out)["topics"]
    assert {"name", "section", "about"} == set(topics[0])
    assert {"AF312", "foreach", "selectattr(attribute, test?, …?)"} <= {topic["name"] for topic in topics}


@pytest.mark.parametrize("word", ["foreach", "run", "ask", "retry", "inputs", "selectattr", "defined", "coalesce"])
def test_words_of_the_language_are_explained(cli: Cli, word: str) -> None:
    assert word in cli("explain", word).out
    assert word in cli("explain").out


def test_every_field_of_every_kind_of_file_is_explained(cli: Cli) -> None:
    for field in fields():
        assert f"{field.name}: {field.about}" in "\n".join(topic.text for topic in explain(field.path)), field.path


def test_a_field_is_explained_where_it_stands(cli: Cli) -> None:
    both = cli("explain", "max").out
    assert "steps.ID.retry.max" in both and "steps.ID.repeat.max" in both
    one = cli("explain", "steps.draft.retry.max").out
    assert "Attempts after the first." in one and "repeat" not in one
    assert "`models.NAME.base_url`" in cli("explain", "base_url").out
    assert "Values: `text`, `json`, `lines`." in cli("explain", "format").out


@pytest.mark.parametrize("word", ["", ".", "retry.", ".max", "a" * 5000, "steps.ID.nothing"])
def test_what_is_no_field_is_said_to_be_none(cli: Cli, word: str) -> None:
    assert cli("explain", word).code == 2


def test_an_unknown_word_is_answered_with_the_nearest(cli: Cli) -> None:
    called = cli("explain", "foreech")
    assert called.code == 2
    assert "did you mean `foreach`?" in called.err


def test_the_schema_is_printed_and_written(cli: Cli, project: Path) -> None:
    printed = cli("schema").out
    assert json.loads(printed)["$schema"].startswith("http://json-schema.org/draft-07")
    assert cli("schema", "--output-file", "s/workflow.schema.json").code == 0
    assert (project / "s/workflow.schema.json").read_text() == printed


def test_models_are_listed_without_loading_any(cli: Cli) -> None:
    names = [model["name"] for model in json.loads(cli("models", "list", "-o", "json").out)["models"]]
    assert "embedded/smollm2-135m" in names and "scripted" in names


def test_the_doctor_finds_this_installation_sound(cli: Cli) -> None:
    findings = json.loads(cli("doctor", "-o", "json").out)["findings"]
    assert {finding["name"] for finding in findings} >= {"Python", "libraries", "SQLite", "state directory"}
    assert [finding for finding in findings if finding["state"] == "broken"] == []


def test_the_doctor_ends_with_1_when_something_needed_is_broken(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file" / "cache"))
    called = cli("doctor")
    assert called.code == 1
    assert "broken" in called.out and "cache directory" in called.out


SETTLING = """\
apiVersion: agentflow/v1
name: settling
steps:
  bad: {run: exit 3}
on_failure:
  tell: {run: echo told}
finally:
  clean: {run: "echo not clean >&2; exit 4"}
"""


def test_what_failed_as_a_failed_run_settled_is_told_at_its_end_and_shown_later(cli: Cli, write: Write) -> None:
    write("settling.yaml", SETTLING)
    ran = cli("run", "settling.yaml")
    assert ran.code == 1
    assert "settling.yaml:4: `bad` (run) failed" in ran.err
    assert "settling.yaml:8: `@finally/clean` (run) failed" in ran.err and "not clean" in ran.err
    rows = [line.split()[:4] for line in cli("runs", "show").out.splitlines()]
    assert [row[0] for row in rows[-3:]] == ["bad", "@on_failure/tell", "@finally/clean"]
    assert rows[-1][3] == "failed"
    shown = json.loads(cli("runs", "show", "-o", "json").out)
    assert shown["on_failure"]["tell"]["output"] == "told"
    assert (shown["finally"]["clean"]["kind"], shown["finally"]["clean"]["status"]) == ("run", "failed")
    resumed = cli("resume", "last").err  # the run ends once more, and is told of that end alone
    assert resumed.count("`@finally/clean` (run) failed") == 1
    assert "@finally#1/clean failed" in cli("runs", "logs", "last", "clean").out
    assert "@finally#0/clean failed" in cli("runs", "logs", "last", "@finally#0/clean").out


def test_a_failure_of_finally_alone_is_told_with_its_place(cli: Cli, write: Write) -> None:
    write("settling.yaml", SETTLING.replace("exit 3", "exit 0"))
    ran = cli("run", "settling.yaml")
    assert ran.code == 1
    assert "settling.yaml:8: `@finally/clean` (run) failed" in ran.err
    assert ran.err.splitlines()[-1].endswith(" @finally/clean")
    for written in ("@finally/clean", "clean"):
        logs = cli("runs", "logs", "last", written)
        assert logs.code == 0 and "not clean" in logs.out
    assert "did you mean `clean`?" in cli("runs", "logs", "last", "claen").err
