"""`agentflow plan`: what is said of a run before it, and that nothing happens for it."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Called

Cli = Callable[..., Called]
Write = Callable[[str, str], Path]

HEAD = "apiVersion: agentflow/v1\nname: w\n"


@pytest.fixture(autouse=True)
def no_models_of_the_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.endswith(("_API_KEY", "_BASE_URL", "_API_BASE")) or name in ("AGENTFLOW_MODEL", "OLLAMA_HOST"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture
def plan(cli: Cli, write: Write) -> Callable[..., Any]:
    """The JSON report of a workflow given as text, its steps by path."""

    def plan(text: str, *arguments: str) -> Any:
        write("w.yaml", HEAD + text)
        called = cli("plan", "w.yaml", "-o", "json", *arguments)
        assert called.code in (0, 1), called.err
        report = json.loads(called.out)
        return {**report, "steps": {step["path"]: step for step in report["steps"]}}

    return plan


def verdicts(report: Any) -> dict[str, str]:
    return {path: step["verdict"] for path, step in report["steps"].items()}


CONDITIONS = """\
inputs:
  loud: {type: boolean, default: false}
  who: {type: string}
steps:
  ask: {ask: {message: sure?}}
  never: {when: inputs.loud, set: {a: 1}}
  behind: {set: {b: "${{ steps.never.output.a }}"}}
  maybe: {when: steps.ask.output.choice == 'approve', set: {c: 1}}
  then: {needs: [maybe], set: {d: 1}}
  always: {when: not inputs.loud, set: {e: 1}}
  known: {when: steps.always.output.e == 1, set: {f: 1}}
"""


def test_conditions_that_are_decided_already_are_decided_in_the_plan(plan: Callable[..., Any]) -> None:
    found = verdicts(plan(CONDITIONS))
    assert found == {
        "ask": "asks", "never": "skipped", "behind": "skipped", "maybe": "conditional", "then": "conditional",
        "always": "runs", "known": "runs",
    }  # fmt: skip
    assert verdicts(plan(CONDITIONS, "-i", "loud=true"))["never"] == "runs"


def test_why_a_step_is_skipped_or_conditional_is_said(plan: Callable[..., Any]) -> None:
    steps = plan(CONDITIONS)["steps"]
    assert steps["never"]["why"] == "`inputs.loud` is false"
    assert steps["behind"]["why"] == "`never` is skipped"
    assert steps["maybe"]["why"] == "when steps.ask.output.choice == 'approve'"
    assert steps["then"]["why"] == "only if `maybe` runs"


def test_an_input_that_is_missing_is_named_with_the_option_that_gives_it(plan: Callable[..., Any]) -> None:
    text = "inputs: {who: {type: string}}\nsteps: {a: {when: inputs.who == 'me', set: {x: 1}}}\n"
    report = plan(text)
    assert report["inputs"]["missing"] == {"who": "-i who=…"}
    assert verdicts(report) == {"a": "conditional"}
    assert verdicts(plan(text, "-i", "who=me")) == {"a": "runs"}
    assert verdicts(plan(text, "-i", "who=you")) == {"a": "skipped"}


def test_an_input_that_does_not_fit_is_refused_as_by_run(cli: Cli, write: Write) -> None:
    write("w.yaml", HEAD + "inputs: {n: {type: integer}}\nsteps: {a: {set: {x: 1}}}\n")
    called = cli("plan", "w.yaml", "-i", "n=many")
    assert called.code == 2 and "must be a whole number" in called.err


def test_what_will_surely_fail_is_said(plan: Callable[..., Any]) -> None:
    steps = plan(
        "steps:\n  a: {set: {x: '${{ env.NOT_THERE_1 }}'}}\n  b: {when: env.NOT_THERE_1 == 'x', set: {y: 1}}\n"
    )["steps"]
    assert steps["a"]["problem"] == "there is no environment variable `NOT_THERE_1`"
    assert "NOT_THERE_1" in steps["b"]["problem"]


def test_a_variable_that_a_dotenv_file_may_set_is_left_open_and_the_file_is_not_read(
    plan: Callable[..., Any], project: Path
) -> None:
    os.mkfifo(project / ".env")  # whoever opens it to read waits for ever
    report = plan("steps: {a: {when: env.NOT_THERE_1 == 'x', set: {y: 1}}}\n")
    assert verdicts(report) == {"a": "conditional"}
    assert [need["present"] for need in report["needs"]] == [None]


def test_children_of_a_list_that_is_known_are_counted(plan: Callable[..., Any]) -> None:
    text = """\
