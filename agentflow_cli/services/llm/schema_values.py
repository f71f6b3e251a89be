"""The smallest value that a JSON Schema allows: what a scripted model answers when its script says nothing else."""

from __future__ import annotations

import math

from agentflow_cli.domain.json_value import Json
from agentflow_cli.language.schema.value_problems import value_problems

_DEEPEST = 20
_FORMATS = {
    "date": "2026-01-01",
    "date-time": "2026-01-01T00:00:00Z",
    "time": "00:00:00Z",
    "email": "someone@example.com",
    "uri": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


def value_for_schema(schema: Json) -> Json:
    """The smallest valid value, always the same one. ValueError for a schema beyond it: give the script an answer then.

    It knows types, const, enum, default, examples, required, bounds, items, allOf/anyOf/oneOf and local `$ref`; it
    cannot invent a string for a `pattern`.
    """
    value = _value(schema, schema, 0)
    problems = value_problems(schema, value)
    if problems:
        raise ValueError("no value could be made up for this schema: " + "; ".join(text for _, text in problems))
    return value


def _value(schema: Json, root: Json, depth: int) -> Json:
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return None
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    for key in ("examples", "enum"):
        if schema.get(key):
            return schema[key][0]
    if "$ref" in schema:
        return _value(_resolve(schema["$ref"], root), root, depth + 1)
    for key in ("oneOf", "anyOf"):
        if schema.get(key):
            return _value({**schema, key: None, **schema[key][0]}, root, depth + 1)
    if schema.get("allOf"):
        return _value(_merged(schema, root), root, depth + 1)
    return _of_type(schema, root, depth)


def _of_type(schema: dict[str, Json], root: Json, depth: int) -> Json:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = "null" if "null" in kind else kind[0]
    if kind is None:
        kind = "object" if "properties" in schema else "array" if "items" in schema else "string"
    match kind:
        case "object":
            properties = schema.get("properties", {})
            return {name: _value(properties.get(name, {}), root, depth + 1) for name in schema.get("required", ())}
        case "array":
            return [_value(schema.get("items", {}), root, depth + 1) for _ in range(schema.get("minItems", 0))]
        case "string":
            text: str = _FORMATS.get(schema.get("format", ""), "text")
            text = text.ljust(schema.get("minLength", 0), ".")
            return text[: schema["maxLength"]] if "maxLength" in schema else text
        case "integer" | "number":
            return _number(schema, kind == "integer")
        case "boolean":
            return False
    return None


def _number(schema: dict[str, Json], whole: bool) -> int | float:
    step = schema.get("multipleOf", 1 if whole else None)
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    if (low is None or low < 0 or (low == 0 and "exclusiveMinimum" not in schema)) and (
        high is None or high > 0 or (high == 0 and "exclusiveMaximum" not in schema)
    ):
        return 0
    bound = low if low is not None and low >= 0 else high
    if bound is None:
        return 0
    if step is not None:
        bound = math.ceil(bound / step) * step if bound == low else math.floor(bound / step) * step
    if bound in (schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")):
        away = step if step is not None else (high - low) / 2 if low is not None and high is not None else 1
        bound += away if bound == low else -away
    return int(bound) if whole else bound


def _merged(schema: dict[str, Json], root: Json) -> dict[str, Json]:
    """The parts of `allOf` laid over one another: properties and required names are joined."""
    merged = {key: value for key, value in schema.items() if key != "allOf"}
    for part in schema["allOf"]:
        part = _resolve(part["$ref"], root) if "$ref" in part else part
        properties = {**merged.get("properties", {}), **part.get("properties", {})}
        required = [*merged.get("required", ()), *part.get("required", ())]
        merged = {**merged, **part}
        if properties:
            merged["properties"] = properties
        if required:
            merged["required"] = list(dict.fromkeys(required))
    return merged


def _resolve(reference: str, root: Json) -> Json:
    node = root
    for part in reference.removeprefix("#").split("/")[1:]:
        node = node[part.replace("~1", "/").replace("~0", "~")]
    return node
