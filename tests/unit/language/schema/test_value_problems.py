from __future__ import annotations

import pytest

from agentflow_cli.language.schema.validator import schema_fault
from agentflow_cli.language.schema.value_problems import value_problems

SCHEMA = {
    "type": "object",
    "properties": {
        "kind": {"enum": ["bug", "question"]},
        "count": {"type": "integer", "minimum": 1},
        "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 2},
    },
    "required": ["kind"],
    "additionalProperties": False,
}


def test_a_value_that_matches_has_no_problems() -> None:
    assert value_problems(SCHEMA, {"kind": "bug", "count": 1, "tags": []}) == []


@pytest.mark.parametrize(
    ("value", "path", "words"),
    [
        ({}, (), "lacks `kind`"),
        ({"kind": "bugg"}, ("kind",), "did you mean `bug`?"),
        ({"kind": "bug", "count": "1"}, ("count",), "must be a whole number, not the string `1`"),
        ({"kind": "bug", "count": 0}, ("count",), "must be at least 1"),
        ({"kind": "bug", "tags": ["a", 2]}, ("tags", 1), "`tags[1]` must be a string"),
        ({"kind": "bug", "tags": ["a", "b", "c"]}, ("tags",), "at most 2, not 3"),
        ({"kind": "bug", "colour": "red"}, (), "has no field `colour`"),
        ([], (), "must be a mapping, not an empty list"),
    ],
)
def test_each_problem_is_a_sentence_with_its_path(value: object, path: tuple[str | int, ...], words: str) -> None:
    [(where, sentence)] = value_problems(SCHEMA, value)
    assert where == path
    assert words in sentence


@pytest.mark.parametrize(
    ("schema", "value", "words"),
    [
        ({"multipleOf": 0.5}, 1.2, "it is `1.2`, and must be a multiple of 0.5"),
        ({"uniqueItems": True}, [1, 1], "it has an element twice"),
        ({"contains": {"const": 1}}, [2], "it has no element as `contains` describes it"),
        ({"oneOf": [{"type": "integer"}, {"minLength": 3}]}, "ab", "exactly one of the 2 schemas of `oneOf`"),
        ({"anyOf": [{"minimum": 3}, {"type": "null"}]}, 0, "at least one of the 2 schemas of `anyOf`"),
        ({"not": {"const": 1}}, 1, "it is the number `1`, which the schema excludes"),
        ({"propertyNames": {"minLength": 2}}, {"a": 1}, "it has a field `a`, and none may be named so"),
    ],
)
def test_rules_that_combine_others_are_told_in_words(schema: dict[str, object], value: object, words: str) -> None:
    [(_, sentence)] = value_problems(schema, value)
    assert words in sentence


def test_all_problems_are_listed() -> None:
    assert len(value_problems(SCHEMA, {"count": "x", "tags": 1})) == 3


def test_long_and_dangerous_values_are_cut_and_cleaned() -> None:
    [(_, sentence)] = value_problems({"type": "integer"}, "\x1b]52;c;x\x07" + "y" * 500)
    assert "\x1b" not in sentence
    assert len(sentence) < 120


def test_what_is_no_schema_is_found_with_its_place() -> None:
    assert schema_fault({"type": "string"}) is None
    assert schema_fault({"properties": {"a": {"pattern": "["}}})[0] == ("properties", "a", "pattern")  # type: ignore[index]
    assert schema_fault({"properties": {"a": {"minLength": "x"}}})[0] == ("properties", "a", "minLength")  # type: ignore[index]
