from __future__ import annotations

import json

import pytest

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Secondary, Severity
from agentflow_cli.diagnostics.formats import FORMATS, Report, closing_line, format_report
from agentflow_cli.diagnostics.span import Span

SPAN = Span("w/x.yaml", 2, 3, 2, 6)
ERROR = Diagnostic("AF201", "wrong, 100%", SPAN, label="here", help="do: this", secondary=(Secondary(SPAN, "first"),))
WARNING = Diagnostic("AF116", "odd", Span("w/y.yaml", 1, 1, 3, 2), Severity.WARNING)


@pytest.mark.parametrize(
    ("found", "files", "line"),
    [
        ([], 0, "There are no files to check."),
        ([], 1, "The file is valid."),
        ([], 4, "All 4 files are valid."),
        ([ERROR], 1, "Found 1 error in 1 file."),
        ([ERROR, ERROR, WARNING], 4, "Found 2 errors and 1 warning in 2 of 4 files."),
        ([WARNING], 2, "Found 1 warning in 1 of 2 files."),
    ],
)
def test_the_closing_line_counts(found: list[Diagnostic], files: int, line: str) -> None:
    assert closing_line(Report(found, files)) == line


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_ends_with_one_line_break_with_and_without_findings(name: str) -> None:
    for report in (Report([ERROR, WARNING], 2, {}), Report([], 2, {})):
        shown = format_report(report, name)
        assert shown.endswith("\n") and not shown.endswith("\n\n")


def test_concise_is_a_line_and_a_hint() -> None:
    assert format_report(Report([ERROR], 1), "concise") == (
        "w/x.yaml:2:3: error[AF201] wrong, 100%\n      hint: do: this\nFound 1 error in 1 file.\n"
    )


def test_json_is_one_object() -> None:
    value = json.loads(format_report(Report([ERROR, WARNING], 2), "json"))
    assert (value["version"], value["files"], value["errors"], value["warnings"]) == (1, 2, 1, 1)
    first = value["diagnostics"][0]
    assert (first["code"], first["severity"], first["file"], first["line"], first["column"]) == (
        "AF201", "error", "w/x.yaml", 2, 3,
    )  # fmt: skip
    assert first["secondary"][0]["label"] == "first"


def test_json_has_no_place_where_none_is_to_blame() -> None:
    value = json.loads(format_report(Report([Diagnostic("AF100", "m", file="f")], 1), "json"))
    assert value["diagnostics"][0]["file"] == "f" and "line" not in value["diagnostics"][0]


def test_json_lines_begin_with_a_version_and_end_with_a_summary() -> None:
    records = [json.loads(line) for line in format_report(Report([ERROR], 1), "jsonl").splitlines()]
    assert [record["type"] for record in records] == ["version", "diagnostic", "summary"]


def test_github_annotations_are_escaped() -> None:
    odd = Diagnostic("AF1", "50%\nnext", Span("a,b:c.yaml", 1, 2, 1, 3))
    assert format_report(Report([odd], 1), "github").splitlines()[0] == (
        "::error file=a%2Cb%3Ac.yaml,line=1,endLine=1,col=2,endColumn=3,title=AF1::50%25%0Anext"
    )


def test_github_shows_nine_of_many_and_a_count_errors_first() -> None:
    many = [Diagnostic("AF1", f"m{i}", Span("f", i, 1, i, 2)) for i in range(1, 31)]
    lines = format_report(Report([WARNING, *many], 1), "github").splitlines()
    errors = [line for line in lines if line.startswith("::error")]
    assert len(errors) == 10 and "and 21 more" in errors[-1]
    assert lines.index(errors[-1]) < next(i for i, line in enumerate(lines) if line.startswith("::warning"))
