"""`agentflow fork`: what is unchanged is reused, what changed runs, and the output says why."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Called

Cli = Callable[..., Called]
Write = Callable[[str, str], Path]

FLOW = """\
apiVersion: agentflow/v1
name: flow
inputs:
  tone: {type: string, default: warm}
  count: {type: integer, default: 2}
steps:
  fetch:
    run: echo fetch >> effects; echo data
  shape:
    python: code.py:shape
    with: {text: "${{ steps.fetch.output }}"}
  write:
    needs: [shape]
    run: echo "write $TONE" >> effects; echo "$TONE"
    env: {TONE: "${{ inputs.tone }}"}
  each:
    foreach: "[1, 2, 3]"
    run: echo "each $N" >> effects; test ! -e "bad$N"; echo "$N"
    env: {N: "${{ item }}"}
  join:
    set: {all: "${{ steps.each.output | join('-') }} ${{ steps.write.output }}"}
outputs:
  all: ${{ steps.join.output.all }}
"""

CODE = """\
def shape(text: str) -> str:
    with open("effects", "a") as stream:
        stream.write("shape\\n")
    return text.upper()
"""


class Project:
    def __init__(self, cli: Cli, write: Write, root: Path) -> None:
        self.cli, self.write, self.root = cli, write, root

    def effects(self) -> list[str]:
        """What was done since the last look."""
        path = self.root / "effects"
        done = sorted(path.read_text().splitlines()) if path.exists() else []
        path.unlink(missing_ok=True)
        return done

    def verdicts(self, *arguments: str) -> dict[str, tuple[str, str]]:
        found: Any = json.loads(self.cli("fork", "--dry-run", "-o", "json", *arguments).out)
        return {step["id"]: (step["verdict"], step["why"]) for step in found["steps"]}


@pytest.fixture
def flow(cli: Cli, write: Write, project: Path) -> Project:
    write("flow.yaml", FLOW)
    write("code.py", CODE)
    made = Project(cli, write, project)
    assert cli("run", "flow.yaml").code == 0
    assert made.effects() == ["each 1", "each 2", "each 3", "fetch", "shape", "write warm"]
    return made


def test_a_fork_of_an_unchanged_run_reuses_everything(flow: Project) -> None:
    called = flow.cli("fork", "last", "-o", "json")
    result = json.loads(called.out)
    assert (called.code, result["outputs"]) == (0, {"all": "1-2-3 warm"})
    assert flow.effects() == []
    assert all(step["reused"] == result["parent"] for step in result["steps"].values())
    assert called.err.count("reused") == 6  # a line for each step, and the summary


def test_a_changed_input_runs_what_reads_it_and_what_follows(flow: Project) -> None:
    called = flow.cli("fork", "-i", "tone=terse")
    assert called.out == "1-2-3 terse\n"
    assert flow.effects() == ["write terse"]
    assert "runs: the input `tone` changed" in called.err
    assert "runs: `write` runs" in called.err


def test_from_runs_that_step_and_its_dependents_again(flow: Project) -> None:
    assert flow.verdicts("--from", "shape") == {
        "fetch": ("reused", ""),
        "each": ("reused", ""),
        "shape": ("runs", "you asked for it (`--from`)"),
        "write": ("runs", "`shape` runs"),
        "join": ("runs", "`write` runs"),
    }
    assert flow.cli("fork", "--from", "shape").code == 0
    assert flow.effects() == ["shape", "write warm"]


def test_updated_uses_todays_files_and_says_which_field_changed(flow: Project) -> None:
    text = FLOW.replace("echo data", "echo more") + "  extra: ${{ steps.more.output.x }}\n"
    flow.write("flow.yaml", text.replace("outputs:\n", "  more:\n    set: {x: 1}\noutputs:\n"))
    assert flow.verdicts()["fetch"] == ("reused", "")
    verdicts = flow.verdicts("--updated")
    assert verdicts["fetch"] == ("runs", "`script` changed")
    assert verdicts["more"] == ("runs", "it is new")
    assert verdicts["each"] == ("reused", "")
    called = flow.cli("fork", "--updated", "-o", "json")
    assert json.loads(called.out)["outputs"] == {"all": "1-2-3 warm", "extra": 1}
    assert flow.effects() == ["fetch", "shape", "write warm"]


def test_lines_and_comments_change_nothing(flow: Project) -> None:
    flow.write("flow.yaml", "# a comment\n" + FLOW.replace("  fetch:\n", "  fetch:\n    name: Fetch it\n"))
    assert {verdict for verdict, _ in flow.verdicts("--updated").values()} == {"reused"}


def test_changed_code_runs_the_steps_that_call_it_where_a_resume_refuses(flow: Project) -> None:
    flow.write("code.py", CODE.replace("upper", "lower"))
    verdicts = flow.verdicts()
    assert verdicts["shape"] == ("runs", "`code.py` changed")
    assert [step for step, (verdict, _) in verdicts.items() if verdict == "reused"] == ["fetch", "each"]
    assert flow.cli("fork").code == 0
    assert flow.effects() == ["shape", "write warm"]


def test_only_the_failed_children_of_a_foreach_run_again(flow: Project) -> None:
    flow.write("bad2", "")
    assert flow.cli("run", "flow.yaml").code == 1
    flow.effects()
    (flow.root / "bad2").unlink()
    assert flow.verdicts()["each"] == ("partly", "2 of 3 children are reused")
    called = flow.cli("fork")
    assert called.out == "1-2-3 warm\n"
    assert flow.effects() == ["each 2"]


def test_the_old_run_stays_as_it_was(flow: Project) -> None:
    before = flow.cli("runs", "events", "last").out
    old = json.loads(before.splitlines()[0])["run"]
    flow.cli("fork", "-i", "tone=terse")
    assert flow.cli("runs", "events", old).out == before
    shown = flow.cli("runs", "show", "last").out
    assert f"fork of {old[:6]}" in shown and f"reused from {old[:6]}" in shown


def test_a_fork_of_a_fork_names_the_run_that_did_the_work(flow: Project) -> None:
    first = json.loads(flow.cli("runs", "show", "-o", "json").out)["run"]
    flow.cli("fork", "-i", "tone=terse")
    result = json.loads(flow.cli("fork", "-i", "tone=dry", "-o", "json").out)
    assert result["steps"]["fetch"]["reused"] == first
    assert result["inputs"]["tone"] == "dry"


def test_a_fork_keeps_the_inputs_of_its_parent(flow: Project) -> None:
    flow.cli("run", "flow.yaml", "-i", "tone=cold")
    flow.effects()
    assert flow.cli("fork", "--from", "write").out == "1-2-3 cold\n"


def test_tokens_stay_with_the_run_that_spent_them(cli: Cli, write: Write) -> None:
    write(
        "talk.yaml",
        "apiVersion: agentflow/v1\nsteps:\n  a:\n    prompt: Hello\noutputs: {a: '${{ steps.a.output }}'}\n",
    )
    assert cli("run", "talk.yaml", "--mock").code == 0
    result = json.loads(cli("fork", "-o", "json").out)
    assert result["usage"] == {"input_tokens": 0, "output_tokens": 0, "cost": 0.0}
    assert "a scripted answer" in result["outputs"]["a"]


def test_a_mocked_run_stays_mocked_until_somebody_says_otherwise(cli: Cli, write: Write) -> None:
    write("talk.yaml", "apiVersion: agentflow/v1\nsteps:\n  a:\n    prompt: Hello\n")
    write("answers.yaml", "- {match: Hello, fail: auth}\n")
    assert cli("run", "talk.yaml", "--recordings", "answers.yaml").code == 4
    assert cli("resume").code == 4
    write("answers.yaml", "- {match: Hello, text: Hi}\n")
    assert cli("fork", "--from", "a").code == 0
    refused = cli("fork", "--from", "a", "--no-mock")
    assert refused.code == 1 and "AGENTFLOW_NO_MODELS" in refused.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nope",), "there is no run `nope`"),
        (("--from", "shap"), "did you mean `shape`?"),
        (("-i", "tune=x"), "did you mean `tone`?"),
        (("-i", "count=many"), "`count` must be a whole number"),
    ],
)
def test_what_cannot_be_forked_is_said_before_a_run_exists(
    flow: Project, arguments: tuple[str, ...], said: str
) -> None:
    before = flow.cli("runs", "list").out
    called = flow.cli("fork", *arguments)
    assert called.code == 2 and said in called.err
    assert flow.cli("runs", "list").out == before


def test_a_workflow_file_that_has_gone_is_told_with_what_works(flow: Project) -> None:
    (flow.root / "flow.yaml").unlink()
    called = flow.cli("fork", "--updated")
    assert called.code == 2 and "without `--updated` its frozen plan is used" in called.err
    assert flow.cli("fork").code == 0
