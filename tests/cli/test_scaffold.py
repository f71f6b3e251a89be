"""`agentflow init` and `new`: what they write is right as it stands, and nothing is overwritten."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Called

Cli = Callable[..., Called]


def test_a_new_project_is_valid_and_its_state_is_kept_out_of_git(cli: Cli, project: Path) -> None:
    called = cli("init", "demo")
    assert called.code == 0
    assert [line for line in called.err.splitlines() if "next:" in line] == [
        "  next: cd demo && agentflow validate",
        "  next: agentflow run workflows/hello.yaml --mock",
        "  next: agentflow run workflows/hello.yaml",
    ]
    assert (project / "demo/.gitignore").read_text() == ".agentflow/\n"
    assert (project / "demo/workflows/hello.yaml").read_text().startswith("# yaml-language-server: $schema=../schemas/")
    assert (
        (project / "demo/agentflow.yaml").read_text().startswith("# yaml-language-server: $schema=./schemas/project.")
    )
    assert (project / "demo/schemas/project.schema.json").is_file()
    assert cli("-C", "demo", "validate").code == 0


def test_init_twice_changes_nothing(cli: Cli, project: Path) -> None:
    (project / ".gitignore").write_text("build")
    (project / "workflows/hello.yaml").write_text("mine")
    first = cli("init")
    assert "kept  workflows/hello.yaml" in first.err
    assert (project / "workflows/hello.yaml").read_text() == "mine"
    assert (project / ".gitignore").read_text() == "build\n.agentflow/\n"
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    assert "wrote" not in cli("init").err
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("name", ["draft", "release-notes"])
def test_a_new_workflow_is_valid(cli: Cli, project: Path, name: str) -> None:
    assert cli("new", "workflow", name).code == 0
    assert cli("validate", f"workflows/{name}.yaml").code == 0
    assert (project / "schemas/workflow.schema.json").is_file()


def test_a_new_agent_is_valid_and_can_be_used_at_once(cli: Cli, project: Path) -> None:
    assert cli("new", "agent", "critic").code == 0
    assert (project / "schemas/agent.schema.json").is_file()
    assert cli("validate", "agents/critic.yaml").code == 0
    steps = "steps:\n  a: {agent: critic, task: Judge this.}\noutputs: {a: '${{ steps.a.output }}'}\n"
    text = f"apiVersion: agentflow/v1\n{steps}"
    (project / "workflows/judge.yaml").write_text(text)
    assert "scripted answer" in cli("run", "workflows/judge.yaml", "--mock").out


def test_a_new_tool_is_a_python_function_that_works(cli: Cli, project: Path) -> None:
    assert cli("new", "tool", "first_words").code == 0
    names: dict[str, object] = {}
    exec(compile((project / "tools/first_words.py").read_text(), "tool", "exec"), names)
    assert callable(names["first_words"]) and names["first_words"]("a b c", limit=2) == ["a", "b"]


def test_what_is_there_is_never_overwritten(cli: Cli, project: Path) -> None:
    (project / "agents").mkdir()
    (project / "agents/critic.yaml").write_text("mine")
    called = cli("new", "agent", "critic")
    assert (called.code, (project / "agents/critic.yaml").read_text()) == (73, "mine")
    assert "agents/critic.yaml is there already" in called.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("wrkflow", "x"), "did you mean `workflow`?"),
        (("workflow", "My Flow.yaml"), "`my-flow` would be right"),
        (("workflow", "../x"), "cannot be the name"),
        (("tool", "class"), "no word of Python"),
        (("tool", "a-b"), "cannot be the name of a tool"),
    ],
)
def test_wrong_kinds_and_names_are_told_with_what_would_be_right(
    cli: Cli, project: Path, arguments: tuple[str, str], said: str
) -> None:
    before = set(project.rglob("*"))
    called = cli("new", *arguments)
    assert called.code == 2 and said in called.err
    assert set(project.rglob("*")) == before


def test_a_file_where_a_directory_is_needed_is_said_plainly(cli: Cli, project: Path) -> None:
    (project / "demo").write_text("")
    called = cli("init", "demo")
    assert called.code == 73 and "cannot create" in called.err


@pytest.mark.parametrize(("directory", "name"), [("shop2", "shop2"), ("2024-Übungen_", "ubungen"), ("2024", "project")])
def test_a_project_is_named_after_its_directory(cli: Cli, project: Path, directory: str, name: str) -> None:
    assert cli("init", directory).code == 0
    assert f"name: {name}\n" in (project / directory / "agentflow.yaml").read_text(encoding="utf-8")
