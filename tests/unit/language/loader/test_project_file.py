"""The project file."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics
from agentflow_cli.domain.models import ModelAlias
from agentflow_cli.domain.project import TOOL_FILES, Channel, Project
from agentflow_cli.language.loader.files import Files
from agentflow_cli.language.loader.project import load_project

HEAD = "apiVersion: agentflow/v1\n"


def load(root: Path, text: str) -> tuple[Project, list[Diagnostic], Files]:
    (root / "agentflow.yaml").write_text(text)
    found, files = Diagnostics(), Files()
    return load_project(root, found, files), found.sorted(), files


def test_without_a_file_everything_has_its_default(tmp_path: Path) -> None:
    found = Diagnostics()
    assert load_project(tmp_path, found) == Project(tmp_path.name)
    assert not found


def test_everything_that_a_project_says(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/search.py").touch()
    project, found, _ = load(
        tmp_path,
        HEAD + "name: Acme\n"
        "description: Docs.\n"
        "models: {writer: openai/gpt-5, critic: [a/b, c/d]}\n"
        "defaults: {model: writer, max_parallel: 4, timeout: 10m, pass_env: [FOO]}\n"
        "tools: [lib/search.py]\n"
        "secrets: {KEY: env:MY_KEY, CERT: file:~/cert}\n"
        "notify: {team: {command: [./tell.sh, team]}}\n"
        "x-anything: 1\n",
    )
    assert found == []
    assert project == Project(
        name="Acme",
        file="agentflow.yaml",
        description="Docs.",
        models={"writer": ModelAlias(("openai/gpt-5",)), "critic": ModelAlias(("a/b", "c/d"))},
        model="writer",
        max_parallel=4,
        timeout=600,
        pass_env=("FOO",),
        tools=(*TOOL_FILES, "lib/search.py"),
        secrets={"KEY": "env:MY_KEY", "CERT": "file:~/cert"},
        channels={"team": Channel(("./tell.sh", "team"))},
    )
    assert (project.secret("KEY"), project.secret("OTHER")) == ("env:MY_KEY", "env:OTHER")


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("nmae: x", "AF201", "did you mean `name`?"),
        ("budgets: {day: 5}", "AF209", ""),
        ("providers: {}", "AF209", ""),
        ("defaults: {timeout: 5}", "AF210", "write `5s`"),
        ("defaults: {timeout: 0s}", "AF210", ""),
        ("defaults: {max_parallel: 0}", "AF206", ""),
        ("models: {a: []}", "AF206", ""),
        ("models: {a: a}", "AF383", "`provider/name`"),
        ("notify: {log: {command: [cat]}}", "AF221", "another name"),
        ("secrets: {KEY: hunter2hunter2}", "AF219", "never stands in a file"),
        ("tools: [../x.py]", "AF342", ""),
        ("steps: {a: {run: ls}}", "AF201", ""),
    ],
)
def test_a_mistake_in_the_project_file(tmp_path: Path, line: str, code: str, said: str) -> None:
    _, found, _ = load(tmp_path, f"{HEAD}{line}\n")
    assert [d.code for d in found] == [code]
    assert said in (found[0].help or "")


def test_a_wrong_file_keeps_the_name_and_gives_defaults(tmp_path: Path) -> None:
    project, found, _ = load(tmp_path, HEAD + "name: Acme\ndefaults: {max_parallel: many}\n")
    assert project == Project("Acme", "agentflow.yaml", whole=False) and len(found) == 1


def test_a_token_is_found_and_not_shown(tmp_path: Path) -> None:
    token = "sk-" + "a1b2c3d4" * 5
    _, found, files = load(tmp_path, f"{HEAD}secrets: {{KEY: {token}}}\n")
    assert "AF120" in [d.code for d in found]
    assert all(token not in text for text in files.sources.values())
    assert all(token not in d.message + (d.label or "") + (d.help or "") for d in found)


def test_findings_are_told_once_for_the_same_files(tmp_path: Path) -> None:
    _, _, files = load(tmp_path, HEAD + "nmae: x\n")
    again = Diagnostics()
    load_project(tmp_path, again, files)
    assert not again