inputs: {names: {type: array, default: [a, bb, ccc]}}
steps:
  each: {foreach: inputs.names, prompt: "Hello ${{ item }}", max_tokens: 10}
  group:
    foreach: [1, 2]
    steps: {inner: {repeat: {max: 3}, prompt: x, max_tokens: 5}}
  empty:
    foreach: "[]"
    steps: {inside: {prompt: x}}
"""
    report = plan(text, "--model", "scripted")
    steps = report["steps"]
    assert (steps["each"]["count"], steps["each"]["prompt_characters"]) == (3, 9)
    assert steps["empty/inside"]["verdict"] == "skipped"
    assert (report["bounds"]["model_calls"], report["bounds"]["output_tokens"]) == (3 + 2 * 3, 30 + 6 * 5)


def test_a_bound_that_is_not_declared_is_unknown_and_never_a_number(plan: Callable[..., Any]) -> None:
    bounds = plan("steps: {a: {model: openai/gpt-5-mini, prompt: x}}\n")["bounds"]
    assert bounds == {
        "model_calls": 1, "output_tokens": None, "output_cost": None, "agent_tokens": 0, "agent_cost": 0,
        "local": False, "unbounded": ["a"],
    }  # fmt: skip
    assert plan("steps: {a: {model: azure/mine, prompt: x, max_tokens: 10}}\n")["bounds"]["output_cost"] is None


def test_a_reply_with_a_schema_may_be_asked_for_twice(plan: Callable[..., Any]) -> None:
    schema = "{type: object, properties: {n: {type: integer}}, required: [n]}"
    report = plan(f"steps: {{a: {{prompt: x, max_tokens: 10, output: {schema}}}}}\n", "--model", "scripted")
    bounds = report["bounds"]
    assert (bounds["model_calls"], bounds["output_tokens"]) == (2, 20)


def test_the_model_and_its_reason_its_key_and_its_host_are_told(
    plan: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-a-real-key-0123456789")
    text = "steps:\n  a: {model: fast, prompt: x}\n  b: {model: mistral/small, prompt: x}\n"
    report = plan(text)
    use = report["steps"]["a"]["model"]
    assert use["written"] == "fast" and use["name"].startswith("openai/") and use["reason"] == "OPENAI_API_KEY is set"
    needs = {need["name"]: need["present"] for need in report["needs"]}
    assert needs == {"OPENAI_API_KEY": True, "MISTRAL_API_KEY": False}
    assert {reach["host"] for reach in report["reaches"]} == {"api.openai.com", "api.mistral.ai"}
    assert "sk-not-a-real" not in json.dumps(report)


def test_an_ollama_is_not_looked_for(plan: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise AssertionError(f"a connection: {arguments}")

    monkeypatch.delenv("AGENTFLOW_NO_MODELS")
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    use = plan("steps: {a: {prompt: x, cache: true}}\n")["steps"]["a"]
    assert use["model"]["name"] is None and use["model"]["either"] == ["ollama", "embedded/smollm2-135m"]
    assert use["cache"]["verdict"] == "unknown"


def test_nothing_of_the_project_is_executed(plan: Callable[..., Any], write: Write, project: Path) -> None:
    bomb = f"import pathlib\npathlib.Path({str(project / 'boom')!r}).write_text('x')\n"
    write("tools/t.py", bomb + 'def shout(text: str) -> str:\n    """Shout."""\n    return text\n')
    write("f.py", bomb + "def g(x: int) -> int:\n    return x\n")
    report = plan(
        "steps:\n  a: {python: f.py:g, with: {x: 1}}\n  b: {tool: shout, with: {text: hi}}\n  c: {run: touch boom}\n"
    )
    assert report["functions"] == {"a": "f.py:g"} and report["commands"] == {"c": "touch boom"}
    assert [(tool["name"], tool["effect"], tool["steps"]) for tool in report["tools"]] == [("shout", True, ["b"])]
    assert not (project / "boom").exists() and not (project / ".agentflow").exists()


def test_hosts_are_told_as_far_as_they_are_known(plan: Callable[..., Any]) -> None:
    text = """\
inputs: {host: {type: string, default: one.test}, path: {type: string, default: x}}
steps:
  literal: {http: {url: "https://two.test/${{ steps.pick.output.p }}"}}
  pick: {run: echo hi}
  given: {http: {url: "https://${{ inputs.host }}/a"}}
  open: {http: {url: "https://${{ steps.pick.output }}/a"}}
  glued: {http: {url: "https://two.test${{ steps.pick.output }}/a"}}
