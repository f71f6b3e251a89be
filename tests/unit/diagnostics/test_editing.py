"""Edits in a text: they fit or are not made, and never touch each other."""

from __future__ import annotations

from agentflow_cli.diagnostics.editing import EditableText, compatible
from agentflow_cli.diagnostics.fix import Edit, Fix
from agentflow_cli.diagnostics.span import Span

TEXT = EditableText("abc\r\ndef\nghi")


def edit(line: int, start: int, end: int, old: str, new: str, file: str = "f") -> Edit:
    return Edit(Span(file, line, start, line, end), old, new)


def made(*edits: Edit) -> str:
    return TEXT.edited(edits)


def test_edits_are_made_at_their_places_in_any_order() -> None:
    assert made(edit(3, 1, 2, "g", "GG"), edit(1, 2, 3, "b", ""), edit(2, 4, 4, "", "!")) == "ac\r\ndef!\nGGhi"


def test_an_edit_that_finds_something_else_is_not_made() -> None:
    assert made(edit(1, 1, 2, "x", "y"), edit(9, 1, 2, "a", "b"), edit(1, 0, 1, "", "b"), edit(1, 6, 6, "", "b")) == (
        TEXT.text
    )


def chosen(*fixes: Fix) -> list[Fix]:
    return compatible(fixes, {"f": TEXT})


def test_of_fixes_that_overlap_the_first_is_chosen() -> None:
    first, second = Fix("1", (edit(1, 1, 3, "ab", "x"),)), Fix("2", (edit(1, 2, 4, "bc", "y"),))
    beside = Fix("3", (edit(1, 3, 4, "c", "z"),))
    assert chosen(first, second, beside) == [first, beside]


def test_an_insertion_at_the_edge_of_another_edit_waits() -> None:
    first, at_start, at_end = (
        Fix("1", (edit(1, 2, 3, "b", "x"),)), Fix("2", (edit(1, 2, 2, "", "y"),)), Fix("3", (edit(1, 3, 3, "", "z"),))
    )  # fmt: skip
    assert chosen(first, at_start, at_end) == [first]
    assert chosen(at_start, first) == chosen(at_start, at_start) == [at_start]


def test_all_edits_of_a_fix_are_made_or_none() -> None:
    whole = Fix("1", (edit(1, 1, 2, "a", "x"), edit(2, 1, 2, "d", "y")))
    half = Fix("2", (edit(2, 2, 3, "e", "y"), edit(3, 1, 2, "x", "y")))
    elsewhere = Fix("3", (edit(3, 1, 2, "g", "y"), edit(1, 1, 2, "a", "y", file="other")))
    itself = Fix("4", (edit(3, 1, 3, "gh", "y"), edit(3, 2, 3, "h", "y")))
    assert chosen(half, elsewhere, itself, whole) == [whole]
