"""Whether a value is what a JSON Schema declares: outputs of steps, replies of models, inputs, fields of forms."""

from __future__ import annotations

from typing import Any

from agentflow_cli.domain.json_value import Json, type_name

_MOST_PROBLEMS = 5
_MOST_SHOWN = 60
"""Characters of a value that a message quotes."""

_compiled: dict[int, tuple[dict[str, Json], Any]] = {}
"""By identity of the schema, which is kept alive beside its validator: schemas of a plan do not change."""


class SchemaError(ValueError):
    """What was declared is no JSON Schema."""


def value_problems(schema: dict[str, Json], value: Json) -> list[str]:
    """Sentences about where `value` departs from `schema`, none when it fits; SchemaError for a bad schema."""
    validator = _validator(schema)
    if validator.is_valid(value):
        return []
    problems: list[str] = []
    for error in validator.iter_errors(value):
        if len(problems) == _MOST_PROBLEMS:
            problems.append("and more")
            break
        problems.append(_sentence(error))
    return problems


def check_schema(schema: Json) -> None:
    """SchemaError when `schema` cannot be used as one."""
    if not isinstance(schema, dict):
        raise SchemaError(f"a JSON Schema is a mapping, and this is {type_name(schema)}")
    _compile(schema)


def _validator(schema: dict[str, Json]) -> Any:
    known = _compiled.get(id(schema))
    if known is None:
        if len(_compiled) > 1_000:
            _compiled.clear()
        known = _compiled[id(schema)] = (schema, _compile(schema))
    return known[1]


def _compile(schema: dict[str, Json]) -> Any:
    import jsonschema_rs

    def refuse(uri: str) -> Json:
        raise ValueError(f"`$ref: {uri}` leads out of the schema; only references inside it (`#/…`) are followed")

    try:
        return jsonschema_rs.validator_for(schema, retriever=refuse)
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        raise SchemaError(str(getattr(error, "message", error)).splitlines()[0]) from error


def _sentence(error: Any) -> str:
    """One problem in our words; jsonschema-rs's own for what is rare."""
    path, kind = "", error.kind
    for part in error.instance_path:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    where = f"at `{path}`: " if path else ""
    match kind.name:
        case "type":
            expected = " or ".join(kind.types) if isinstance(kind.types, list | tuple) else str(kind.types)
            return f"{where}expected {expected}, got {type_name(error.instance)} {_shown(error.instance)}"
        case "required":
            name = kind.property if isinstance(kind.property, str) else str(kind.property)
            return f"{where}`{name}` is missing"
        case "enum":
            options = ", ".join(_shown(option) for option in kind.options)
            return f"{where}{_shown(error.instance)} is not one of {options}"
        case "additionalProperties":
            names = ", ".join(f"`{name}`" for name in kind.unexpected)
            return f"{where}{names} is not declared"
    return where + str(error.message)


def _shown(value: Json) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 1] + "…"
