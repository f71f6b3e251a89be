"""Every field of workflow, agent and project files as a list, read from the schemas."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.kinds import KINDS
from agentflow_cli.language.schema.files import load_schema
from agentflow_cli.language.schema.wording import either, expected_types

FILES = ("workflow", "agent", "project")
_STEP, _JSON_SCHEMA, _AGENT = "#/definitions/step", "#/definitions/jsonSchema", "#/definitions/agent"
_ELSEWHERE = (_STEP, _JSON_SCHEMA, _AGENT)
"""Shapes that are listed once, and not again wherever they are referred to."""
_PLACE_HOLDER = re.compile(r"\$\{\d+:([^}]*)\}|\$\d+")
_NEEDS_QUOTES = re.compile(r"^$|[:#]\s|\s#|^[\[\]{}&*!|>%@`'\"\s?-]|[\s:]$|^[\d.]+$|\n")
_PLAIN_WORDS = re.compile(r"[A-Za-z](?:[\w ./@+-]*[\w.])?")
_OTHER_MEANING = ("true", "false", "null", "yes", "no", "on", "off", "~")
_BOUNDS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} elements",
    "maxItems": "at most {} elements",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field at one place. `path` is like `steps.ID.retry.max`: capitals stand for names that authors choose."""

    file: str
    """`workflow`, `agent`, `project`, or `schema` for the keywords of a JSON Schema."""
    path: str
    about: str
    """Markdown."""
    type: str
    """What may stand there, in words; "" when anything may."""
    required: bool
    kinds: tuple[str, ...]
    """The kinds of step that have it; () when it is no field of a single kind."""
    values: tuple[Json, ...]
    """All that is allowed; () when more than a list."""
    examples: tuple[Json, ...]

    @property
    def name(self) -> str:
        return self.path.rpartition(".")[2]


@functools.cache
def fields() -> tuple[Field, ...]:
    """Every field of the three kinds of file, then the keywords of a JSON Schema, in the order of the schemas."""
    found: list[Field] = []
    for file in FILES:
        schema = load_schema(file)
        found += _inside(file, schema, schema, "")
        if file == "workflow":
            step = schema["definitions"]["step"]
            found += _of_kinds(schema, step)
            found += _inside(file, schema, step, "steps.ID.")
    workflow = load_schema("workflow")
    found += _inside("schema", workflow, workflow["definitions"]["jsonSchema"], "")
    return tuple(found)


def as_yaml(value: Json) -> str:
    """A value as an author would write it after the name of its field, on one line."""
    plain = isinstance(value, str) and not _NEEDS_QUOTES.search(value) and value not in _OTHER_MEANING
    return value if plain else _flow(value)


def _flow(value: Json) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(element)}" for key, element in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str) and _PLAIN_WORDS.fullmatch(value) and value not in _OTHER_MEANING:
        return value
    return json.dumps(value, ensure_ascii=False)


def _of_kinds(root: Json, step: Json) -> Iterator[Field]:
    """The fields that only some kinds have; one that means the same for several is listed once."""
    merged: dict[tuple[str, str], Field] = {}
    for rule in step["allOf"]:
        (kind,) = rule["if"]["required"]
        own = {name: said for name, said in rule["then"]["properties"].items() if said is not True}
        needed = {kind, *rule["then"].get("required", ())}
        for name, said in own.items():
            for field in _field("workflow", root, f"steps.ID.{name}", said, name in needed, (kind,)):
                before = merged.get((field.path, field.about))
                kinds = (*before.kinds, kind) if before else (kind,)
                merged[(field.path, field.about)] = Field(
                    field.file, field.path, field.about, field.type, field.required, kinds, field.values, field.examples
                )
    yield from merged.values()


def _inside(file: str, root: Json, schema: Json, prefix: str, kinds: tuple[str, ...] = ()) -> Iterator[Field]:
    properties = schema.get("properties", {})
    for name, said in properties.items():
        if isinstance(said, dict) and _about(root, said):
            yield from _field(file, root, f"{prefix}{name}", said, name in schema.get("required", ()), kinds)


def _field(file: str, root: Json, path: str, said: Json, required: bool, kinds: tuple[str, ...]) -> Iterator[Field]:
    whole = _resolved(root, said)
    about, examples = _about(root, said), tuple(_examples(whole))
    yield Field(file, path, about, _type(whole), required, kinds, _values(whole), examples)
    if file == "schema":
        return  # its fields hold schemas: listed already
    yield from _inside(file, root, whole, f"{path}.", kinds)
    for holder, mark in (("additionalProperties", ".NAME"), ("items", "[]")):
        inner = whole.get(holder)
        if isinstance(inner, dict) and not _refers(inner):
            yield from _inside(file, root, _resolved(root, inner), f"{path}{mark}.", kinds)


def _refers(schema: Json) -> bool:
    """Whether it is a shape that has its own list."""
    return any(part.get("$ref") in _ELSEWHERE for part in (schema, *schema.get("allOf", ())))


def _resolved(root: Json, schema: Json) -> dict[str, Any]:
    """The schema with what it refers to; what it says itself comes first. References to listed shapes stay closed."""
    parts = [schema, *schema.get("allOf", ())]
    whole: dict[str, Any] = {}
    for part in parts:
        target = part
        if "$ref" in part:
            target = root["definitions"][part["$ref"].rpartition("/")[2]]
            if part["$ref"] in _ELSEWHERE:
                target = {"type": target["type"]}
        for key, value in target.items():
            whole.setdefault(key, value)
    return whole


def _about(root: Json, said: Json) -> str:
    whole = _resolved(root, said)
    return str(whole.get("markdownDescription") or whole.get("description") or "")


def _values(schema: dict[str, Any]) -> tuple[Json, ...]:
    """What an enumeration allows: of the value, of the value when it is a string, or of the elements of a list."""
    for part in (schema, schema.get("then", {}), schema.get("items", {})):
        if "enum" in part:
            return tuple(part["enum"])
    return (schema["const"],) if "const" in schema else ()


def _type(schema: dict[str, Any]) -> str:
    types = schema.get("type", [])
    types = types if isinstance(types, list) else [types]
    if schema.get("pattern") == load_schema()["definitions"]["duration"]["pattern"]:
        return "a duration"
    text = "" if len(types) > 5 else expected_types(types) if types else ""
    bounds = [words.format(schema[key]) for key, words in _BOUNDS.items() if key in schema]
    bounds = [words for words in bounds if words not in ("at least 1 characters", "at least 1 elements")]
    return ", ".join([text, *bounds]) if text else either(bounds) if bounds else ""


def _examples(schema: dict[str, Any]) -> Iterator[Json]:
    yield from schema.get("examples", ())
    if "examples" not in schema:
        for snippet in schema.get("defaultSnippets", ()):
            filled = _filled(snippet["body"])
            if filled != "":
                yield filled


def _filled(body: Json) -> Json:
    """A snippet without its place-holders."""
    if isinstance(body, dict):
        return {_filled(key): _filled(value) for key, value in body.items()}
    if isinstance(body, list):
        return [_filled(element) for element in body]
    if not isinstance(body, str):
        return body
    text = _PLACE_HOLDER.sub(lambda found: found[1] or "", body)
    return int(text) if text.isdigit() else text


def kind_example(kind: str) -> Json:
    """The smallest step of a kind."""
    step = load_schema()["definitions"]["step"]
    snippet = next(s for s in step["else"]["defaultSnippets"] if s["label"] == KINDS[kind].name)
    return _filled(snippet["body"])
