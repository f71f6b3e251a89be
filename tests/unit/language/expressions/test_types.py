"""The lattice of types, and JSON Schemas as types."""

from __future__ import annotations

import time
from typing import Any

import pytest

from agentflow_cli.language.expressions.functions import FILTERS, FUNCTIONS, TESTS
from agentflow_cli.language.expressions.template import compile_expression, compile_template
from agentflow_cli.language.expressions.types.lattice import ANY, Array, Object, of_value, shown, union, widened
from agentflow_cli.language.expressions.types.schemas import type_of_schema
from agentflow_cli.language.expressions.types.signatures import FILTER_SIGNATURES, FUNCTION_SIGNATURES, TEST_SIGNATURES
from agentflow_cli.language.expressions.types.whole import infer
from tests.unit.language.expressions.typed_data import OneName


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string"}, "string"),
        ({"type": ["string", "null"]}, "string | null"),
        ({"type": "string", "nullable": True}, "string | null"),
        ({"enum": ["a", 1, None]}, "'a' | 1 | null"),
        ({"type": "string", "enum": ["a", 1]}, "'a'"),
        ({"const": True}, "True"),
        ({"type": "array", "items": {"type": "integer"}}, "array of integer"),
        ({"type": "array", "items": [{"type": "integer"}], "additionalItems": False}, "array of integer"),
        ({"type": "array", "items": [{"type": "integer"}]}, "array"),
        ({"properties": {"a": {"type": "string"}}}, "{a: string}"),
        ({"properties": {"a": {"type": "string"}}, "additionalProperties": True}, "{a: string, …}"),
        ({"properties": {"a": {}}, "patternProperties": {"^x": {}}}, "{a: any, …}"),
        ({"properties": {"a": {}}, "if": {}, "then": {"properties": {"b": {}}}}, "{a: any, …}"),
        ({"allOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}]}, "{a: any, b: any}"),
        ({"type": "object", "allOf": [{"properties": {"a": {}}}]}, "{a: any}"),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, "string | integer"),
        ({"oneOf": [{"type": "string"}, {}]}, "any"),
        ({"type": "integer", "anyOf": [{"enum": [1, 2]}, {"enum": [3]}]}, "1 | 2 | 3"),
        ({"$ref": "#/definitions/a", "definitions": {"a": {"type": "boolean"}}}, "boolean"),
        ({"$ref": "other.json"}, "any"),
        ({"type": "spaceship"}, "any"),
        ({"type": "object"}, "object"),
        ({}, "any"),
        ("nonsense", "any"),
    ],
)
def test_a_schema_becomes_a_type(schema: Any, expected: str) -> None:
    assert shown(type_of_schema(schema)) == expected


def test_a_schema_that_contains_itself_is_open_where_it_does() -> None:
    tree = {"definitions": {"n": {"properties": {"v": {"type": "integer"}, "next": {"$ref": "#/definitions/n"}}}}}
    found = type_of_schema({**tree, "$ref": "#/definitions/n"})
    assert isinstance(found, Object)
    assert found.fields["next"] is ANY


def test_definitions_that_double_at_every_level_are_worked_out_once() -> None:
    def level(number: int) -> dict[str, Any]:
        reference = {"$ref": f"#/definitions/d{number + 1}"}
        return {"properties": {"x": reference, "y": reference}}

    definitions = {f"d{number}": level(number) for number in range(60)}
    started = time.perf_counter()
    type_of_schema({"definitions": definitions, "$ref": "#/definitions/d0"})
    assert time.perf_counter() - started < 1


def test_a_type_that_grows_without_end_becomes_open() -> None:
    found = of_value({"a": 1})
    for _ in range(200):
        found = widened(Object({"a": found, "b": Array(found), "c": union(found, Array(found))}))
    assert found.size < 2_000
    assert found.depth < 20


def test_single_values_are_widened_and_several_are_kept() -> None:
    assert shown(widened(of_value("fast"))) == "string"
    assert shown(widened(union(of_value("a"), of_value("b")))) == "'a' | 'b'"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("x.rows | map(attribute='size') | sum", "integer"),
        ("x.rows | groupby('kind') | first", "{grouper: 'bug' | 'question', list: array of {kind: 'bug' | 'question', size: integer}}"),  # noqa: E501
        ("x | items | map(attribute='key') | list", "array of string"),
        ("x.note | default(0)", "string | null | 0"),
        ("x.rows[0].kind ~ 1", "string"),
        ("1 if x.rows | length > 0 else 'none'", "1 | 'none'"),
        ("x.rows[1:]", "array of {kind: 'bug' | 'question', size: integer}"),
        ("x.rows | map(attribute='size') | batch(2)", "array of array of integer"),
        ("x.note | lines | map('length') | max", "integer"),
        ("coalesce(x.note, 'a')", "string | null"),
        ("x.unknown.field", "any"),
    ],
)  # fmt: skip
def test_an_expression_has_a_type(expression: str, expected: str) -> None:
    row = {"properties": {"kind": {"enum": ["bug", "question"]}, "size": {"type": "integer"}}}
    schema = {
        "properties": {"rows": {"type": "array", "items": row}, "note": {"type": ["string", "null"]}, "unknown": {}}
    }
    found, problems = infer(compile_expression(expression), OneName(type_of_schema(schema)))
    assert (shown(found), problems) == (expected, ())


def test_every_filter_test_and_function_has_a_signature() -> None:
    assert FILTER_SIGNATURES.keys() == FILTERS.keys()
    assert TEST_SIGNATURES.keys() == TESTS.keys()
    assert FUNCTION_SIGNATURES.keys() == FUNCTIONS.keys()


@pytest.mark.parametrize("table", [FILTERS, TESTS])
def test_the_documented_examples_have_no_type_problem(table: Any) -> None:
    for function in table.values():
        template = compile_expression(function.example)
        assert infer(template, OneName(ANY))[1] == (), function.name


@pytest.mark.parametrize(
    "text",
    [
        "x | length if x is string else x + 1",
        "x is none or x.kind == 'a'",
        "x is not none and x > 1",
        "x + 1 if x != none else 0",
        "x | upper if not (x is number) else x - 1",
    ],
)
@pytest.mark.parametrize("schema", [{}, {"type": "string"}, {"type": "integer"}, {"type": ["string", "null"]}])
def test_a_branch_that_a_test_guards_is_left_alone(text: str, schema: Any) -> None:
    problems = infer(compile_expression(text), OneName(type_of_schema(schema)))[1]
    assert "AF436" not in {problem.code for problem in problems}


def test_branches_of_a_text_know_what_their_conditions_say() -> None:
    text = "{% if x is string %}${{ x | upper }}{% elif x is none %}-{% else %}${{ x + 1 }}{% endif %}"
    types = OneName(type_of_schema({"type": ["string", "integer", "null"]}))
    assert infer(compile_template(text), types)[1] == ()


def test_each_problem_stands_at_its_own_characters() -> None:
    text = "A\n${{ x.a }} {% for r in x.rows %}${{ r.knd }}{% if r.size %}!{% endif %}{% endfor %} ${{ x.rows }}"
    row = {"properties": {"kind": {"type": "string"}, "size": {"type": "integer"}}}
    types = OneName(type_of_schema({"properties": {"rows": {"type": "array", "items": row}}}))
    problems = infer(compile_template(text), types)[1]
    assert [(p.code, text[p.start : p.end]) for p in problems] == [
        ("AF318", "a"),
        ("AF318", "knd"),
        ("AF438", "r.size"),
        ("AF439", "x.rows"),
    ]
