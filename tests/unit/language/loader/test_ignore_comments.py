"""Comments that silence findings: which lines and codes they are about, and what is a comment at all."""

from __future__ import annotations

import pytest

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Severity
from agentflow_cli.diagnostics.span import Span
from agentflow_cli.language.loader.ignore_comments import silenced


def left(text: str, *found: tuple[str, int], whole_project: bool = False) -> list[tuple[str, int]]:
    """Code and line of what is left of `found` in the file `text`, and of what is said about its comments."""
    diagnostics = [
        Diagnostic(code, "m", Span("w.yaml", line, 1, line, 2), severity=Severity.WARNING) for code, line in found
    ]
    kept = silenced(diagnostics, {"w.yaml": text}, ["w.yaml"], whole_project=whole_project)
    return [(d.code, d.span.line) for d in kept if d.span]


def test_a_comment_at_the_end_of_a_line_is_about_that_line_and_code() -> None:
    text = "a: b  # agentflow: ignore[AF312]\nc: d\n"
    assert left(text, ("AF312", 1), ("AF312", 2), ("AF318", 1)) == [("AF318", 1), ("AF312", 2)]


def test_a_comment_that_stands_alone_is_about_the_next_line_of_substance() -> None:
    text = "a: b\n  # agentflow: ignore[AF312]\n\n# more\nc: d\n"
    assert left(text, ("AF312", 1), ("AF312", 5)) == [("AF312", 1)]


def test_a_comment_at_the_head_is_about_the_file_too() -> None:
    text = "# yaml-language-server: $schema=x\n# agentflow: ignore[AF601]\n\na: b\nc: d\n"
    assert left(text, ("AF601", 1), ("AF601", 5), whole_project=True) == [("AF601", 5)]


def test_comments_above_each_other_are_about_the_same_line() -> None:
    text = "# agentflow: ignore[AF312]\n# agentflow: ignore[AF318]\na: b\n"
    assert left(text, ("AF312", 3), ("AF318", 3)) == []


@pytest.mark.parametrize("value", ["|  # agentflow: ignore[AF312]\n  one\n  two\n", ">-\n  one\n\n  two\n",
                                   '"one\n  two\n  three"\n'])  # fmt: skip
def test_a_comment_is_about_all_of_a_text_that_begins_on_its_line(value: str) -> None:
    text = f"a: {value}b: c\n" if "#" in value else f"# agentflow: ignore[AF312]\na: {value}b: c\n"
    line = text.splitlines().index("b: c") + 1
    assert left(text, ("AF312", line - 1), ("AF312", line)) == [("AF312", line)]


@pytest.mark.parametrize("written", ["#agentflow:ignore[AF312]", "#  agentflow:  ignore [ af312 ,AF318 ] as it is"])
def test_blanks_and_case_do_not_matter(written: str) -> None:
    assert ("AF312", 1) not in left(f"a: b {written}\n", ("AF312", 1))


@pytest.mark.parametrize(
    "text",
    [
        "a: |\n  x # agentflow: ignore\n  # agentflow: ignore\n",
        "a: >\n  # agentflow: ignore[AF1]\n",
        "a: 'x # agentflow: ignore'\n",
        'a: "x\n  # agentflow: ignore"\n',
        "a: b# agentflow: ignore\n",
        "a: b  # agentflow is ignored here\n# agentflow: the tool\n# see agentflow: ignored\n",
    ],
)
def test_what_is_no_such_comment_says_nothing_and_silences_nothing(text: str) -> None:
    assert left(text, ("AF312", 1)) == [("AF312", 1)]


@pytest.mark.parametrize(
    "written", ["ignore", "ignore[]", "ignore[ , ]", "ignore AF312", "ignore[AF312", "ignore: AF312"]
)
def test_a_comment_without_a_readable_code_is_refused_and_silences_nothing(written: str) -> None:
    assert left(f"a: b # agentflow: {written}\n", ("AF312", 1)) == [("AF312", 1), ("AF903", 1)]


def test_each_unknown_code_is_named_and_the_known_ones_count() -> None:
    assert left("a: b # agentflow: ignore[AF3121, AF312, E501]\n", ("AF312", 1)) == [("AF902", 1), ("AF902", 1)]


def test_a_comment_cannot_silence_what_is_said_about_comments() -> None:
    assert left("a: b # agentflow: ignore[AF901]\n") == [("AF902", 1)]


def test_each_code_without_use_is_named() -> None:
    assert left("a: b # agentflow: ignore[AF312, AF318]\n", ("AF312", 1)) == [("AF901", 1)]


def test_a_comment_about_the_whole_project_is_judged_only_when_that_is_checked() -> None:
    text = "a: b # agentflow: ignore[AF601]\n"
    assert left(text) == [] and left(text, whole_project=True) == [("AF901", 1)]


def test_while_the_shape_is_wrong_nothing_is_said_of_comments_without_use() -> None:
    wrong = Diagnostic("AF201", "m", Span("w.yaml", 2, 1, 2, 2))
    text = "a: b # agentflow: ignore[AF312]\nc: d\n"
    assert silenced([wrong], {"w.yaml": text}, ["w.yaml"], whole_project=False) == [wrong]


def test_a_file_that_cannot_be_read_has_no_comments() -> None:
    wrong = Diagnostic("AF105", "m", Span("w.yaml", 1, 1, 1, 2))
    assert silenced([wrong], {"w.yaml": "a: [ # agentflow: ignore[AF105]\n"}, ["w.yaml"], whole_project=False) == [
        wrong
    ]


def test_of_a_file_that_was_only_used_comments_count_and_are_not_judged() -> None:
    text = "a: b # agentflow: ignore[AF312]\nc: d # agentflow: ignore[AF318]\n"
    found = [Diagnostic("AF312", "m", Span("used.yaml", 1, 1, 1, 2))]
    assert silenced(found, {"used.yaml": text}, ["w.yaml"], whole_project=False) == []
