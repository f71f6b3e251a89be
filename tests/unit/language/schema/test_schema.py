"""The schema itself: valid, in step with the table of kinds, and fit for editors."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from agentflow_cli.domain.failure import KINDS as FAILURES
from agentflow_cli.domain.kinds import KINDS, MODIFIERS
from agentflow_cli.foundation.duration import PATTERN
from agentflow_cli.language.schema.fields import kind_fields, modifiers
from agentflow_cli.language.schema.files import load_schema, schema_path
from agentflow_cli.language.schema.validator import matches, violations

SCHEMA = load_schema()
INSIDE = {
    "run": {"argv", "script"},
    "prompt": {"prompt.file"},
    "ask": {"message", "choices", "form", "required", "ci"},
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
    for name in ("ask", "remember", "http", "notify"):
        assert set(_of_kind(name)[name]["properties"]) == INSIDE[name]


def test_an_agent_in_a_workflow_has_the_fields_of_an_agent_file() -> None:
    file, inline = load_schema("agent"), SCHEMA["definitions"]["agent"]
    assert {name: value for name, value in file["properties"].items() if name != "apiVersion"} == inline["properties"]
    assert file["required"] == ["apiVersion", *inline["required"]]
    assert all(SCHEMA["definitions"][name] == value for name, value in file["definitions"].items())


def test_an_input_is_described_with_the_words_of_an_output_and_no_others() -> None:
    entry, schema = SCHEMA["definitions"]["input"], SCHEMA["definitions"]["jsonSchema"]
    assert entry["properties"].keys() == schema["properties"].keys()
    assert entry["patternProperties"] == schema["patternProperties"]
    for name in entry["properties"].keys() - {"description", "default"}:
        assert entry["properties"][name] == schema["properties"][name], name


def test_durations_and_failures_are_those_of_the_code() -> None:
    assert SCHEMA["definitions"]["duration"]["pattern"] == PATTERN
    on = SCHEMA["definitions"]["step"]["properties"]["retry"]["properties"]["on"]["items"]["enum"]
    assert set(on) <= set(FAILURES)


@pytest.mark.parametrize("name", ["workflow", "agent", "project"])
def test_every_field_at_every_level_explains_itself_and_shows_what_to_write(name: str) -> None:
    schema = load_schema(name)
    count = 0
    for part in _parts(schema):
        for field, said in part.get("properties", {}).items() if isinstance(part.get("properties"), dict) else ():
            if isinstance(said, bool) or said == {"not": {}}:
                continue  # allowed, or not allowed here: described where its shape is
            count += 1
            about = schema["definitions"][said["$ref"].rpartition("/")[2]] if "$ref" in said else said
            assert about.get("description") and about.get("markdownDescription"), (field, said)
            shown = {"examples", "defaultSnippets", "const", "doNotSuggest"} & about.keys()
            assert shown, f"no example of `{field}`: {about['description']}"
    assert count > 10


def test_the_shape_of_a_kind_stands_under_its_kind_and_nowhere_else() -> None:
    step = SCHEMA["definitions"]["step"]
    assert set(step["properties"]) == modifiers()
    described = {name for name in KINDS if "description" in _of_kind(name)[name]}
    assert described == set(KINDS)


def test_a_step_without_a_kind_is_offered_one_snippet_for_each() -> None:
    menu = SCHEMA["definitions"]["step"]["else"]
    assert [snippet["label"] for snippet in menu["defaultSnippets"]] == list(menu["properties"]) == list(KINDS)
    assert all(next(iter(snippet["body"])) == snippet["label"] for snippet in menu["defaultSnippets"])


def test_every_snippet_is_right_as_it_stands() -> None:
    step = SCHEMA["definitions"]["step"]
    for snippet in step["else"]["defaultSnippets"]:
        file = {"apiVersion": "agentflow/v1", "steps": {"a": _filled(snippet["body"])}}
        assert violations(SCHEMA, file) == [], snippet["label"]
    for name in ("workflow", "agent", "project"):
        for snippet in load_schema(name)["defaultSnippets"]:
            assert violations(load_schema(name), _filled(snippet["body"])) == [], snippet["label"]
    for section in ("steps", "on_failure", "finally"):
        for snippet in SCHEMA["properties"][section]["defaultSnippets"]:
            steps = {"b": {"run": "true"}}
            file = {"apiVersion": "agentflow/v1", "steps": steps, section: _filled(snippet["body"])}
            assert violations(SCHEMA, file) == [], section


def test_only_notes_of_other_tools_may_be_added_to_a_file() -> None:
    for name in ("workflow", "agent", "project"):
        schema = load_schema(name)
        assert schema["additionalProperties"] is False and set(schema["patternProperties"]) == {"^x-"}
        assert not any("oneOf" in part for part in _parts(schema) if "description" in part and "enum" not in part)


def test_every_example_in_the_schema_matches_the_schema_around_it() -> None:
    found = 0
    for name in ("workflow", "agent", "project"):
        schema = load_schema(name)
        for part in _parts(schema):
            for example in part.get("examples", ()) if isinstance(part.get("examples"), list) else ():
                found += 1
                whole = {**part, "definitions": schema["definitions"]}
                assert matches(whole, example), (part.get("description"), example)
    assert found > 100


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


def _of_kind(name: str) -> dict[str, Any]:
    """The fields that a step of this kind may have, as the schema describes them."""
    rules = SCHEMA["definitions"]["step"]["allOf"]
    return next(rule["then"]["properties"] for rule in rules if rule["if"]["required"] == [name])


def _filled(body: Any) -> Any:
    """A snippet as it is when nobody types over its place-holders."""
    if isinstance(body, dict):
        return {_filled(key): _filled(value) for key, value in body.items()}
    if isinstance(body, list):
        return [_filled(element) for element in body]
    if not isinstance(body, str):
        return body
    return re.sub(r"\$\{\d+:([^}]*)\}", r"\1", body)


def _parts(schema: Any) -> Iterator[dict[str, Any]]:
    """The schema and every schema inside it."""
    if isinstance(schema, list):
        for value in schema:
            yield from _parts(value)
    if not isinstance(schema, dict):
        return
    yield schema
    for key in ("properties", "patternProperties", "definitions"):
        for value in schema.get(key, {}).values():
            yield from _parts(value)
    for key in ("items", "additionalProperties", "propertyNames", "allOf", "anyOf", "not", "if", "then", "else"):
        yield from _parts(schema.get(key))


def test_the_entries_for_the_public_catalogue_name_our_schemas() -> None:
    catalogue = json.loads((schema_path().parent / "catalog.json").read_text())
    urls = {entry["url"]: entry for entry in catalogue["schemas"]}
    schemas = {load_schema(name)["$id"]: load_schema(name) for name in ("workflow", "project")}
    assert set(urls) == set(schemas)
    matched = {match for entry in urls.values() for match in entry["fileMatch"]}
    assert matched == {"agentflow.yaml", "*.agentflow.yaml", "*.agentflow.yml"}
    assert all(urls[url]["name"] == schema["title"] for url, schema in schemas.items())
