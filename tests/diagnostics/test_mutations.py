"""Whatever is done to a valid file: no traceback, no hang, no place outside the file."""

from __future__ import annotations

import random
import re
import time
from pathlib import Path

import pytest

from agentflow_cli.diagnostics.diagnostic import Diagnostics
from agentflow_cli.diagnostics.formats import FORMATS, Report, format_report
from agentflow_cli.diagnostics.span import Span
from agentflow_cli.language.compiler.checks import check_workflow
from agentflow_cli.language.loader.load import load_workflow

HERE = Path(__file__).parent
SEEDS = {path.stem: path.read_text(encoding="utf-8-sig") for path in sorted((HERE / "ok").glob("*.yaml"))}
PIECES = [
    "", " ", "  ", "\t", "\n", "\r\n", ":", ": ", "- ", "{", "}", "[", "]", "'", '"', "|", ">", "#", " #", "&a ", "*a",
    "!x ", "${{", "}}", "{{ x }}", "${{ steps.none.output }}", "%", "@", "`", "\\", "\0", "\x1b", "\ud800", "é", "漢",
    "\u2028", "\x85", "null", "true", "1e999", "0x", "<<", "? ", "---\n", "...\n", "99999999999999999999", "steps",
    "when: ", "foreach: ", ".inf", "{% if %}", "{% for x in y %}", "|length", "|nope", " and ", " == ",
]  # fmt: skip


def mutated(text: str, chance: random.Random) -> str:
    """One to four random changes: characters and lines deleted, doubled, moved, replaced."""
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(text) + 1)
        length = chance.choice((0, 1, 1, 2, 5, 30))
        lines = text.splitlines(keepends=True)
        match chance.randrange(5):
            case 0:
                text = text[:at] + chance.choice(PIECES) + text[at + length :]
            case 1:
                text = text[:at] + text[at + length :]
            case 2 if lines:
                lines.insert(chance.randrange(len(lines)), chance.choice(lines))
                text = "".join(lines)
            case 3 if lines:
                line = lines.pop(chance.randrange(len(lines)))
                lines.insert(chance.randrange(len(lines) + 1), " " * chance.randrange(4) + line)
                text = "".join(lines)
            case _:
                other = chance.choice(list(SEEDS.values()))
                start = chance.randrange(len(other))
                text = text[:at] + other[start : start + 40] + text[at:]
    return text


def check(text: str) -> None:
    diagnostics = Diagnostics()
    sources: dict[str, str] = {}
    loaded = load_workflow(HERE / "ok" / "x.yaml", HERE, diagnostics, display="x.yaml", text=text, sources=sources)
    assert loaded is not None or diagnostics.has_errors
    if loaded is not None:
        check_workflow(loaded, diagnostics, sources)
    lines = re.split(r"\r\n|\r|\n", sources["x.yaml"])

    def inside(span: Span) -> None:
        if span.file != "x.yaml":
            return  # a place in a file that it calls, which was not changed
        assert 1 <= span.line <= span.end_line <= len(lines)
        assert 1 <= span.column <= len(lines[span.line - 1]) + 1
        assert 1 <= span.end_column <= len(lines[span.end_line - 1]) + 1
        assert (span.line, span.column) <= (span.end_line, span.end_column)

    for diagnostic in diagnostics:
        if diagnostic.span is not None:
            inside(diagnostic.span)
        for second in diagnostic.secondary:
            inside(second.span)
    report = Report(list(diagnostics), 1, sources)
    for name in FORMATS:
        shown = format_report(report, name)
        assert "\x1b" not in shown and "\0" not in shown


@pytest.mark.parametrize("part", range(10))
def test_mutated_files_never_break_the_checks(part: int) -> None:
    chance = random.Random(part)
    started = time.process_time()
    for number in range(60):
        text = mutated(chance.choice(list(SEEDS.values())), chance)
        try:
            check(text)
        except Exception as error:
            raise AssertionError(f"mutation {number} of part {part}: {text!r}") from error
    assert time.process_time() - started < 30


@pytest.mark.slow
def test_many_more_mutated_files_never_break_the_checks() -> None:
    chance = random.Random(2026)
    for _ in range(20_000):
        text = mutated(chance.choice(list(SEEDS.values())), chance)
        try:
            check(text)
        except Exception as error:
            raise AssertionError(repr(text)) from error
