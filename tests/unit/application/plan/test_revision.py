"""The commit that a plan's files are at, read from a real repository without calling git."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agentflow_cli.application.usecases.plan.git_objects import Repository
from agentflow_cli.application.usecases.plan.revision import revision_of

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git makes the repositories of these tests")


def git(root: Path, *arguments: str) -> str:
    environment = {
        **os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null",
        "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@a.test", "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@a.test",
    }  # fmt: skip
    done = subprocess.run(["git", *arguments], cwd=root, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with a project in a directory of it, in ten commits."""
    git(tmp_path, "init", "-q", "-b", "main")
    project = tmp_path / "project"
    (project / "workflows").mkdir(parents=True)
    text = "".join(f"line {number}\n" for number in range(400))
    for number in range(10):
        (project / "workflows/w.yaml").write_text(text + f"version {number}\n")
        (project / "p.md").write_text("prompt\n")
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-q", "-m", f"{number}")
    return project


FILES = ["workflows/w.yaml", "p.md"]


def test_a_clean_tree_is_at_its_commit(root: Path) -> None:
    revision = revision_of(root, FILES)
    assert revision is not None
    assert (revision.commit, revision.branch, revision.dirty) == (git(root, "rev-parse", "HEAD"), "main", False)


def test_packed_objects_and_refs_are_read_as_loose_ones(root: Path) -> None:
    git(root, "gc", "-q", "--aggressive", "--prune=now")
    assert not list((root.parent / ".git/refs/heads").iterdir())
    revision = revision_of(root, FILES)
    assert revision is not None and revision.commit == git(root, "rev-parse", "HEAD") and revision.dirty is False
    repository = Repository.above(root)
    assert repository is not None
    for back in range(10):
        commit = git(root, "rev-parse", f"HEAD~{back}")
        blob = git(root, "rev-parse", f"HEAD~{back}:project/workflows/w.yaml")
        assert repository.entry(commit, "project/workflows/w.yaml") == ("100644", blob)


@pytest.mark.parametrize("staged", [False, True])
def test_a_changed_file_makes_it_dirty_staged_or_not(root: Path, staged: bool) -> None:
    (root / "p.md").write_text("another\n")
    if staged:
        git(root, "add", ".")
    revision = revision_of(root, FILES)
    assert revision is not None and revision.dirty is True and revision.changed == ("p.md",)


def test_a_file_that_is_not_in_the_commit_makes_it_dirty(root: Path) -> None:
    (root / "new.md").write_text("x")
    revision = revision_of(root, [*FILES, "new.md"])
    assert revision is not None and revision.changed == ("new.md",)


def test_line_ends_that_git_converts_change_nothing(root: Path) -> None:
    (root / "p.md").write_bytes(b"prompt\r\n")
    revision = revision_of(root, FILES)
    assert revision is not None and revision.dirty is False


def test_a_linked_work_tree_and_a_detached_head_are_read(root: Path, tmp_path: Path) -> None:
    other = tmp_path.parent / f"{tmp_path.name}-linked"
    git(root, "worktree", "add", "-q", "--detach", str(other), "HEAD~3")
    revision = revision_of(other / "project", FILES)
    assert revision is not None
    assert (revision.commit, revision.branch, revision.dirty) == (git(root, "rev-parse", "HEAD~3"), None, False)


def test_a_repository_without_a_commit_has_none(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    revision = revision_of(tmp_path, [])
    assert revision is not None and (revision.commit, revision.branch) == (None, "main")


def test_outside_a_repository_there_is_no_revision(tmp_path: Path) -> None:
    assert revision_of(tmp_path, []) is None


def test_nothing_that_the_repository_configures_is_run(root: Path) -> None:
    boom = root.parent / "boom"
    git(root, "config", "core.fsmonitor", f"touch {boom}")
    git(root, "config", "filter.x.clean", f"touch {boom}")
    (root.parent / ".git/info/attributes").write_text("* filter=x\n")
    (root / "p.md").write_text("another\n")
    revision = revision_of(root, FILES)
    assert revision is not None and revision.dirty is True and not boom.exists()


@pytest.mark.parametrize(
    "head", [b"", b"ref: ../../etc/passwd\n", b"ref: refs/heads/../../x\n", b"\xff" * 100, b"g" * 40]
)
def test_a_head_that_is_none_names_no_commit(root: Path, head: bytes) -> None:
    (root.parent / ".git/HEAD").write_bytes(head)
    revision = revision_of(root, FILES)
    assert revision is not None and revision.commit is None


def test_a_pipe_in_place_of_a_file_is_not_waited_for(root: Path) -> None:
    (root.parent / ".git/HEAD").unlink()
    os.mkfifo(root.parent / ".git/HEAD")
    revision = revision_of(root, FILES)
    assert revision is not None and revision.commit is None


def test_damaged_objects_leave_it_open_whether_something_changed(root: Path) -> None:
    git(root, "gc", "-q", "--prune=now")
    for pack in (root.parent / ".git/objects/pack").glob("*.pack"):
        pack.chmod(0o600)
        pack.write_bytes(pack.read_bytes()[:40] + b"\xff" * 4000)
    revision = revision_of(root, FILES)
    assert revision is not None and revision.dirty is None


def test_a_workflow_from_standard_input_is_no_file_that_changed(root: Path) -> None:
    text = "apiVersion: agentflow/v1\nsteps: {a: {set: {x: 1}}}\n"
    done = subprocess.run(
        [sys.executable, "-m", "agentflow_cli", "plan", "-", "-o", "json"],
        cwd=root, input=text, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert json.loads(done.stdout)["revision"]["dirty"] is False
