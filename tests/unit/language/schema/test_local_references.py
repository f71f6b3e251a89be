"""`$ref` inside a declared schema."""

from __future__ import annotations

from typing import Any

import pytest

from agentflow_cli.language.schema.local_references import bad_references
from agentflow_cli.language.schema.validator import schema_fault
from agentflow_cli.language.schema.value_problems import value_problems

TREE = {
    "definitions": {
        "node": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "children": {"type": "array", "items": {"$ref": "#/definitions/node"}},
            },
            "required": ["name"],
        }
    },
    "$ref": "#/definitions/node",
}


def test_a_value_is_checked_through_references_at_any_depth() -> None:
    assert schema_fault(TREE) is None
    assert value_problems(TREE, {"name": "a", "children": [{"name": "b", "children": []}]}) == []
    problems = value_problems(TREE, {"name": "a", "children": [{"name": "b"}, {"name": 3}]})
    assert problems == [(("children", 1, "name"), "`children[1].name` must be a string, not the number `3`")]


def test_names_in_references_may_hold_escaped_characters() -> None:
    schema = {"$defs": {"a/b~c": {"type": "integer"}}, "items": {"$ref": "#/$defs/a~1b~0c"}, "type": "array"}
    assert schema_fault(schema) is None
    assert value_problems(schema, [1]) == []
    assert value_problems(schema, ["x"]) != []


@pytest.mark.parametrize(
    ("schema", "path", "why"),
    [
        ({"$ref": "https://example.test/s.json"}, ("$ref",), "leaves the schema"),
        ({"$ref": "other.json#/a"}, ("$ref",), "leaves the schema"),
        ({"items": {"$ref": "#/definitions/no"}, "definitions": {"yes": {}}}, ("items", "$ref"), "there is `yes`"),
        ({"$ref": "#/definitions/a/type", "definitions": {"a": {"type": "string"}}}, ("$ref",), "points to nothing"),
        ({"$ref": "#"}, ("$ref",), "leads only to itself"),
        ({"allOf": [{"$ref": "#"}]}, ("allOf", 0, "$ref"), "leads only to itself"),
        ({"not": {"$ref": "#"}}, ("not", "$ref"), "leads only to itself"),
        (
            {"definitions": {"a": {"$ref": "#/definitions/b"}, "b": {"$ref": "#/definitions/a"}}},
            ("definitions", "a", "$ref"),
            "leads only to itself",
        ),
    ],
)
def test_a_reference_that_cannot_be_followed_is_found_at_its_place(schema: Any, path: Any, why: str) -> None:
    fault = schema_fault(schema)
    assert fault is not None and fault[0] == path and why in fault[1]


def test_a_reference_in_data_is_no_reference() -> None:
    assert schema_fault({"const": {"$ref": "#/nowhere"}}) is None
    assert schema_fault({"enum": [{"$ref": "x"}]}) is None


def test_a_long_chain_of_references_is_followed_once() -> None:
    chain: dict[str, Any] = {f"a{n}": {"$ref": f"#/definitions/a{n + 1}"} for n in range(20_000)}
    chain["a20000"] = {"type": "string"}
    assert list(bad_references({"definitions": chain, "$ref": "#/definitions/a0"})) == []
    chain["a20000"] = {"anyOf": [{"type": "string"}, {"$ref": "#/definitions/a0"}]}
    found = list(bad_references({"definitions": chain, "$ref": "#/definitions/a0"}))
    assert len(found) == 20_002 and {why for _, why in found} == {"this reference leads only to itself"}


def test_only_references_on_a_circle_lead_to_themselves() -> None:
    schema = {
        "definitions": {
            "circle": {"allOf": [{"$ref": "#/definitions/back"}]},
            "back": {"anyOf": [{"type": "null"}, {"$ref": "#/definitions/circle"}]},
            "tree": {"properties": {"left": {"$ref": "#/definitions/tree"}}},
        },
        "not": {"$ref": "#/definitions/tree"},
    }
    assert {path for path, _ in bad_references(schema)} == {
        ("definitions", "circle", "allOf", 0, "$ref"),
        ("definitions", "back", "anyOf", 1, "$ref"),
    }
