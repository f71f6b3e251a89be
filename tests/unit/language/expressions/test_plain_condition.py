"""Conditions that are read without the parser are read as the parser would read them."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentflow_cli.language.expressions import environment
from agentflow_cli.language.expressions.plain_condition import read_condition
from tests.unit.language.expressions.test_plain_chain import plain

OPERANDS = st.sampled_from(
    ["steps.a.output", "x", "true", "None", "0", "7", "'a b'", '"and"', "''", "a.not", "1.5", "01", "a.b.c", "9" * 12]
)
SIGNS = st.sampled_from(
    [
        "==",
        "!=",
        "<",
        ">=",
        "and",
        "or",
        "and not",
        "+",
        "-",
        "| length",
        "| upper <",
        "~",
        "in",
        "| default(0)",
        "| a( b , 'c' | d) ==",
        "(",
        ")",
        ",",
        "is",
        "=",
        "",
        "|",
    ]
)
SPACE = st.sampled_from([" ", " ", "  ", "\n", "\t", ""])
SOURCES = st.lists(st.tuples(SPACE, OPERANDS, SPACE, SIGNS), min_size=1, max_size=5).map(
    lambda parts: "".join("".join(part) for part in parts)
)


@settings(max_examples=500, deadline=None)
@given(SOURCES, st.sampled_from(["", "not ", "not not ", "("]), OPERANDS, st.integers(0, 50))
def test_a_condition_is_read_as_the_parser_reads_it(source: str, before: str, last: str, offset: int) -> None:
    for text in (before + source, before + source + last):
        quick = read_condition(text, offset)
        if quick is not None:
            assert environment._scan(text, offset) == []
            assert plain(quick) == plain(environment._parse(text, offset))


@pytest.mark.parametrize(
    "source",
    [
        "steps.a.output.score > 5 and steps.a.output.kind == 'bug'",
        'not inputs.dry or steps.b.status != "succeeded"',
        "steps.a.output.total + 1 - x",
        "steps.a.output | length >= 3",
        "a < b < c",
        "steps.a.output.n | default(0) > 1",
        "a | join(', ') | truncate( 20 , true ) | upper",
        " true ",
    ],
)
def test_the_usual_conditions_need_no_parser(source: str) -> None:
    assert read_condition(source, 3) is not None
    assert plain(read_condition(source, 3)) == plain(environment._parse(source, 3))


@pytest.mark.parametrize(
    "source",
    ["", "a b", "a == ", "== a", "(a)", "a in b", "a is none", "-a", "a && b", "a => b", "a = b", "a || b", "'a' 'b'",
     "f(a)", "a | default()",
     "a | b(c=1)", "a | b(1,)", "a | b(1", "a | b 1)", "a[0]", "a | b.c", "a.and.b", "'a\\n'", "1 and", "a | 1",
     "a === b", " and ".join("a" * 30)],
)  # fmt: skip
def test_anything_else_is_left_to_the_parser(source: str) -> None:
    assert read_condition(source, 0) is None


def test_plain_conditions_do_not_load_jinja() -> None:
    code = (
        "import sys; from agentflow_cli.language.expressions.template import compile_bare, compile_template;"
        "compile_bare('steps.a.output.n > 1 and inputs.x'); compile_template('n: ${{ steps.a.output.n + 1 }}');"
        "sys.exit('jinja2' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