"""
    text = text.replace("steps.pick.output.p ", "steps.pick.output ")
    reaches = plan(text)["reaches"]
    assert [(reach["host"], reach["steps"]) for reach in reaches if reach["host"]] == [
        ("one.test", ["given"]), ("two.test", ["literal"])
    ]  # fmt: skip
    assert sorted(reach["steps"][0] for reach in reaches if reach["host"] is None) == ["glued", "open"]


def test_secrets_are_named_and_never_shown(
    plan: Callable[..., Any], write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(
        "agentflow.yaml", "apiVersion: agentflow/v1\nsecrets: {A: 'env:A_VALUE', B: 'file:b.txt', C: 'env:C_VALUE'}\n"
    )
    write("b.txt", "the-secret-of-b")
    monkeypatch.setenv("A_VALUE", "the-secret-of-a")
    report = plan("steps: {a: {run: 'true', secrets: [A, B, C], env: {X: '${{ secrets.A }}'}}}\n")
    assert {need["name"]: need["present"] for need in report["needs"]} == {"A": True, "B": True, "C": False}
    assert "the-secret" not in json.dumps(report)


CACHED = """\
inputs: {who: {type: string, default: me}}
steps:
  greet: {cache: true, prompt: "Hello ${{ inputs.who }}"}
  each: {foreach: [1, 2], cache: true, prompt: "n ${{ item }}"}
  after: {cache: true, prompt: "You said ${{ steps.greet.output }}"}
  late: {cache: true, prompt: "It printed ${{ steps.shell.output }}"}
  shell: {run: echo hi}
