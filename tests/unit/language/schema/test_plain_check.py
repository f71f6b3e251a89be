"""The quick check, jsonschema_rs and jsonschema give the same answer, whatever the file."""

from __future__ import annotations

import copy
import random
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from agentflow_cli.diagnostics.diagnostic import Diagnostics
from agentflow_cli.language.loader.yaml_reader import read_yaml
from agentflow_cli.language.schema.files import load_schema
from agentflow_cli.language.schema.plain_check import UnknownKeywordError, conforms
from agentflow_cli.language.schema.validator import matches, violations

SCHEMA = load_schema()
LIBRARY: Any = jsonschema_rs.Draft7Validator(SCHEMA)
FILES = sorted((Path(__file__).parents[3] / "diagnostics").glob("*/*.yaml"))
VALUES: list[Any] = [
    None,
    True,
    False,
    0,
    1,
    1.0,
    -1,
    2.5,
    "",
    "x",
    "A-b",
    "30s",
    [],
    ["x"],
    ["x", "x"],
    {},
    {"file": "x"},
    {"a": 1},
]


def documents() -> list[Any]:
    found = []
    for file in FILES:
        try:
            read = read_yaml(file.read_text(encoding="utf-8-sig"), file.name, Diagnostics())
        except UnicodeDecodeError:
            continue
        found.append(read.data if read else None)
    return found


def changed(data: Any, chance: random.Random) -> Any:
    """A copy with one value somewhere replaced, removed or added."""
    data = copy.deepcopy(data)
    at = data
    while isinstance(at, dict | list) and at:
        keys = list(at) if isinstance(at, dict) else range(len(at))
        key = chance.choice(keys)
        if not isinstance(at[key], dict | list) or not at[key] or chance.random() < 0.25:
            break
        at = at[key]
    if not isinstance(at, dict | list) or not at:
        return chance.choice(VALUES)
    what = chance.randrange(3)
    if what == 0:
        at[key] = copy.deepcopy(chance.choice(VALUES))
    elif what == 1:
        del at[key]
    elif isinstance(at, dict):
        at[chance.choice(["run", "prompt", "memory", "choices", "form", "files", "text", "x-y", "Ab", "if"])] = (
            chance.choice(VALUES)
        )
    else:
        at.append(copy.deepcopy(at[0]))
    return data


@pytest.mark.parametrize(
    ("seed", "changes"),
    [(7, 8), pytest.param(8, 60, marks=pytest.mark.slow)],
)
def test_all_three_agree_on_every_file_and_on_many_changes_of_each(seed: int, changes: int) -> None:
    chance = random.Random(seed)
    answers = {True: 0, False: 0}
    for data in documents():
        for number in range(changes):
            value = changed(data, chance) if number else data
            quick = conforms(SCHEMA, value, SCHEMA)
            assert quick == LIBRARY.is_valid(value) == (not violations(SCHEMA, value)), value
            answers[quick] += 1
    assert min(answers.values()) > 300


@pytest.mark.parametrize(
    ("schema", "value", "answer"),
    [
        ({"const": 1}, True, False),
        ({"enum": [[1, {"a": True}]]}, [1, {"a": 1}], False),
        ({"type": "integer"}, 2.0, True),
        ({"pattern": "^[a-z]+$"}, "abc\n", False),
        ({"uniqueItems": True}, [1, True, 1], False),
        ({"uniqueItems": True}, [1, True, "1"], True),
        ({"exclusiveMinimum": 1, "exclusiveMaximum": 2}, 1, False),
        ({"if": {"type": "string"}, "else": {"const": 3}}, 4, False),
        ({"patternProperties": {"^n": {"type": "number"}}, "additionalProperties": False}, {"n": 1, "m": 2}, False),
        ({"oneOf": [{"type": "string"}, {"minLength": 1}]}, "x", False),
        ({"dependencies": {"a": ["b"]}}, {"a": 1}, False),
    ],
)
def test_the_answer_is_that_of_draft_7(schema: Any, value: Any, answer: bool) -> None:
    assert matches(schema, value) is answer
    assert (not violations(schema, value)) is answer


def test_a_keyword_that_is_not_known_is_never_passed_over() -> None:
    with pytest.raises(UnknownKeywordError):
        conforms({"contains": {}}, 1, {})


def test_a_value_too_deep_for_the_quick_check_is_still_judged() -> None:
    value: Any = 1
    for _ in range(5000):
        value = [value]
    assert matches({"type": "array", "items": {"$ref": "#"}}, [1]) is False
    assert matches({"type": "array"}, value)
