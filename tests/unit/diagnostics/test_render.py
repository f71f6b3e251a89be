from __future__ import annotations

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Secondary, Severity
from agentflow_cli.diagnostics.render import render_diagnostics
from agentflow_cli.diagnostics.span import Span


def rows(diagnostic: Diagnostic, text: str, **options: int | bool) -> list[str]:
    return render_diagnostics([diagnostic], {"x.yaml": text}, **options).split("\n")  # type: ignore[arg-type]


def at(line: int, column: int, end_column: int, end_line: int | None = None, file: str = "x.yaml") -> Span:
    return Span(file, line, column, end_line or line, end_column)


def test_a_frame_is_the_line_with_a_caret_a_label_and_a_help() -> None:
    assert rows(Diagnostic("AF201", "wrong", at(2, 3, 6), label="here", help="do this"), "a:\n  bcd: 1\n") == [
        "error[AF201]: wrong",
        " --> x.yaml:2:3",
        "  |",
        "2 |   bcd: 1",
        "  |   ^^^ here",
        "  = help: do this",
    ]


def test_the_gutter_is_as_wide_as_the_largest_number_and_gaps_are_marked() -> None:
    second = Secondary(at(1, 1, 2), "first")
    drawn = rows(Diagnostic("AF106", "twice", at(12, 1, 2), secondary=(second,)), "k\n" * 12)
    assert drawn[2:] == ["   |", " 1 | k", "   | - first", "...", "12 | k", "   | ^"]


def test_neighbouring_lines_have_no_gap_between_them() -> None:
    drawn = rows(Diagnostic("AF106", "twice", at(2, 1, 2), secondary=(Secondary(at(1, 1, 2), "first"),)), "k\nk\n")
    assert "..." not in drawn


def test_a_second_file_has_an_excerpt_of_its_own() -> None:
    diagnostic = Diagnostic("AF106", "m", at(1, 1, 2), secondary=(Secondary(at(3, 2, 3, file="y.yaml"), "there"),))
    drawn = render_diagnostics([diagnostic], {"x.yaml": "k", "y.yaml": "\n\nab"})
    assert drawn.split("\n")[5:] == [" ::: y.yaml:3:2", "  |", "3 | ab", "  |  - there"]


def test_carets_stand_under_wide_characters_and_tabs() -> None:
    assert rows(Diagnostic("AF1", "m", at(1, 4, 6)), "\t漢é字x")[3:] == ["1 |     漢é字x", "  |        ^^^"]


def test_a_place_over_several_lines_is_marked_to_the_end_of_its_first_line() -> None:
    assert rows(Diagnostic("AF1", "m", at(1, 3, 2, end_line=3)), "ab cd\nef\ng")[3:] == ["1 | ab cd", "  |   ^^^"]


def test_a_place_behind_the_last_character_has_one_caret() -> None:
    assert rows(Diagnostic("AF1", "m", at(1, 3, 3)), "ab")[4] == "  |   ^"


def test_long_lines_are_clipped_around_the_caret() -> None:
    line = "a" * 5000 + "HERE" + "b" * 5000
    drawn = rows(Diagnostic("AF1", "m", at(1, 5001, 5005)), line, width=80)
    shown, carets = drawn[3].removeprefix("1 | "), drawn[4].removeprefix("  | ")
    assert len(shown) <= 80 and shown.startswith("...") and shown.endswith("...")
    assert shown[carets.index("^") : len(carets)] == "HERE"


def test_a_very_long_place_is_clipped_too() -> None:
    drawn = rows(Diagnostic("AF1", "m", at(1, 1, 9001)), "a" * 9000, width=80)
    assert max(map(len, drawn)) < 90


def test_foreign_text_cannot_reach_the_terminal() -> None:
    evil = "\x1b]52;c;eA==\x07\u202e"
    diagnostic = Diagnostic("AF1", f"m{evil}\nx", at(1, 1, 2), label=evil, help=evil)
    drawn = render_diagnostics([diagnostic], {"x.yaml": f"k{evil}"})
    assert not set("\x1b\x07\u202e") & set(drawn)


def test_a_secret_that_is_written_down_is_not_shown_again() -> None:
    text = "secrets:\n  KEY: hunter2hunter2  # mine\n"
    found = Diagnostic("AF219", "m", Span("f.yaml", 2, 8, 2, 22))
    shown = render_diagnostics([found], {"f.yaml": text})
    assert "2 |   KEY: **************  # mine" in shown and "hunter2" not in shown
    assert "hunter2" not in render_diagnostics([Diagnostic("AF219", "m", Span("f.yaml", 2, 8, 3, 1))], {"f.yaml": text})


def test_without_a_place_only_the_file_is_named() -> None:
    assert rows(Diagnostic("AF100", "there is no such file", file="x.yaml"), "") == [
        "error[AF100]: there is no such file",
        " --> x.yaml",
    ]


def test_a_place_in_a_text_that_is_not_known_is_still_named() -> None:
    drawn = render_diagnostics([Diagnostic("AF1", "m", at(7, 1, 2), label="why", severity=Severity.WARNING)], {})
    assert drawn == "warning[AF1]: m\n --> x.yaml:7:1\n  = note: why"


def test_colour_changes_nothing_but_escape_sequences() -> None:
    import re

    diagnostic = Diagnostic("AF1", "m", at(1, 1, 2), label="l", help="h")
    plain, painted = (render_diagnostics([diagnostic], {"x.yaml": "k"}, color=color) for color in (False, True))
    assert "\x1b[" in painted
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == plain
