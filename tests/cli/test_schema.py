"""`agentflow schema`: printed, listed, and installed where editors find them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Called

Cli = Callable[..., Called]
SETTINGS = ".vscode/settings.json"


def files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", ["workflow", "agent", "project", "findings"])
def test_each_schema_is_printed(cli: Cli, name: str) -> None:
    printed = json.loads(cli("schema", name).out)
    assert printed["title"] == f"AgentFlow {name}"
    assert printed["$schema"] == "http://json-schema.org/draft-07/schema#"


def test_an_unknown_schema_is_answered_with_the_nearest(cli: Cli) -> None:
    called = cli("schema", "projct")
    assert called.code == 2 and "did you mean `project`?" in called.err


def test_schemas_are_listed_with_the_files_they_are_for(cli: Cli) -> None:
    listed = json.loads(cli("schema", "--list", "-o", "json").out)["schemas"]
    assert {schema["name"]: schema["files"][0] if schema["files"] else None for schema in listed} == {
        "workflow": "workflows/*.yaml",
        "agent": "agents/*.yaml",
        "project": "agentflow.yaml",
        "findings": None,
    }
    assert all(Path(schema["path"]).is_file() for schema in listed)
    assert "agents/*.yaml" in cli("schema", "--list").out


def test_an_installation_is_checked_made_and_then_current(cli: Cli, project: Path) -> None:
    before = files(project)
    checked = cli("schema", "--check")
    assert checked.code == 1 and f"would write {SETTINGS}" in checked.err
    assert files(project) == before
    assert cli("schema", "--install").code == 0
    assert cli("schema", "--check").code == 0
    made = files(project)
    assert set(made) - set(before) == {
        SETTINGS,
        *(f"schemas/{n}.schema.json" for n in ("workflow", "agent", "project")),
    }
    again = cli("schema", "--install")
    assert again.code == 0 and "up to date" in again.err and files(project) == made
    mapped = json.loads(made[SETTINGS])["yaml.schemas"]
    assert all((project / name).is_file() for name in mapped)


def test_an_older_schema_of_ours_is_brought_up_to_date(cli: Cli, project: Path) -> None:
    cli("schema", "--install")
    path = project / "schemas/agent.schema.json"
    new = path.read_text()
    path.write_text(json.dumps({"$id": json.loads(new)["$id"]}))
    assert cli("schema", "--check").code == 1
    called = cli("schema", "--install")
    assert called.code == 0 and called.err.splitlines() == ["wrote schemas/agent.schema.json"]
    assert path.read_text() == new


def test_the_users_own_settings_and_files_are_never_replaced(cli: Cli, project: Path) -> None:
    (project / ".vscode").mkdir()
    mine = '{\n    // mine\n    "yaml.schemas": {"./schemas/agent.schema.json": "people/*.yaml"},\n    "a": 1,\n}\n'
    (project / SETTINGS).write_text(mine)
    (project / "schemas").mkdir()
    (project / "schemas/project.schema.json").write_text('{"mine": true}')
    called = cli("schema", "--install")
    assert called.code == 1
    assert "left  schemas/project.schema.json as it is" in called.err
    assert (project / "schemas/project.schema.json").read_text() == '{"mine": true}'
    text = (project / SETTINGS).read_text()
    assert "// mine" in text and '"./schemas/agent.schema.json": "people/*.yaml"' in text
    assert '"./schemas/workflow.schema.json"' in text and text.endswith('"a": 1,\n}\n')


@pytest.mark.parametrize("text", [b"not json", b"[]", b'{"yaml.schemas": 7}', b"\xff\xfe{}"])
def test_settings_that_are_not_clear_are_left_with_what_to_add(cli: Cli, project: Path, text: bytes) -> None:
    (project / ".vscode").mkdir()
    (project / SETTINGS).write_bytes(text)
    called = cli("schema", "--install")
    assert called.code == 1
    assert f"left  {SETTINGS} as it is" in called.err and '"./schemas/workflow.schema.json": [' in called.err
    assert (project / SETTINGS).read_bytes() == text


def test_nothing_is_written_through_a_link_that_leads_out_of_the_project(cli: Cli, project: Path) -> None:
    outside = project.parent / "settings.json"
    outside.write_text("{}")
    (project / ".vscode").mkdir()
    (project / SETTINGS).symlink_to(outside)
    called = cli("schema", "--install")
    assert called.code == 73 and "leads out of the project" in called.err
    assert outside.read_text() == "{}"


def test_what_excludes_each_other_is_said(cli: Cli) -> None:
    for arguments in (("--list", "--install"), ("workflow", "--check"), ("--install", "--output-file", "x.json")):
        assert cli("schema", *arguments).code == 2
