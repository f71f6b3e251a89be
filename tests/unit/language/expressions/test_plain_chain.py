"""What is read without the parser is read as the parser would read it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentflow_cli.language.expressions import environment
from agentflow_cli.language.expressions.plain_chain import read_chain
from agentflow_cli.language.expressions.syntax import Node

WORDS = st.sampled_from(
    ["steps", "a", "_b1", "output", "not", "is", "in", "true", "None", "if", "else", "and", "upper", "length", "loop"]
)
SPACE = st.sampled_from(["", " ", "  ", "\n", "\t"])
SOURCES = st.lists(
    st.tuples(SPACE, st.sampled_from([".", "|", " ", "", "1", "é", "["]), SPACE, WORDS), min_size=1, max_size=6
).map(lambda parts: "".join("".join(part) for part in parts).lstrip(".|"))


def plain(value: object) -> object:
    if isinstance(value, Node):
        return (type(value).__name__, {name: plain(inner) for name, inner in vars(value).items()})
    return tuple(map(plain, value)) if isinstance(value, tuple) else value


@settings(max_examples=400, deadline=None)
@given(SOURCES, st.integers(0, 50))
def test_a_chain_is_read_as_the_parser_reads_it(source: str, offset: int) -> None:
    quick = read_chain(source, offset)
    if quick is not None:
        assert plain(quick) == plain(environment._parse(source, offset))


@pytest.mark.parametrize("source", ["steps.a.output", " inputs.topic | upper ", "item", "a.b|length\n|string"])
def test_the_usual_forms_need_no_parser(source: str) -> None:
    assert read_chain(source, 3) is not None


@pytest.mark.parametrize("source", ["not.a", "true", "a.1", "a[0]", "a | is", "a .b", "a|default(1)", "é", "", "a."])
def test_anything_else_is_left_to_the_parser(source: str) -> None:
    assert read_chain(source, 0) is None
