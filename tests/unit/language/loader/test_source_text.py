from __future__ import annotations

import os
from pathlib import Path

from agentflow_cli.diagnostics.diagnostic import Diagnostics
from agentflow_cli.language.loader.load import load_workflow


def said(path: Path) -> list[tuple[str, int, int]]:
    diagnostics = Diagnostics()
    assert load_workflow(path, path.parent, diagnostics) is None
    return [(d.code, d.place[1], d.place[2]) for d in diagnostics]


def test_a_missing_file_a_directory_and_a_pipe_are_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    assert said(tmp_path / "none.yaml") == said(tmp_path) == said(tmp_path / "pipe.yaml") == [("AF100", 0, 0)]


def test_a_path_that_no_system_call_takes_is_a_diagnostic(tmp_path: Path) -> None:
    assert said(tmp_path / "a\0b.yaml") == [("AF100", 0, 0)]
    assert said(tmp_path / ("x" * 5000)) == [("AF100", 0, 0)]


def test_a_huge_file_is_not_read_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes(b"[" * 10_000_000)
    assert said(tmp_path / "x.yaml") == [("AF103", 0, 0)]


def test_bytes_that_are_no_utf_8_are_placed_by_characters(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes("a: 1\né: ".encode() + b"\xff\xfe\n")
    assert said(tmp_path / "x.yaml") == [("AF101", 2, 4)]


def test_control_characters_are_refused_at_their_place(tmp_path: Path) -> None:
    for character in "\0\x1b\x7f\u202a\ufffe"[:3]:
        (tmp_path / "x.yaml").write_text(f"a: 1\nb: x{character}y\n", encoding="utf-8")
        assert said(tmp_path / "x.yaml") == [("AF102", 2, 5)]


def test_lone_surrogates_in_given_text_are_refused(tmp_path: Path) -> None:
    diagnostics = Diagnostics()
    assert load_workflow(tmp_path / "-", tmp_path, diagnostics, text="a: \ud800\n") is None
    assert [d.code for d in diagnostics] == ["AF102"]
