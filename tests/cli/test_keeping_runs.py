"""`agentflow runs export`, `import`, `prune`, `stats`."""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Called
from tests.cli.workflows import ASKING, FAILING, SUM

Cli = Callable[..., Called]
Write = Callable[[str, str], Path]

LARGE = """\
apiVersion: agentflow/v1
name: large
steps:
  big:
    run: head -c 400000 /dev/zero | tr '\\\\0' x
outputs: {size: "${{ steps.big.output | length }}"}
"""


def elsewhere(cli: Cli, project: Path) -> tuple[str, str]:
    other = project.parent / "other"
    (other / "workflows").mkdir(parents=True, exist_ok=True)
    (other / "agentflow.yaml").write_text("apiVersion: agentflow/v1\n")
    return ("-C", str(other))


@pytest.mark.parametrize(("text", "code"), [(SUM, 0), (FAILING, 1), (ASKING, 8), (LARGE, 0)])
def test_a_run_is_the_same_after_its_journey(cli: Cli, write: Write, project: Path, text: str, code: int) -> None:
    write("flow.yaml", text)
    assert cli("run", "flow.yaml").code == code
    exported = cli("runs", "export", "last", "run.zip")
    assert exported.out == "run.zip\n" and stat.S_IMODE((project / "run.zip").stat().st_mode) == 0o600
    there = elsewhere(cli, project)
    imported = cli(*there, "runs", "import", str(project / "run.zip"))
    assert imported.code == 0, imported.err

    here = ("-C", str(project))

    def shown(*where: str) -> Any:
        found = json.loads(cli(*where, "runs", "show", "-o", "json").out)
        return {key: value for key, value in found.items() if key != "next"}

    assert shown(*there) == shown(*here)

    def listed(*where: str) -> Any:
        (row,) = json.loads(cli(*where, "runs", "list", "-o", "json").out)["runs"]
        return [row[key] for key in ("run", "workflow", "status", "steps_done", "steps_total")]

    assert listed(*there) == listed(*here)


def test_an_imported_run_can_be_resumed(cli: Cli, write: Write, project: Path) -> None:
    write("asking.yaml", ASKING)
    cli("run", "asking.yaml")
    cli("runs", "export", "last", "run.zip")
    there = elsewhere(cli, project)
    run = cli(*there, "runs", "import", str(project / "run.zip")).out.strip()
    assert cli(*there, "approve", run, "--choice", "discard").code == 0
    assert cli(*there, "resume", run).out == "discard\n"


def test_the_same_run_is_not_imported_twice_and_nothing_is_overwritten(cli: Cli, write: Write, project: Path) -> None:
    write("sum.yaml", SUM)
    cli("run", "sum.yaml")
    cli("runs", "export", "last", "run.zip")
    assert cli("runs", "export", "last", "run.zip").code == 73
    again = cli("runs", "import", "run.zip")
    assert again.code == 73 and "is here already" in again.err
    assert len(json.loads(cli("runs", "list", "-o", "json").out)["runs"]) == 1


