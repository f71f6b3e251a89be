"""What is on disk as a text that changes whenever a check could find something else."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from agentflow_cli.application.usecases.project_check.disk_state import DiskState
from agentflow_cli.language.loader.uses import FILE, PATTERN, Use

LATER = 60 * 10**9


def state(use: Use) -> str | None:
    """As it is seen when everything on disk is old."""
    return DiskState(time.time_ns() + LATER).of(use)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("a/p.md", "b/p.md", "agents/x.yaml", "p.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("same" if name != "p.py" else "other")
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "p.md").symlink_to("a/p.md")
    (tmp_path / "agents/y.yaml").symlink_to("../later.yaml")
    return tmp_path


def relink(link: Path, target: str) -> None:
    link.unlink()
    link.symlink_to(target)


def same_time_and_size(path: Path) -> None:
    before = path.stat()
    path.write_text("came")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


CHANGES: dict[str, tuple[str, str, Callable[[Path], object]]] = {
    "its content": (FILE, "a/p.md", lambda r: (r / "a/p.md").write_text("other")),
    "its content, and neither its time nor its size": (FILE, "a/p.md", lambda r: same_time_and_size(r / "a/p.md")),
    "its mode": (FILE, "a/p.md", lambda r: (r / "a/p.md").chmod(0o755)),
    "it is gone": (FILE, "a/p.md", lambda r: (r / "a/p.md").unlink()),
    "it comes": (FILE, "a/q.md", lambda r: (r / "a/q.md").touch()),
    "it becomes a directory": (FILE, "a/q.md", lambda r: (r / "a/q.md").mkdir()),
    "another file takes its name": (FILE, "a/p.md", lambda r: (r / "p.py").replace(r / "a/p.md")),
    "its link leads to an equal file": (FILE, "p.md", lambda r: relink(r / "p.md", "b/p.md")),
    "a link on the way leads to an equal file": (FILE, "link/p.md", lambda r: relink(r / "link", "b")),
    "a link on the way to nothing leads elsewhere": (FILE, "link/q.md", lambda r: relink(r / "link", "b")),
    "one more matches": (PATTERN + "*", "agents", lambda r: (r / "agents/z.yaml").touch()),
    "what matched has another name": (PATTERN + "*", "agents", lambda r: (r / "agents/x.yaml").rename(r / "agents/w")),
    "a link that matches leads somewhere now": (PATTERN + "*", "agents", lambda r: (r / "later.yaml").touch()),
    "what matches is no file any more": (
        PATTERN + "*", "agents", lambda r: ((r / "agents/x.yaml").unlink(), (r / "agents/x.yaml").mkdir()),
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_state_differs_after(change: str, tree: Path) -> None:
    what, name, make = CHANGES[change]
    use = (what, tree / name)
    before = state(use)
    assert before is not None and state(use) == before
    make(tree)
    assert state(use) not in (None, before)


@pytest.mark.parametrize("change", [lambda path: os.utime(path, (1, 1)), lambda path: path.write_text("same")])
def test_a_state_stays_while_nothing_but_the_time_changes(change: Callable[[Path], object], tree: Path) -> None:
    use = (FILE, tree / "a/p.md")
    before = state(use)
    change(tree / "a/p.md")
    assert state(use) == before


def test_the_name_of_a_directory_is_no_pattern(tmp_path: Path) -> None:
    directory = tmp_path / "x[1]*?" / "agents"
    directory.mkdir(parents=True)
    before = state((PATTERN + "*", directory))
    (directory / "a.yaml").touch()
    assert state((PATTERN + "*", directory)) != before


def test_what_may_still_change_has_no_state(tree: Path) -> None:
    os.mkfifo(tree / "pipe")
    assert state((FILE, tree / "pipe")) is None
    changed = (tree / "a/p.md").stat().st_ctime_ns
    assert DiskState(changed + 1).of((FILE, tree / "a/p.md")) is None
    assert DiskState(changed + LATER).of((FILE, tree / "a/p.md")) is not None