"""


def test_the_cache_says_hit_or_miss_by_the_key_of_the_run(plan: Callable[..., Any], cli: Cli) -> None:
    def outlooks(*arguments: str) -> dict[str, str]:
        steps = plan(CACHED, "--model", "scripted", *arguments)["steps"]
        return {path: step["cache"]["verdict"] for path, step in steps.items() if step["cache"]}

    assert outlooks() == {"greet": "miss", "each": "miss", "after": "unknown", "late": "unknown"}
    assert cli("run", "w.yaml", "--model", "scripted").code == 0
    assert outlooks() == {"greet": "hit", "each": "hit", "after": "hit", "late": "unknown"}
    assert verdicts(plan(CACHED, "--model", "scripted"))["after"] == "cached"
    assert outlooks("-i", "who=you") == {"greet": "miss", "each": "hit", "after": "unknown", "late": "unknown"}
    ran = json.loads(cli("runs", "show", "last", "-o", "json").out)
    assert ran["status"] == "succeeded"


def test_a_plan_makes_no_cache_where_there_is_none(plan: Callable[..., Any], tmp_path: Path) -> None:
    plan(CACHED, "--model", "scripted")
    assert not (tmp_path / "cache").exists()


TWO = "steps:\n  one: {set: {a: 1}}\n  two: {run: echo two}\n  three: {needs: [two], set: {b: 1}}\n"


def test_what_changed_since_the_last_run_is_marked(plan: Callable[..., Any], cli: Cli) -> None:
    assert plan(TWO)["last_run"] is None
    assert cli("run", "w.yaml").code == 0
    report = plan(TWO)
    assert set(verdicts(report).values()) == {"runs"}
    assert (report["last_run"]["status"], report["last_run"]["inputs"]) == ("succeeded", "same")
    assert report["last_run"]["reusable"] == 3
    report = plan(TWO.replace("echo two", "echo 2") + "  four: {set: {c: 1}}\n")
    since = {path: step["since_last_run"]["verdict"] for path, step in report["steps"].items()}
    assert since == {"one": "same", "two": "changed", "three": "follows", "four": "new"}
    assert report["steps"]["two"]["verdict"] == "changed" and report["steps"]["two"]["why"] == "`script` changed"


def test_a_changed_input_marks_the_steps_that_read_it(plan: Callable[..., Any], cli: Cli) -> None:
    text = "inputs: {n: {type: integer, default: 1}}\nsteps:\n  a: {set: {x: '${{ inputs.n }}'}}\n  b: {set: {y: 1}}\n"
    plan(text)
    assert cli("run", "w.yaml").code == 0
    report = plan(text, "-i", "n=2")
    assert verdicts(report) == {"a": "changed", "b": "runs"}
    assert report["last_run"]["inputs_changed"] == ["n"]


def test_a_strangers_runs_are_not_read_and_the_plan_says_so(plan: Callable[..., Any], cli: Cli, project: Path) -> None:
    plan(TWO)
    assert cli("run", "w.yaml").code == 0
    (project / ".agentflow/runs/.stamp").write_text("forged")
    report = plan(TWO)
    assert report["last_run"] is None and "not made by you" in report["notes"][0]


def test_the_exit_code_tells_whether_something_would_run(plan: Callable[..., Any], cli: Cli) -> None:
    plan("inputs: {go: {type: boolean, default: false}}\nsteps: {a: {when: inputs.go, set: {x: 1}}}\n")
    assert cli("plan", "w.yaml", "--exit-code").code == 0
    assert cli("plan", "w.yaml", "--exit-code", "-i", "go=true").code == 1
    assert cli("plan", "w.yaml", "-i", "go=true").code == 0


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_lines_fit_the_terminal(cli: Cli, write: Write, monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    long = "x" * 300
    write(
        "w.yaml",
        HEAD
        + f"steps:\n  {'n' * 60}: {{name: {long}, run: 'echo {long}'}}\n"
        + f"  b: {{when: 'env.HOME == \"{long}\"', prompt: hi}}\n",
    )
    called = cli("plan", "w.yaml")
    assert called.code == 0 and max(map(len, called.out.splitlines())) <= columns


def test_a_thousand_steps_are_folded_and_those_that_matter_are_shown(cli: Cli, write: Write) -> None:
    steps = "".join(f"  s{n}: {{set: {{a: {n}}}}}\n" for n in range(1000))
    write("w.yaml", HEAD + f"steps:\n{steps}  publish: {{run: ./post}}\n")
    called = cli("plan", "w.yaml")
    lines = called.out.splitlines()
    assert len(lines) < 90 and any("publish" in line and "./post" in line for line in lines)
    assert "941 more: 941 set (-v shows all)" in called.out
    assert len(cli("plan", "w.yaml", "-v").out.splitlines()) > 1000


def test_foreign_text_cannot_act_on_the_terminal(cli: Cli, write: Write) -> None:
    write("w.yaml", HEAD + 'steps:\n  a: {run: "echo \\e]52;c;eA\\a \\u202e x"}\n')
    out = cli("plan", "w.yaml").out
    assert "\x1b" not in out and "\u202e" not in out and "echo" in out


def test_the_signs_are_ascii_where_the_terminal_has_no_others(
    cli: Cli, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    from agentflow_cli.cli.console import Console

    monkeypatch.setattr(Console, "unicode", property(lambda self: False))
    write("w.yaml", HEAD + CACHED)
    out = cli("plan", "w.yaml", "--model", "scripted").out
    assert out.isascii() and " | " in out and "->" in out


def test_what_settles_a_run_is_listed_under_its_section(plan: Callable[..., Any]) -> None:
    report = plan("steps: {a: {set: {x: 1}}}\non_failure: {cry: {run: echo no}}\nfinally: {tidy: {run: echo done}}\n")
    assert verdicts(report) == {"a": "runs", "@on_failure/cry": "conditional", "@finally/tidy": "runs"}


def test_a_called_workflow_sees_the_inputs_that_are_known(plan: Callable[..., Any], write: Write) -> None:
    write(
        "inner.yaml",
        "apiVersion: agentflow/v1\nname: inner\ninputs: {go: {type: boolean}}\n"
        "steps: {x: {when: inputs.go, set: {a: 1}}}\n",
    )
    report = plan(
        "steps:\n  off: {workflow: inner.yaml, with: {go: false}}\n  on: {workflow: inner.yaml, with: {go: true}}\n"
    )
    assert verdicts(report) == {"off": "runs", "off/x": "skipped", "on": "runs", "on/x": "runs"}


def test_a_project_that_asks_for_an_address_is_told_with_the_command_that_grants_it(
    plan: Callable[..., Any], write: Write
) -> None:
    write(
        "agentflow.yaml",
        "apiVersion: agentflow/v1\nmodels:\n"
        "  mine: {model: openai/x, base_url: 'https://models.test/v1', api_key: 'env:MINE'}\n",
    )
    report = plan("steps: {a: {model: mine, prompt: x}}\n")
    assert "models.test" in report["requests"][0] and report["requests"][-1] == "agentflow trust"
    assert [reach["host"] for reach in report["reaches"]] == ["models.test"]
    assert [(need["name"], need["present"]) for need in report["needs"]] == [("MINE", False)]
