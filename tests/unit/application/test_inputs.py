"""Inputs: from text to values of the declared types."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agentflow_cli.application.usecases.inputs import read_inputs
from agentflow_cli.diagnostics.diagnostic import InvalidWorkflowError
from agentflow_cli.domain.plan import PlanInput
from agentflow_cli.foundation.errors import NotFoundError, UsageError


def declare(**schemas: dict[str, Any]) -> dict[str, PlanInput]:
    return {name: PlanInput(name, schema, required=False) for name, schema in schemas.items()}


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ({"type": "string"}, "007", "007"),
        ({"type": "string"}, "", ""),
        ({"type": "string"}, "a=b", "a=b"),
        ({"type": "integer"}, "7", 7),
        ({"type": "integer"}, "-7", -7),
        ({"type": "number"}, "1.5", 1.5),
        ({"type": "number"}, "2", 2),
        ({"type": "boolean"}, "true", True),
        ({"type": "array"}, "[1, 2]", [1, 2]),
        ({"type": "object"}, '{"a": 1}', {"a": 1}),
        ({"type": ["integer", "null"]}, "null", None),
        ({"type": ["string", "null"]}, "null", "null"),
        ({}, "3", "3"),
        ({"enum": ["a", "b"]}, "a", "a"),
        ({"enum": [1, 2]}, "2", 2),
        ({"const": 7}, "7", 7),
        ({"const": "7"}, "7", "7"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "3", 3),
        ({"oneOf": [{"type": "integer"}, {"type": "string"}]}, "3", "3"),
        ({"oneOf": [{"type": "boolean"}, {"type": "string", "pattern": "^v"}]}, "true", True),
        ({"$ref": "#/definitions/n", "definitions": {"n": {"type": "array"}}}, "[1]", [1]),
    ],
)
def test_text_becomes_what_the_declared_type_says(schema: dict[str, Any], text: str, value: object) -> None:
    got = read_inputs(declare(x=schema), [f"x={text}"])["x"]
    assert got == value and type(got) is type(value)


@pytest.mark.parametrize(
    ("schema", "text", "said"),
    [
        ({"type": "integer"}, "seven", "`x` must be a whole number, not `seven`"),
        ({"type": "integer"}, "1.0", "`x` must be a whole number"),
        ({"type": "number"}, "NaN", "`x` must be a number"),
        ({"type": "boolean"}, "yes", "`x` must be `true` or `false`"),
        ({"type": "array"}, "a,b", "a JSON list"),
        ({"type": "string", "enum": ["warm", "terse"]}, "wram", "did you mean `warm`?"),
        ({"type": "integer", "minimum": 3}, "2", "at least 3"),
    ],
)
def test_text_that_does_not_fit_is_refused_with_what_would(schema: dict[str, Any], text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_inputs(declare(x=schema), [f"x={text}"])
    assert said in caught.value.message


def test_json_is_given_by_its_own_sign() -> None:
    assert read_inputs(declare(x={}), ['x:={"a": [1]}']) == {"x": {"a": [1]}}
    with pytest.raises(UsageError, match="takes JSON"):
        read_inputs(declare(x={}), ["x:={nope"])


def test_a_file_gives_text_or_json(tmp_path: Path) -> None:
    path = tmp_path / "value"
    path.write_text("[1, 2]\n")
    assert read_inputs(declare(x={"type": "string"}), [f"x=@{path}"]) == {"x": "[1, 2]\n"}
    assert read_inputs(declare(x={"type": "array"}), [f"x=@{path}"]) == {"x": [1, 2]}
    assert read_inputs(declare(x={}), [f"x:=@{path}"]) == {"x": [1, 2]}
    with pytest.raises(UsageError, match="cannot read"):
        read_inputs(declare(x={}), [f"x=@{tmp_path / 'none'}"])


def test_an_inputs_file_is_overruled_by_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "inputs.yaml"
    path.write_text("a: 1\nb: two\n")
    declared = declare(a={"type": "integer"}, b={"type": "string"})
    assert read_inputs(declared, ["b=three"], str(path)) == {"a": 1, "b": "three"}


def test_an_inputs_file_that_is_wrong_is_told_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "inputs.yaml"
    path.write_text("a: 1\na: 2\n")
    with pytest.raises(InvalidWorkflowError):
        read_inputs(declare(a={}), [], str(path))
    path.write_text("- a\n")
    with pytest.raises(UsageError, match="not a mapping"):
        read_inputs(declare(a={}), [], str(path))
    with pytest.raises(NotFoundError):
        read_inputs(declare(a={}), [], str(tmp_path / "none.yaml"))


def test_every_problem_is_told_at_once_with_how_to_give_what_is_missing() -> None:
    declared = {
        "issues": PlanInput("issues", {"type": "array"}, required=True, description="Raw texts"),
        "tone": PlanInput("tone", {"enum": ["warm", "terse"]}, required=False, default="warm"),
    }
    with pytest.raises(UsageError) as caught:
        read_inputs(declared, ["tonne=warm", "tone=cold", "nonsense"])
    for said in ("did you mean `tone`?", "`-i nonsense` names no input", "(Raw texts)", "-i 'issues:=[…]'"):
        assert said in caught.value.message
    assert caught.value.message.count("\n") == 4


def test_defaults_fill_what_was_not_given() -> None:
    declared = {"tone": PlanInput("tone", {"type": "string"}, required=False, default="warm")}
    assert read_inputs(declared, []) == {"tone": "warm"}


def test_an_input_that_is_given_twice_is_refused() -> None:
    for twice in (["t=a", "t=b"], ["t=a", 't:="b"']):
        with pytest.raises(UsageError, match="`t` is given twice"):
            read_inputs(declare(t={}), twice)


def test_standard_input_goes_to_one_input() -> None:
    texts = iter(["all of it", ""])
    with pytest.raises(UsageError, match="`y` cannot be read from standard input too: `x` takes all of it"):
        read_inputs(declare(x={}, y={}), ["x=-", "y=-"], read_stdin=lambda: next(texts))


@pytest.mark.parametrize("assignment", ["x=caf\udce9", 'x:="\\ud800"', 'x:={"a": ["\\udfff"]}', 'x:={"\\ud800": 1}'])
def test_text_that_is_no_utf8_is_refused(assignment: str) -> None:
    with pytest.raises(UsageError, match="`x` is not UTF-8 text"):
        read_inputs(declare(x={}), [assignment])


def test_bytes_from_standard_input_that_are_no_utf8_are_refused() -> None:
    with pytest.raises(UsageError, match="`x` is not UTF-8 text"):
        read_inputs(declare(x={"type": "string"}), ["x=-"], read_stdin=lambda: "\udcff")


@pytest.mark.parametrize("schema", [{}, {"type": "number"}])
def test_numbers_that_are_not_finite_are_refused(schema: dict[str, Any]) -> None:
    for number in ("1e999", "-1e999"):
        with pytest.raises(UsageError, match="too large a number"):
            read_inputs(declare(x=schema), [f"x:={number}"])
    with pytest.raises(UsageError, match="takes JSON"):
        read_inputs(declare(x=schema), ["x:=NaN"])


def test_numbers_in_a_file_must_be_finite_too(tmp_path: Path) -> None:
    path = tmp_path / "inputs.yaml"
    path.write_text("x: .inf\n")
    with pytest.raises((UsageError, InvalidWorkflowError)):
        read_inputs(declare(x={}), [], str(path))
