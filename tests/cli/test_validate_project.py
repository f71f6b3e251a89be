"""`agentflow validate` without a path: every file of the project, what is wrong between them, and what is kept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agentflow_cli.application.usecases import validate as validating
from agentflow_cli.application.usecases.project_check import kept_checks, verdict
from agentflow_cli.application.usecases.validate import validate
from agentflow_cli.foundation.clock import SystemClock
from agentflow_cli.language.compiler import check_file as checking
from agentflow_cli.language.loader.files import Files
from tests.cli.conftest import Called

Cli = Callable[..., Called]
Write = Callable[[str, str], Path]

HEAD = "apiVersion: agentflow/v1\n"
RUN = HEAD + "steps: {a: {run: 'true'}}\n"
AGENT = HEAD + "instructions: Be brief.\n"


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    directory = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(directory))
    monkeypatch.setenv("XDG_STATE_HOME", str(directory / "state"))
    return directory / "agentflow" / "checks"


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that were checked, and not taken from the cache."""
    names: list[str] = []

    def counting(path: Path, *rest: object) -> str:
        names.append(path.name)
        return checking.check_file(path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(verdict, "check_file", counting)
    return names


def settle(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what was just written be old: a minute passes."""
    real = SystemClock.now
    monkeypatch.setattr(SystemClock, "now", lambda self: real(self) + 60)


def codes(cli: Cli) -> list[tuple[str, str]]:
    found = json.loads(cli("validate", "-o", "json").out)["diagnostics"]
    return [(d["code"], d["file"]) for d in found]


def test_files_deeper_down_are_checked_when_they_say_what_they_are(cli: Cli, write: Write) -> None:
    write("workflows/a.yaml", RUN)
    write("workflows/deep/er/b.yaml", HEAD + "stepz: {}\n")
    write("workflows/data/rows.yaml", "- 1\n- 2\n")
    write("examples/c/workflow.yaml", RUN)
    write("examples/c/answers.yaml", "a: 1\n")
    write("workflows/.hidden/d.yaml", HEAD + "stepz: {}\n")
    write("workflows/node_modules/e.yaml", HEAD + "stepz: {}\n")
    write("top.yaml", RUN)
    write("flow.yaml", '{\n  "apiVersion": "agentflow/v1", "steps": {"a": {"run": "echo"}}}\n')
    called = cli("validate", "-o", "json")
    report = json.loads(called.out)
    assert report["files"] == 5
    assert {d["file"] for d in report["diagnostics"]} == {"workflows/deep/er/b.yaml"}


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ("workflows", {"workflows/a.yaml", "workflows/data.yaml", "workflows/deep/er/b.yaml"}),
        ("workflows/deep", {"workflows/deep/er/b.yaml"}),
        ("examples", {"examples/inner/agentflow.yaml", "examples/inner/workflows/c.yaml"}),
        ("examples/inner", {"examples/inner/agentflow.yaml", "examples/inner/workflows/c.yaml"}),
        ("elsewhere", {"elsewhere/d.yaml"}),
    ],
)
def test_a_directory_means_its_project_or_what_is_of_the_language_in_it_at_any_depth(
    write: Write, named: str, found: set[str], project: Path
) -> None:
    for name in ("workflows/a.yaml", "workflows/deep/er/b.yaml", "examples/inner/workflows/c.yaml", "elsewhere/d.yaml"):
        write(name, RUN)
    write("workflows/data.yaml", "- 1\n")
    write("workflows/deep/er/rows.yaml", "- 1\n")
    write("workflows/.hidden/x.yaml", RUN)
    write("examples/inner/agentflow.yaml", HEAD)
    assert set(validate([named]).names) == found


def test_another_tools_file_in_workflows_is_named_for_what_it_is(cli: Cli, write: Write) -> None:
    write("workflows/ci.yaml", "on: push\njobs: {a: {runs-on: x}}\n")
    assert "this looks like a GitHub Actions workflow" in cli("validate").out


def test_an_agent_that_no_workflow_uses_is_a_warning(cli: Cli, write: Write) -> None:
    write("workflows/a.yaml", HEAD + "steps: {a: {agent: used, task: Go}}\n")
    write("agents/used.yaml", AGENT + "tools: ['agent:helper']\n")
    write("agents/helper.yaml", AGENT)
    write("agents/lonely.yaml", AGENT)
    assert codes(cli) == [("AF601", "agents/lonely.yaml")]
    assert cli("validate").code == 0
    assert "AF601" not in cli("validate", "workflows/a.yaml", "agents/lonely.yaml").out


def test_an_agent_is_not_called_unused_where_nobody_can_know(cli: Cli, write: Write) -> None:
    write("workflows/a.yaml", HEAD + "steps: {a: {agnet: lonely, task: Go}}\n")
    write("agents/lonely.yaml", AGENT)
    assert ("AF601", "agents/lonely.yaml") not in codes(cli)
    write("workflows/a.yaml", RUN)
    write("flows/elsewhere.yaml", HEAD + "steps: {a: {agent: lonely, task: Go}}\n")
    assert codes(cli) == []


def test_two_files_with_one_id_are_told_with_both_places(cli: Cli, write: Write) -> None:
    write("workflows/a.yaml", HEAD + "steps: {a: {agent: reader, task: Go}}\n")
    write("agents/reader.yaml", AGENT)
    write("agents/reader.yml", AGENT)
    [found] = json.loads(cli("validate", "-o", "json").out)["diagnostics"]
    assert (found["code"], found["file"]) == ("AF602", "agents/reader.yml")
    assert found["secondary"][0]["file"] == "agents/reader.yaml"


def test_two_workflows_with_one_name_are_told_at_both_names(cli: Cli, write: Write) -> None:
    write("workflows/a.yaml", RUN + "name: same\n")
    write("workflows/b.yaml", RUN + "name: same\n")
    [found] = json.loads(cli("validate", "-o", "json").out)["diagnostics"]
    assert (found["code"], found["file"], found["line"]) == ("AF603", "workflows/b.yaml", 3)
    assert found["secondary"][0]["file"] == "workflows/a.yaml"


def test_a_whole_file_is_blamed_at_its_first_line_that_is_no_comment(cli: Cli, write: Write) -> None:
    head = "\ufeff# yaml-language-server: $schema=../schemas/agent.schema.json\n\n---\n"
    write("workflows/a.yaml", f"# its name\n# is that of the file\n{HEAD}steps: {{a: {{agent: reader, task: Go}}}}\n")
    write("workflows/b.yaml", HEAD + "name: a\nsteps: {a: {run: 'true'}}\n")
    write("agents/reader.yaml", AGENT)
    write("agents/reader.yml", head + AGENT)
    write("agents/lonely.yaml", head + AGENT)
    report = json.loads(cli("validate", "-o", "json").out)
    found = {d["code"]: (d["file"], d["line"], [s["line"] for s in d["secondary"]]) for d in report["diagnostics"]}
    assert found == {
        "AF601": ("agents/lonely.yaml", 4, []),
        "AF602": ("agents/reader.yml", 4, [1]),
        "AF603": ("workflows/b.yaml", 2, [3]),
    }


def test_a_comment_at_the_head_of_an_agent_says_that_it_may_be_unused(cli: Cli, write: Write) -> None:
    write("workflows/a.yaml", RUN)
    for head in ("# agentflow: ignore[AF601]\n", "# modeline\n# agentflow: ignore[AF601] later\n\n---\n"):
        write("agents/lonely.yaml", head + AGENT)
        assert codes(cli) == []


def test_a_file_of_tools_that_is_not_python_is_told(cli: Cli, write: Write) -> None:
    write("workflows/a.yaml", RUN)
    write("tools/broken.py", "def f(:\n")
    assert codes(cli) == [("AF604", "tools/broken.py")]


def test_a_circle_of_workflows_is_told_once_with_its_path(cli: Cli, write: Write) -> None:
    for name, other in (("a", "b"), ("b", "c"), ("c", "a")):
        write(f"workflows/{name}.yaml", HEAD + f"steps: {{x: {{workflow: {other}.yaml}}}}\n")
    called = cli("validate")
    assert called.out.count("AF363") == 1
    chain = "`workflows/a.yaml` calls `workflows/b.yaml` calls `workflows/c.yaml` calls `workflows/a.yaml`"
    assert chain in called.out


def test_an_input_that_a_called_workflow_no_longer_has_is_told_at_its_caller(cli: Cli, write: Write) -> None:
    write("workflows/a.yaml", HEAD + "steps: {x: {workflow: b.yaml, with: {who: Ann}}}\n")
    write("workflows/b.yaml", HEAD + "inputs: {who: {type: string}}\nsteps: {a: {prompt: '${{ inputs.who }}'}}\n")
    assert codes(cli) == []
    write("workflows/b.yaml", HEAD + "inputs: {name: {type: string}}\nsteps: {a: {prompt: '${{ inputs.name }}'}}\n")
    assert {code for code, file in codes(cli) if file == "workflows/a.yaml"} == {"AF364"}


def test_a_second_run_checks_only_what_changed(
    write: Write, project: Path, checked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write("workflows/a.yaml", HEAD + "steps: {x: {workflow: sub/b.yaml}}\n")
    write("workflows/sub/b.yaml", RUN)
    write("workflows/c.yaml", HEAD + "steps: {x: {prompt: {file: ../prompts/p.md}}}\n")
    write("workflows/d.yaml", HEAD + "steps: {x: {agent: reader, task: Go}}\n")
    write("agents/reader.yaml", AGENT)
    settle(project, monkeypatch)

    def again() -> tuple[list[str], list[str]]:
        checked.clear()
        report = validate([])
        return sorted(checked), [d.code for d in report.diagnostics]

    assert again() == (["a.yaml", "b.yaml", "c.yaml", "d.yaml", "reader.yaml"], ["AF341"])
    assert again() == ([], ["AF341"])
    write("prompts/p.md", "Hello")
    assert again() == (["c.yaml"], [])
    write("prompts/p.md", "Hello ${{ inputs.x }}")
    assert again() == (["c.yaml"], ["AF311"])
    write("workflows/sub/b.yaml", RUN.replace("true", "false"))
    assert again() == (["a.yaml", "b.yaml"], ["AF311"])
    write("agents/reader.yaml", AGENT.replace("brief", "kind"))
    assert again() == (["d.yaml", "reader.yaml"], ["AF311"])
    (project / "prompts" / "p.md").unlink()
    assert again() == (["c.yaml"], ["AF341"])
    assert again() == ([], ["AF341"])


def test_what_is_taken_from_the_cache_reads_as_before(cli: Cli, write: Write, checked: list[str], project: Path,
                                                     monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    write("workflows/a.yaml", HEAD + "steps:\n  x: {workflow: b.yaml}\n  y: {rnu: sk-proj-abcdefghij0123456789xyz}\n")
    write("workflows/b.yaml", HEAD + "steps: {a: {prompt: '${{ inputs.who }}'}}\n")
    settle(project, monkeypatch)
    first = cli("validate")
    checked.clear()
    second = cli("validate")
    assert checked == [] and first.code == second.code == 1
    assert second.out == first.out
    assert "abcdefghij0123456789xyz" not in second.out


def test_no_cache_checks_everything_again(cli: Cli, write: Write, checked: list[str], project: Path,
                                          monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    write("workflows/a.yaml", RUN)
    write("workflows/b.yaml", RUN)
    settle(project, monkeypatch)
    cli("validate")
    checked.clear()
    cli("validate", "--no-cache")
    assert sorted(checked) == ["a.yaml", "b.yaml"]


def test_what_another_build_of_the_program_has_found_counts_as_none(
    write: Write, project: Path, checked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write("workflows/a.yaml", RUN)
    write("workflows/b.yaml", RUN)
    settle(project, monkeypatch)
    validate([])
    monkeypatch.setattr(kept_checks, "_build", lambda: "another")
    checked.clear()
    validate([])
    assert sorted(checked) == ["a.yaml", "b.yaml"]


def test_a_file_that_may_still_be_changing_is_checked_again(
    write: Write, project: Path, checked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write("workflows/a.yaml", RUN)
    changing = write("workflows/b.yaml", RUN)
    written = changing.stat().st_ctime_ns / 1e9
    monkeypatch.setattr(SystemClock, "now", lambda self: written + 0.001)
    validate([])
    checked.clear()
    validate([])
    assert "b.yaml" in checked
    monkeypatch.setattr(SystemClock, "now", lambda self: written + 60)
    validate([])
    checked.clear()
    validate([])
    assert checked == []


def test_a_planted_or_damaged_cache_counts_as_none(
    write: Write, project: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("workflows/a.yaml", HEAD + "steps: {a: {rnu: x}}\n")
    write("workflows/b.yaml", RUN)
    settle(project, monkeypatch)
    expected = [d.code for d in validate([]).diagnostics]
    [kept] = own_cache.glob("*.json")
    good = json.loads(kept.read_text())
    key = next(name for name in good["files"] if name.endswith("a.yaml"))
    states, findings, kind, name = good["files"][key]
    line_zero = [findings[0][0], findings[0][1], ["workflows/a.yaml", 0, -1, True, "x"], *findings[0][3:]]
    for record in (
        [], None, 5, "x", [states], [[], [], kind, name], [states, [["AF999", "x"]], kind, name],
        [states, [line_zero], kind, name], [[["file", "\0", "x"]], [], kind, name], [[[1, 2, 3]], [], kind, name],
        [states, findings, kind, ["x", [1]]],
    ):  # fmt: skip
        kept.write_text(json.dumps({**good, "files": {key: record}}))
        assert [d.code for d in validate([]).diagnostics] == expected
    for text in ("", "{", "[]", "null", '{"format": 1}', "[" * 100_000, "\x00\xff"):
        kept.write_text(text)
        assert [d.code for d in validate([]).diagnostics] == expected


def test_a_cache_that_cannot_be_written_is_done_without(
    cli: Cli, write: Write, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("workflows/a.yaml", RUN)
    write("workflows/b.yaml", RUN)
    blocked = own_cache.parent.parent / "a-file"
    blocked.write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    assert cli("validate").code == 0


def test_several_checks_at_once_all_find_what_is_there_and_leave_a_cache_that_can_be_read(
    write: Write, project: Path, own_cache: Path, checked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        write(f"workflows/w{number}.yaml", HEAD + f"steps: {{a: {{run: x}}, b{number}: {{rnu: x}}}}\n")
    command = [sys.executable, "-m", "agentflow_cli", "validate", "-o", "json"]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    reports = [process.communicate(timeout=60)[0] for process in started]
    assert len(set(reports)) == 1 and json.loads(reports[0])["errors"] == 30
    [kept] = own_cache.glob("*.json")
    assert len(json.loads(kept.read_text())["files"]) == 30
    settle(project, monkeypatch)
    assert len(validate([]).diagnostics) == 30
    assert checked == []


def test_what_is_said_instead_of_a_missing_file_follows_the_files_beside_it(
    cli: Cli, write: Write, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("workflows/a.yaml", HEAD + "steps: {a: {prompt: {file: summary.md}}}\n")
    write("workflows/b.yaml", RUN)
    settle(project, monkeypatch)
    assert "did you mean" not in cli("validate").out
    write("workflows/sumary.md", "Hello")
    assert "did you mean `sumary.md`?" in cli("validate").out
    (project / "workflows/sumary.md").rename(project / "workflows/sumaries.md")
    assert "sumary.md" not in cli("validate").out


def test_two_links_to_one_file_are_two_files(
    cli: Cli, write: Write, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("workflows/a.yaml", HEAD + "steps: {a: {rnu: x}}\n")
    write("workflows/c.yaml", RUN)
    settle(project, monkeypatch)
    assert {file for _, file in codes(cli)} == {"workflows/a.yaml"}
    (project / "workflows/b.yaml").symlink_to("a.yaml")
    files = {file for _, file in codes(cli)}
    assert files == {
        file["file"] for file in json.loads(cli("validate", "--no-cache", "-o", "json").out)["diagnostics"]
    }
    assert files == {"workflows/a.yaml", "workflows/b.yaml"}


def test_an_agent_in_a_directory_whose_name_is_a_pattern_is_found_when_it_comes(
    cli: Cli, write: Write, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("x[1]/agentflow.yaml", HEAD)
    for name in "ab":
        write(f"x[1]/workflows/{name}.yaml", HEAD + "steps: {a: {agent: reader, task: Go}}\n")
    monkeypatch.chdir(project / "x[1]")
    settle(project, monkeypatch)
    assert [code for code, _ in codes(cli)] == ["AF361", "AF361"]
    write("x[1]/agents/reader.yaml", AGENT)
    assert codes(cli) == []


def test_cache_clear_forgets_what_validate_keeps(
    cli: Cli, write: Write, own_cache: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("workflows/a.yaml", RUN)
    write("workflows/b.yaml", RUN)
    settle(project, monkeypatch)
    cli("validate")
    assert list(own_cache.glob("*.json"))
    assert cli("cache", "clear").code == 0
    assert not list(own_cache.glob("*.json"))


def test_everything_that_a_check_opens_is_among_what_its_verdict_stands_on(write: Write, project: Path) -> None:
    write("agentflow.yaml", HEAD + "name: p\n")
    write("prompts/p.md", "Hi")
    write("tools/t.py", 'def look(x: str) -> str:\n    """Look."""\n    return x\n')
    write("code.py", "from shapes import Row\ndef go() -> list[Row]: return []\n")
    write("shapes.py", "import typing\nclass Row(typing.TypedDict):\n    name: str\n")
    write("pkg/__init__.py", "")
    write("pkg/mod.py", "def go(): return 1\n")
    write("workflows/b.yaml", HEAD + "steps: {a: {agent: reader, task: Go}}\n")
    write("agents/reader.yaml", AGENT + "tools: [look]\nlimits: {turns: 3}\n")
    path = write(
        "workflows/a.yaml",
        HEAD + "steps:\n  a: {workflow: b.yaml}\n  b: {python: '../code.py:go'}\n  c: {python: 'pkg.mod:go'}\n"
        "  d: {tool: look, with: {x: y}}\n  e: {prompt: {file: ../prompts/p.md}}\n",
    )
    opened: set[Path] = set()
    watching = [True]

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if watching[0] and event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
            opened.add(Path(os.fsdecode(arguments[0])))

    sys.addaudithook(hook)
    found = verdict.check_alone(path, project, Files())
    watching[0] = False
    assert found.findings == ()
    seen = {where.resolve() for _, where in found.uses}
    inside = {where.resolve() for where in opened if where.resolve().is_relative_to(project.resolve())}
    assert len(inside) >= 9
    assert inside <= seen


def test_the_texts_and_trees_of_a_large_project_are_not_all_held_at_once(
    cli: Cli, write: Write, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(validating, "_MOST_HELD", 1000)
    write("workflows/wrong.yaml", HEAD + "steps: {a: {rnu: x}}\n")
    write("workflows/silent.yaml", HEAD + "steps: {a: {rnu: x}}  # agentflow: ignore[AF201]\n")
    for number in range(40):
        write(f"workflows/w{number}.yaml", RUN + "# " + "x" * 200 + "\n")
    settle(project, monkeypatch)
    for cache in (False, True, True):
        files = Files()
        report = validate([], files, cache=cache)
        assert [d.code for d in report.diagnostics] == ["AF201"]
        assert "workflows/wrong.yaml" in report.sources and len(report.sources) < 10
        assert len(files.documents) < 10 and len(report.names) == 42
    assert "1 of 42 files" in cli("validate").out
