from __future__ import annotations

import time

import pytest

from agentflow_cli.diagnostics.diagnostic import Diagnostics
from agentflow_cli.language.loader.yaml_reader import read_yaml
from tests.unit.language.loader.reading import codes, data, document


def test_duplicates_are_reported_at_both_places_and_all_of_them() -> None:
    diagnostics = Diagnostics()
    read_yaml("a: 1\nb: {c: 1, c: 2}\na: 3\n", "x.yaml", diagnostics)
    found = [(str(d.span), str(d.secondary[0].span)) for d in diagnostics]
    assert found == [("x.yaml:2:11", "x.yaml:2:5"), ("x.yaml:3:1", "x.yaml:1:1")]


def test_equal_keys_written_differently_are_duplicates() -> None:
    assert codes("a: 1\n'a': 2\n") == [("AF106", 2, 1)]


def test_aliases_repeat_values() -> None:
    assert data("x: &x {a: [1]}\ny: *x\n") == {"x": {"a": [1]}, "y": {"a": [1]}}


def test_the_data_is_plain() -> None:
    read = document("a: [1, {b: two}]\n").data
    assert type(read) is dict and type(read["a"]) is list and type(read["a"][1]["b"]) is str


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: {{ x }}", ("AF112", 1, 4)),
        ("a: [{{ x }}]", ("AF112", 1, 5)),
        ("a: {b: ${{ x }}}", ("AF112", 1, 8)),
        ("a: [one ${{ x }}]", ("AF112", 1, 5)),
        ("a: {{ x }} and", ("AF112", 1, 4)),
        ("a: b: c", ("AF113", 1, 4)),
        ("when: 'a' == b", ("AF113", 1, 7)),
        ("when: @b", ("AF113", 1, 7)),
        ("when: x == 'a #b'", ("AF114", 1, 15)),
        ("when: !x", ("AF110", 1, 7)),
        ("a: !!python/object:os.system x", ("AF110", 1, 4)),
        ("<<: {a: 1}", ("AF108", 1, 1)),
        ("? [a]\n: b", ("AF107", 1, 3)),
        ("a: *a", ("AF109", 1, 4)),
        ("a: &a [*a]", ("AF109", 1, 8)),
        ("a: 1\n--- \nb: 1", ("AF111", 2, 1)),
        ("a: |x\n  b", ("AF105", 1, 5)),
        ('a: "\\0"', ("AF102", 1, 4)),
        ("%YAML 3.0\n---\na: 1", ("AF105", 1, 1)),
    ],
)
def test_traps_have_their_own_code_and_exact_place(text: str, expected: tuple[str, int, int]) -> None:
    assert codes(text) == [expected]


def test_a_comment_after_a_whole_expression_is_only_a_comment() -> None:
    assert data("when: x == 'a' # why\nb: ${{ x }} # and\n") == {"when": "x == 'a'", "b": "${{ x }}"}


@pytest.mark.parametrize(
    "text",
    [
        "[" * 4_000_000,
        "{a: " * 1_000_000,
        "- " * 2_000_000,
        "? " * 1_000_000,
        "a: " + "[" * 100 + "]" * 100,
        "\n".join(f"{' ' * i}a{i}:" for i in range(3000)),
        "b0: &b0 [x,x,x]\n" + "\n".join(f"b{i}: &b{i} [{','.join([f'*b{i - 1}'] * 9)}]" for i in range(1, 9)),
        "a0: &a0 [x]\n" + "\n".join(f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, 200)),
        "a: " + "9" * 1_000_000,
        "a: '" + "x" * 1_000_000,
        "&a " * 100_000,
        "!" * 100_000,
        '"\\ud800"',
        "a: !<" + "x" * 100_000,
        "%" * 10_000,
        "'" * 100_001,
    ],
    ids=lambda text: repr(text[:12]),
)  # fmt: skip
def test_hostile_text_is_refused_quickly_with_a_diagnostic(text: str) -> None:
    diagnostics = Diagnostics()
    started = time.process_time()
    read_yaml(text, "x.yaml", diagnostics)
    assert time.process_time() - started < 2
    assert diagnostics.has_errors


def test_just_below_the_bound_of_depth_all_is_fine() -> None:
    assert codes("a: " + "[" * 99 + "]" * 99) == []


def test_a_thousand_steps_are_read_in_a_fraction_of_a_second() -> None:
    step = "    needs: [a]\n    prompt: |\n      Hello\n    output: {type: object, properties: {k: {type: string}}}\n"
    text = "steps:\n" + "".join(f"  s{i}:\n{step}" for i in range(1000))
    started = time.process_time()
    document(text)
    assert time.process_time() - started < 1
