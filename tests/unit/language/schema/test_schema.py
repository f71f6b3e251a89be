"""The schema itself: valid, in step with the table of kinds, and fit for editors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema

from agentflow_cli.domain.failure import KINDS as FAILURES
from agentflow_cli.domain.kinds import KINDS, MODIFIERS
from agentflow_cli.foundation.duration import PATTERN
from agentflow_cli.language.schema.fields import kind_fields, modifiers
from agentflow_cli.language.schema.files import load_schema
from agentflow_cli.language.schema.validator import matches, violations

SCHEMA = load_schema()
INSIDE = {
    "run": {"argv", "script"},
    "prompt": {"prompt.file"},
    "ask": {"message", "choices", "form", "ci"},
    "remember": {"text", "source", "files"},
    "http": {"method", "url", "headers", "query", "json", "body"},
    "notify": {"channel", "message"},
}
"""Fields of the table of kinds that stand inside the kind's own value."""


def test_the_schema_is_draft_7() -> None:
    assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"
    jsonschema.Draft7Validator.check_schema(SCHEMA)


def test_schema_and_table_of_kinds_agree_on_every_field() -> None:
    assert set(kind_fields()) == set(KINDS)
    for name, kind in KINDS.items():
        table = {*kind.templates, *kind.settings, name} - INSIDE.get(name, set())
        assert kind_fields()[name] == table, name


def test_schema_and_table_of_kinds_agree_on_the_modifiers() -> None:
    assert modifiers() == {*MODIFIERS, "env", "output"}


def test_the_fields_inside_the_mapping_of_a_kind_are_those_of_the_table() -> None:
    step = SCHEMA["definitions"]["step"]["properties"]
    for name in ("ask", "remember", "http", "notify"):
        assert set(step[name]["properties"]) == INSIDE[name]


def test_an_agent_in_a_workflow_has_the_fields_of_an_agent_file() -> None:
    file, inline = load_schema("agent"), SCHEMA["definitions"]["agent"]
    assert {name: value for name, value in file["properties"].items() if name != "apiVersion"} == inline["properties"]
    assert file["required"] == ["apiVersion", *inline["required"]]
    assert all(SCHEMA["definitions"][name] == value for name, value in file["definitions"].items())


def test_durations_and_failures_are_those_of_the_code() -> None:
    assert SCHEMA["definitions"]["duration"]["pattern"] == PATTERN
    on = SCHEMA["definitions"]["step"]["properties"]["retry"]["properties"]["on"]["items"]["enum"]
    assert set(on) <= set(FAILURES)


def test_every_field_of_a_step_explains_itself_to_editors() -> None:
    step = SCHEMA["definitions"]["step"]
    fields = dict(step["properties"])
    for rule in step["allOf"]:
        fields.update({name: value for name, value in rule["then"]["properties"].items() if value is not True})
    assert all(value["description"] and value["markdownDescription"] for value in fields.values())
    assert {snippet["label"] for snippet in step["defaultSnippets"]} == set(KINDS)


def test_every_example_in_the_schema_matches_the_schema_around_it() -> None:
    found = 0
    for part in _parts(SCHEMA):
        for example in part.get("examples", ()) if isinstance(part.get("examples"), list) else ():
            found += 1
            assert matches({**part, "definitions": SCHEMA["definitions"]}, example), (part["description"], example)
    assert found > 20


def test_the_quick_answer_and_the_explanation_agree() -> None:
    step = {"run": "echo"}
    files: list[Any] = [
        {"apiVersion": "agentflow/v1", "steps": {"a": step}},
        {"apiVersion": "agentflow/v1", "steps": {"a": step}, "x-any": 1},
        {"apiVersion": "agentflow/v1", "steps": {}},
        {"apiVersion": "agentflow/v1", "steps": {"a": {}}},
        {"apiVersion": "agentflow/v1", "steps": {"a": {**step, "set": {"b": 1}}}},
        {"apiVersion": "agentflow/v1", "steps": {"a": {**step, "timeout": "1h30m"}}},
        {"apiVersion": "agentflow/v1", "steps": {"a": {**step, "timeout": "30m1h"}}},
        {"apiVersion": "agentflow/v1", "steps": {"a": {**step, "retry": 2.0}}},
        {"apiVersion": "agentflow/v1", "steps": {"a": {**step, "retry": True}}},
        {"apiVersion": "agentflow/v1", "steps": {"a": {"ask": {"message": "m", "choices": ["a"], "form": {}}}}},
        {"apiVersion": "agentflow/v1", "steps": {"a": {"remember": {"source": "s"}, "memory": "m"}}},
        {"apiVersion": "agentflow/v1", "steps": {"a": {"prompt": [{"user": "x"}, {"system": "y"}]}}},
        {"apiVersion": "agentflow/v1", "steps": {"a": {"prompt": {"file": "x", "user": "y"}}}},
        [], None, "text", 1,
    ]  # fmt: skip
    for file in files:
        assert matches(SCHEMA, file) == (violations(SCHEMA, file) == []), file


def _parts(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for key, value in schema.items():
            if key not in ("examples", "defaultSnippets"):
                yield from _parts(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _parts(value)