def rewrite(source: Path, target: Path, **changed: str | None) -> None:
    """A copy of an archive with members replaced (None: left out). `other` is a member that does not belong."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            text = changed.get(name.partition(".")[0], old.read(name).decode())
            if text is not None:
                new.writestr(name, text)
        if "other" in changed:
            new.writestr("../../escape", changed["other"] or "")


@pytest.mark.parametrize(
    "changed",
    [
        {"other": "x"},
        {"plan": None},
        {"plan": "[]"},
        {"plan": '{"steps": 3}'},
        {"run": '{"format": 1, "run": "../../etc"}'},
        {"run": '{"format": 99, "run": "aaaaaa-bbbbbbbb"}'},
        {"events": ""},
        {"events": "not json\n"},
        {"events": '{"seq": 1, "at": 0, "epoch": 1, "type": "step_succeeded", "data": {"path": "each"}}\n'},
    ],
)
def test_what_is_no_exported_run_is_refused_and_leaves_nothing(
    cli: Cli, write: Write, project: Path, changed: dict[str, str | None]
) -> None:
    write("sum.yaml", SUM)
    cli("run", "sum.yaml")
    cli("runs", "export", "last", "run.zip")
    rewrite(project / "run.zip", project / "bad.zip", **changed)
    there = elsewhere(cli, project)
    called = cli(*there, "runs", "import", str(project / "bad.zip"))
    assert called.code == 65, called.err
    assert cli(*there, "runs", "list").out == ""
    assert not list(project.parent.rglob("escape"))


def test_processes_of_another_machine_are_not_taken_over(cli: Cli, write: Write, project: Path) -> None:
    write("failing.yaml", FAILING)
    cli("run", "failing.yaml")
    cli("runs", "export", "last", "run.zip")
    there = elsewhere(cli, project)
    cli(*there, "runs", "import", str(project / "run.zip"))
    assert "process_started" in cli("-C", str(project), "runs", "events").out
    assert "process_started" not in cli(*there, "runs", "events").out


def test_a_file_that_is_no_archive_is_said_plainly(cli: Cli, write: Write) -> None:
    write("text.zip", "hello")
    assert cli("runs", "import", "text.zip").code == 65
    assert cli("runs", "import", "nothing.zip").code == 2


def test_prune_keeps_the_newest_and_what_can_be_resumed(cli: Cli, write: Write, project: Path) -> None:
    write("sum.yaml", SUM)
    write("asking.yaml", ASKING)
    cli("run", "asking.yaml")
    for _ in range(3):
        cli("run", "sum.yaml")
    dry = cli("runs", "prune", "--keep", "1", "--dry-run")
    assert len(dry.out.splitlines()) == 2 and "2 runs would be removed, 2 kept" in dry.err
    assert len(json.loads(cli("runs", "list", "-o", "json").out)["runs"]) == 4
    assert "2 runs removed" in cli("runs", "prune", "--keep", "1").err
    left = json.loads(cli("runs", "list", "-o", "json").out)["runs"]
    assert [run["status"] for run in left] == ["succeeded", "suspended"]
    assert cli("runs", "prune", "--older-than", "1h").out == ""
    assert cli("runs", "prune", "--older-than", "0s", "--unfinished").code == 0
    assert cli("runs", "list").out == ""
    assert sorted(path.name for path in (project / ".agentflow").iterdir()) == [".gitignore", "runs"]


def test_a_run_that_somebody_drives_is_not_removed(cli: Cli, write: Write, project: Path) -> None:
    from agentflow_cli.foundation.lock import FileLock

    write("sum.yaml", SUM)
    cli("run", "sum.yaml")
    (directory,) = [path for path in (project / ".agentflow/runs").iterdir() if path.is_dir()]
    lock = FileLock(directory / "lock")
    lock.acquire("it")
    assert "0 runs removed" in cli("runs", "prune", "--keep", "0").err
    lock.release()
    assert "1 run removed" in cli("runs", "prune", "--keep", "0").err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [((), "needs to know which runs"), (("--older-than", "soon"), "is not a duration"), (("--keep", "-1"), "negative")],
)
def test_prune_says_what_it_needs(cli: Cli, arguments: tuple[str, ...], said: str) -> None:
    called = cli("runs", "prune", *arguments)
    assert called.code == 2 and said in called.err


def test_stats_add_up_by_workflow(cli: Cli, write: Write) -> None:
    write("sum.yaml", SUM)
    write("failing.yaml", FAILING)
    assert "there are no runs here" in cli("runs", "stats").err
    for _ in range(2):
        cli("run", "sum.yaml")
    cli("run", "failing.yaml")
    found = {each["workflow"]: each for each in json.loads(cli("runs", "stats", "-o", "json").out)["workflows"]}
    assert (found["sum"]["runs"], found["sum"]["succeeded"]) == (2, 2)
    assert (found["failing"]["runs"], found["failing"]["failed"], found["failing"]["seconds"]) == (1, 1, None)
    assert "100%" in cli("runs", "stats").out
