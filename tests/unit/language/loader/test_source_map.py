"""Every character of every kind of scalar is found again in the raw text."""

from __future__ import annotations

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.language.loader.reading import document

_WORDS = st.text(alphabet=st.sampled_from("ab${}.'\"\\#: é漢\t"), min_size=0, max_size=12)
_LINES = st.lists(_WORDS, min_size=1, max_size=5)


@settings(max_examples=150, deadline=None)
@given(_LINES, st.sampled_from(["'", '"', "|", ">", None]), st.integers(20, 80), st.integers(1, 6))
def test_each_decoded_character_maps_to_raw_text_that_decodes_to_it(
    lines: list[str], style: str | None, width: int, indent: int
) -> None:
    value = "\n".join(lines)
    data = {"k": {"v": value, "w": "end"}}
    text = yaml.safe_dump(data, default_style=style, width=width, indent=indent, allow_unicode=True)
    read = document(text)
    value = read.data["k"]["v"]  # PyYAML folds some lines so that they are read as others
    rows = text.split("\n")
    for index, character in enumerate(value):
        span = read.within(("k", "v"), index, index + 1)
        raw = rows[span.line - 1][span.column - 1 : span.end_column - 1 if span.end_line == span.line else None]
        if character == "\n":
            assert span.end_line > span.line or raw in ("\\n", "\\\n", "")
        elif character == " ":
            assert raw in (" ", "", "\\ ") or raw.isspace()
        else:
            assert raw in (character, f"\\{character}", "''", "\\t")


def _at(text: str, word: str, path: tuple[str | int, ...] = ("a",)) -> tuple[int, int, int, int]:
    read = document(text)
    value = read.data
    for part in path:
        value = value[part]
    start = value.index(word)
    span = read.within(path, start, start + len(word))
    return span.line, span.column, span.end_line, span.end_column


def test_a_plain_scalar() -> None:
    assert _at("a: some ${{ x.y }} text", "x.y") == (1, 13, 1, 16)


def test_a_plain_scalar_over_lines() -> None:
    assert _at("a: some\n   more\n\n   x.y text", "x.y") == (4, 4, 4, 7)


def test_a_single_quoted_scalar_with_a_doubled_quote() -> None:
    assert _at("a: 'it''s x.y'", "x.y") == (1, 11, 1, 14)


def test_a_double_quoted_scalar_with_escapes() -> None:
    assert _at('a: "\\t\\x41\\u00e9\\"x.y"', "x.y") == (1, 19, 1, 22)


def test_a_double_quoted_scalar_with_an_escaped_line_break() -> None:
    assert _at('a: "one \\\n    x.y"', "x.y") == (2, 5, 2, 8)


def test_a_literal_block() -> None:
    assert _at("a: |\n    one\n\n      x.y\nb: 1", "x.y") == (4, 7, 4, 10)


def test_a_literal_block_with_an_indentation_indicator() -> None:
    assert _at("a: |2-\n    one\n   x.y\n", "x.y") == (3, 4, 3, 7)


def test_a_folded_block() -> None:
    assert _at("a: >\n  one\n  two x.y\n\n  three\n", "two x.y") == (3, 3, 3, 10)


def test_a_folded_block_with_more_indented_lines() -> None:
    assert _at("a: >-\n  one\n    two\n  x.y\n", "x.y") == (4, 3, 4, 6)


def test_a_block_inside_a_list_with_windows_line_ends() -> None:
    assert _at("a:\r\n  - |\r\n    one\r\n    x.y\r\n", "x.y", ("a", 0)) == (4, 5, 4, 8)


def test_a_value_reached_through_an_alias_is_shown_where_it_is_written() -> None:
    assert _at("b: &b one x.y\na: *b\n", "x.y") == (1, 11, 1, 14)


def test_spans_of_keys_values_and_collections() -> None:
    read = document("a:\n  b: [1, two]   # note\n  c: &x\n    d: long text\n\n# end\ne: *x\n")
    assert str(read.key_span(("a", "b"))) == "x.yaml:2:3"
    assert read.span(("a", "b", 1)).end_column == 13
    whole = read.span(("a",))
    assert (whole.line, whole.column, whole.end_line, whole.end_column) == (2, 3, 4, 17)
    assert str(read.span(("e",))) == "x.yaml:7:4"
    assert str(read.key_span(("e", "d"))) == "x.yaml:4:5"


def test_a_place_that_is_not_there_is_answered_with_the_nearest_key_around_it() -> None:
    read = document("a:\n  b: 1\n")
    assert read.span(("a", "missing", "deep")) == read.key_span(("a",))
