"""`run --mock` and `--recordings`: a script plays every model's part."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Called

Cli = Callable[..., Called]
Write = Callable[[str, str], Path]

TALK = """\
apiVersion: agentflow/v1
name: talk
inputs:
  topic: {type: string, default: ships}
steps:
  kind:
    prompt: Classify ${{ inputs.topic }}
    model: openai/gpt-5-mini
    output:
      type: object
      properties: {kind: {enum: [boat, bird]}, sure: {type: boolean}}
      required: [kind, sure]
  say:
    prompt: Say something about a ${{ steps.kind.output.kind }}
outputs:
  kind: ${{ steps.kind.output }}
  said: ${{ steps.say.output }}
"""


@pytest.fixture
def talk(write: Write) -> None:
    write("talk.yaml", TALK)


def outputs(called: Called) -> dict[str, object]:
    assert called.code == 0, called.err
    found: dict[str, object] = json.loads(called.out)["outputs"]
    return found


@pytest.mark.usefixtures("talk")
def test_mock_gives_the_smallest_valid_values_and_calls_nobody(cli: Cli) -> None:
    called = cli("run", "talk.yaml", "--mock", "-o", "json")
    assert outputs(called)["kind"] == {"kind": "boat", "sure": False}
    assert "mock" in called.err.splitlines()[0]
    usage = json.loads(called.out)["steps"]["say"]["usage"]
    assert usage["model"] == "scripted"


@pytest.mark.usefixtures("talk")
def test_recordings_answer_by_match_and_in_order(cli: Cli, write: Write) -> None:
    write("answers.yaml", "- {match: Classify, value: {kind: bird, sure: true}}\n- It flies.\n")
    found = outputs(cli("run", "talk.yaml", "--recordings", "answers.yaml", "-o", "json"))
    assert found == {"kind": {"kind": "bird", "sure": True}, "said": "It flies."}


@pytest.mark.usefixtures("talk")
def test_a_request_that_the_script_does_not_know_fails_its_step(cli: Cli, write: Write) -> None:
    write("answers.yaml", "- {match: Classify, value: {kind: bird, sure: true}}\n")
    called = cli("run", "talk.yaml", "--recordings", "answers.yaml")
    assert called.code == 1 and "the script has no answer" in called.err


@pytest.mark.usefixtures("talk")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {txt: hi}", "did you mean `text`?"),
        ("just: words", "a model script is a list of answers"),
        ("- {text: [", "error["),
        (None, "there is no file answers.yaml"),
    ],
)
def test_a_script_that_cannot_be_used_is_told_before_a_run_exists(
    cli: Cli, write: Write, text: str | None, said: str
) -> None:
    if text is not None:
        write("answers.yaml", text)
    called = cli("run", "talk.yaml", "--recordings", "answers.yaml")
    assert called.code == 2 and said in called.err
    assert cli("runs", "list").out == ""


@pytest.mark.usefixtures("talk")
def test_a_resume_can_be_played_by_a_script_too(cli: Cli, write: Write) -> None:
    write("none.yaml", "- {match: Classify, value: {kind: bird, sure: true}}\n")
    assert cli("run", "talk.yaml", "--recordings", "none.yaml").code == 1
    assert outputs(cli("resume", "--mock", "-o", "json"))["kind"] == {"kind": "bird", "sure": True}
