"""The block of a Markdown file that `graph --write` keeps: only what stands between its two comments changes."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from agentflow_cli.application.usecases.graph.marked_block import Target, replaced, update
from agentflow_cli.foundation.errors import NotFoundError, UsageError

TARGET = Target("README.md", "flow")
SOURCE = "flowchart TD\n  a --> b\n"
BLOCK = "```mermaid\nflowchart TD\n  a --> b\n```\n"
BEGIN, END = "<!-- agentflow:graph flow -->\n", "<!-- /agentflow:graph flow -->\n"


def test_an_empty_block_is_filled_and_a_filled_one_replaced() -> None:
    assert replaced(f"x\n{BEGIN}{END}y\n", TARGET, SOURCE) == f"x\n{BEGIN}{BLOCK}{END}y\n"
    assert replaced(f"x\n{BEGIN}old\nolder\n{END}y\n", TARGET, SOURCE) == f"x\n{BEGIN}{BLOCK}{END}y\n"


def test_doing_it_again_changes_nothing() -> None:
    once = replaced(f"{BEGIN}{END}", TARGET, SOURCE)
    assert replaced(once, TARGET, SOURCE) == once


def test_line_ends_of_windows_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(f"é\r\n{BEGIN}{END}last".replace("\n", "\r\n").replace("\r\r", "\r").encode())
    assert update(Target(str(path), "flow"), SOURCE, write=True)
    data = path.read_bytes()
    assert data.count(b"\n") == data.count(b"\r\n") and data.startswith("é\r\n".encode()) and data.endswith(b"last")
    assert not update(Target(str(path), "flow"), SOURCE, write=True)


def test_bytes_that_are_no_text_and_the_mode_of_the_file_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(b"\xff\xfe \x00\n" + f"{BEGIN}{END}".encode() + b"\xff")
    path.chmod(0o664)
    update(Target(str(path), "flow"), SOURCE, write=True)
    assert path.read_bytes() == b"\xff\xfe \x00\n" + f"{BEGIN}{BLOCK}{END}".encode() + b"\xff"
    assert stat.S_IMODE(path.stat().st_mode) == 0o664


def test_a_check_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(f"{BEGIN}{END}")
    assert update(Target(str(path), "flow"), SOURCE, write=False)
    assert path.read_text() == f"{BEGIN}{END}"


def test_a_link_stays_a_link_and_what_it_names_is_written(tmp_path: Path) -> None:
    real, link = tmp_path / "real.md", tmp_path / "link.md"
    real.write_text(f"{BEGIN}{END}")
    link.symlink_to(real)
    update(Target(str(link), "flow"), SOURCE, write=True)
    assert link.is_symlink() and BLOCK in real.read_text()


def test_the_indent_of_the_comment_is_that_of_the_block() -> None:
    text = "- item\n  <!-- agentflow:graph flow -->\n  <!-- /agentflow:graph flow -->\n"
    assert "  ```mermaid\n  flowchart TD\n    a --> b\n  ```\n" in replaced(text, TARGET, SOURCE)


def test_other_blocks_and_examples_in_fences_are_left_alone() -> None:
    example = f"```markdown\n{BEGIN}{END}```\n"
    other = "<!-- agentflow:graph other -->\nkept\n<!-- /agentflow:graph other -->\n"
    made = replaced(f"{example}{other}{BEGIN}{END}", TARGET, SOURCE)
    assert made == f"{example}{other}{BEGIN}{BLOCK}{END}"


def test_a_block_that_is_not_there_is_answered_with_what_to_paste() -> None:
    with pytest.raises(NotFoundError) as caught:
        replaced("<!-- agentflow:graph flaw -->\n<!-- /agentflow:graph flaw -->\n", TARGET, SOURCE)
    assert "did you mean `flaw`?" in str(caught.value.hint) and f"{BEGIN}{END}".strip() in str(caught.value.hint)


def test_a_block_that_is_not_closed_or_there_twice_is_refused() -> None:
    with pytest.raises(UsageError, match=r"begins in line 2 of README\.md, is not closed"):
        replaced(f"x\n{BEGIN}y\n", TARGET, SOURCE)
    with pytest.raises(UsageError, match="more than once: lines 1, 3"):
        replaced(f"{BEGIN}{END}{BEGIN}{END}", TARGET, SOURCE)


def test_a_target_names_a_file_and_a_block() -> None:
    assert Target.of("docs/a.md#flow", "w") == Target("docs/a.md", "flow")
    assert Target.of("docs/a.md", "w") == Target("docs/a.md", "w")
    assert Target.of("a#b.md#c", "w") == Target("a#b.md", "c")
    for wrong in ("#x", "a.md#", "a.md#x y", "a.md#-->"):
        with pytest.raises(UsageError):
            Target.of(wrong, "w")
