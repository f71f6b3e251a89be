"""Thousands of findings: bounded in memory, a hundred for people, and nobody is told that there are no more."""

from __future__ import annotations

import json

from agentflow_cli.diagnostics.diagnostic import MOST, Diagnostic, Diagnostics, Severity
from agentflow_cli.diagnostics.formats import format_report
from agentflow_cli.diagnostics.report import Report
from agentflow_cli.diagnostics.span import Span


def finding(number: int, severity: Severity = Severity.ERROR, file: str = "w.yaml") -> Diagnostic:
    return Diagnostic("AF201", f"finding {number}", Span(file, number + 1, 1, number + 1, 2), severity=severity)


def test_what_is_beyond_the_bound_is_told_once() -> None:
    found = Diagnostics()
    found.extend(finding(number) for number in range(3 * MOST))
    assert len(found) == MOST + 1 and found.is_full
    first = found.sorted()[0]
    assert (first.code, first.file, first.severity) == ("AF103", "w.yaml", Severity.ERROR)
    assert first.message == "there are more than 1,000 errors; the others are not told"


def test_many_warnings_hide_no_error_and_are_no_error_themselves() -> None:
    found = Diagnostics()
    found.extend(finding(number, Severity.WARNING) for number in range(2 * MOST))
    assert not found.has_errors and not found.is_full
    found.add(finding(0))
    assert found.has_errors and [d for d in found if d.severity is Severity.ERROR] == [finding(0)]


def test_exactly_as_many_as_are_told_are_all() -> None:
    found = Diagnostics()
    found.extend(finding(number) for number in range(MOST))
    found.extend(finding(number) for number in range(MOST))  # the same again
    assert len(found) == MOST and not found.is_full


def test_people_see_a_hundred_and_programs_see_all() -> None:
    many = [finding(number) for number in range(90)] + [finding(number, file="x.yaml") for number in range(40)]
    report = Report(many, 3)
    for form in ("full", "concise"):
        text = format_report(report, form)
        assert text.count("error[AF201]") == 100
        assert "\n… and 30 more findings in 1 file; `-o json` lists all.\nFound 130 errors in 2 of 3 files.\n" in text
    assert len(json.loads(format_report(report, "json"))["diagnostics"]) == 130
    assert "more finding" not in format_report(Report(many[:100], 2), "full")


def test_the_nearest_name_is_sought_for_every_mistake_in_a_file_that_somebody_wrote_and_not_for_thousands() -> None:
    found = Diagnostics()
    assert found.most_compared >= 1_000_000
    found.extend(finding(number) for number in range(100))
    assert 200 <= found.most_compared < 3_000


def test_a_sentence_that_repeats_a_long_text_is_told_without_its_middle() -> None:
    found = Diagnostics()
    found.add(Diagnostic("AF201", "a" * 10_000 + "END", label="b" * 10_000, help="c" * 2_000))
    told = next(iter(found))
    assert told.message.startswith("aaa") and " … aaa" in told.message and told.message.endswith("END")
    assert len(told.message) < 2_000 and len(told.label or "") < 2_000 and told.help == "c" * 2_000
