"""Schemas whose references double with each step: 2^60 ways through sixty definitions, and an answer at once."""

from __future__ import annotations

from typing import Any

import pytest

from agentflow_cli.domain.json_value import Json
from agentflow_cli.language.schema.local_references import fans_out
from agentflow_cli.language.schema.validator import matches, violations
from agentflow_cli.language.schema.value_problems import value_problems

DEEP = 60
LEAF: dict[str, Json] = {"type": "string"}


def fan(step: Any, leaf: Json = LEAF, **beside: Json) -> dict[str, Json]:
    """A schema of definitions `a0`, `a1`, … each of which is `step` of two references to the next."""
    definitions: dict[str, Json] = {
        f"a{number}": step({"$ref": f"#/definitions/a{number + 1}"}, {"$ref": f"#/definitions/a{number + 1}"})
        for number in range(DEEP)
    }
    return {"allOf": [{"$ref": "#/definitions/a0"}], "definitions": {**definitions, f"a{DEEP}": leaf}, **beside}


WORDS = ["allOf", "anyOf"]
IN_PLACE = {
    **{word: lambda left, right, word=word: {word: [left, right]} for word in WORDS},
    "if": lambda left, right: {"if": left, "then": right, "else": False},
    "not": lambda left, right: {"allOf": [{"not": {"not": left}}, right]},
}


@pytest.mark.parametrize("word", IN_PLACE)
def test_a_value_is_judged_at_once(word: str) -> None:
    schema = fan(IN_PLACE[word])
    assert fans_out(schema)
    assert matches(schema, "s") and not matches(schema, 1)
    assert violations(schema, "s") == [] and violations(schema, 1, 10)
    assert value_problems(schema, "s") == [] and value_problems(schema, 1)


def test_each_element_of_a_list_is_judged_once_by_each_definition() -> None:
    schema = fan(lambda left, right: {"items": {"allOf": [left, right]}})
    value: Json = 1
    for _ in range(30):
        value = [value, value]
    assert matches(schema, value)
    assert not matches(fan(lambda left, right: {"items": {"allOf": [left, right]}, "type": "array"}), value)


def test_what_is_right_beside_what_is_wrong_is_not_looked_at_again() -> None:
    schema = fan(IN_PLACE["anyOf"], type="object")
    assert [found.keyword for found in violations(schema, "s")] == ["type"]


def test_a_large_value_is_judged_too() -> None:
    schema = fan(IN_PLACE["allOf"], {"type": "array", "items": {"type": "integer"}})
    assert matches(schema, [1] * 5_000) and not matches(schema, [*[1] * 5_000, "x"])


def test_where_only_a_library_could_tell_nothing_is_wrong() -> None:
    schema = fan(IN_PLACE["anyOf"], {"contains": {"type": "string"}})
    assert matches(schema, [1])
    assert violations({**schema, "minItems": 2}, [1], 10)[0].keyword == "minItems"


TREE: dict[str, Json] = {
    "$ref": "#/definitions/node",
    "definitions": {
        "node": {
            "type": "object",
            "properties": {
                "left": {"$ref": "#/definitions/node"},
                "right": {"$ref": "#/definitions/node"},
                "names": {"contains": {"type": "string"}},
            },
            "additionalProperties": False,
        }
    },
}


def test_a_tree_is_no_fan_and_every_keyword_counts_in_it() -> None:
    assert not fans_out(TREE) and not fans_out({"type": "string"}) and not fans_out(True)
    assert matches(TREE, {"left": {"names": ["x"]}}) and not matches(TREE, {"left": {"names": [1]}})
    assert [found.path for found in violations(TREE, {"left": {"right": {"names": [1]}}})] == [
        ("left", "right", "names")
    ]
