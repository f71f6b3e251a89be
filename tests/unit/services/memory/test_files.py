"""Which files a pattern finds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agentflow_cli.ports.memory import MemoryFailure
from agentflow_cli.services.memory.files import find_text_files, pattern_matches


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for path in ("a.md", "docs/b.md", "docs/deep/c.md", "docs/d.txt", ".hidden/e.md", "node_modules/f.md", ".git/g.md"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(f"text of {path}")
    (tmp_path / "outside.md").write_text("secret")
    return root


def found(root: Path, *patterns: str) -> list[str]:
    return [document.source for document in find_text_files(root, patterns).documents]


def test_patterns_find_files_in_order_each_once(project: Path) -> None:
    assert found(project, "docs/**/*.md", "docs/*.md") == ["docs/b.md", "docs/deep/c.md"]
    assert found(project, "**/*.md") == ["a.md", "docs/b.md", "docs/deep/c.md"]
    assert found(project, "*.md") == ["a.md"]
    assert found(project, "docs/[bc].md", "docs/?.txt") == ["docs/b.md", "docs/d.txt"]
    assert found(project, "docs/[!b].*") == ["docs/d.txt"]


def test_a_directory_means_all_below_it(project: Path) -> None:
    assert found(project, "docs") == ["docs/b.md", "docs/d.txt", "docs/deep/c.md"]
    assert found(project, "./docs/") == found(project, "docs")
    assert found(project, str(project / "docs")) == found(project, "docs")
    assert found(project, ".") == ["a.md", "docs/b.md", "docs/d.txt", "docs/deep/c.md"]


def test_hidden_directories_are_found_only_by_name_and_history_never(project: Path) -> None:
    assert found(project, ".hidden/*.md") == [".hidden/e.md"]
    assert find_text_files(project, [".git/*.md"]).skipped == {".git/g.md": "state and history are not read"}


def test_nothing_outside_the_project_is_read(project: Path) -> None:
    for pattern in ("../outside.md", "docs/../../outside.md", str(project.parent / "outside.md")):
        with pytest.raises(MemoryFailure, match="leaves the project"):
            find_text_files(project, [pattern])
    (project / "link.md").symlink_to(project.parent / "outside.md")
    (project / "inside.md").symlink_to(project / "a.md")
    (project / "up").symlink_to(project.parent)
    files = find_text_files(project, ["*.md", "up/*.md", "**/outside.md"])
    assert [document.source for document in files.documents] == ["a.md", "inside.md"]
    assert files.skipped["link.md"] == "a link out of the project"


def test_what_is_no_text_is_skipped_with_its_reason(project: Path) -> None:
    (project / "x").mkdir()
    (project / "x/binary").write_bytes(b"a\0b")
    (project / "x/latin").write_bytes(b"caf\xe9")
    (project / "x/empty").write_text(" \n")
    (project / "x/huge").write_bytes(b"x" * (4 * 1024 * 1024 + 1))
    (project / "x/bom").write_bytes(b"\xef\xbb\xbftext")
    os.mkfifo(project / "x/pipe")
    files = find_text_files(project, ["x"])
    assert [(d.source, d.text) for d in files.documents] == [("x/bom", "text")]
    assert files.skipped == {
        "x/binary": "not text",
        "x/empty": "empty",
        "x/huge": "4,194,305 bytes; 4,194,304 is the most",
        "x/latin": "not UTF-8 (byte 3)",
        "x/pipe": "not a regular file",
    }


def test_a_path_with_special_characters_is_taken_literally(project: Path) -> None:
    (project / "a+b (c).md").write_text("x")
    assert found(project, "a+b (c).md") == ["a+b (c).md"]


def test_a_pattern_covers_what_it_would_find(project: Path) -> None:
    assert pattern_matches(project, ["docs/**/*.md"], "docs/gone.md")
    assert pattern_matches(project, ["docs"], "docs/deep/gone.md")
    assert not pattern_matches(project, ["docs/*.md"], "docs/deep/gone.md")
