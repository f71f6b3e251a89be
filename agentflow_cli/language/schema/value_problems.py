"""Why a value at run time (an input, a model's answer, a function's result) does not match its declared schema."""

from __future__ import annotations

from agentflow_cli.domain.json_value import DocumentPath, Json
from agentflow_cli.foundation.closest import closest
from agentflow_cli.language.schema.told_once import told_once
from agentflow_cli.language.schema.validator import Violation, matches, violations
from agentflow_cli.language.schema.wording import either, expected_types, shown, what_came

_MOST = 100
"""Rules that are looked up of one value: each may hold a tree of what could have been."""
_BOUNDS = {
    "minimum": "at least",
    "exclusiveMinimum": "more than",
    "maximum": "at most",
    "exclusiveMaximum": "less than",
}


def value_problems(schema: Json, value: Json) -> list[tuple[DocumentPath, str]]:
    """Each problem as the path inside `value` and a sentence about it; empty when the value matches."""
    if matches(schema, value):
        return []
    found: dict[tuple[DocumentPath, str], None] = {}
    for violation in told_once(violations(schema, value, _MOST)):
        if violation.keyword != "required" or _lacking(violation):
            found.setdefault((violation.path, _sentence(violation)))
    return list(found) or [((), "it does not match the declared schema")]


def _sentence(violation: Violation) -> str:
    where = _place(violation.path)
    expected, value = violation.expected, violation.value
    match violation.keyword:
        case "type":
            return f"{where} must be {expected_types(expected)}, not {what_came(value)}"
        case "anyOf" | "oneOf" if (kinds := _kinds(expected)) and not matches({"type": kinds}, value):
            return f"{where} must be {expected_types(kinds)}, not {what_came(value)}"
        case "enum":
            near = closest(value, [o for o in expected if isinstance(o, str)]) if isinstance(value, str) else None
            hint = f" (did you mean `{near}`?)" if near else ""
            return f"{where} must be {either(shown(option) for option in expected)}, not {what_came(value)}{hint}"
        case "const":
            return f"{where} must be {shown(expected)}, not {what_came(value)}"
        case "required":
            return f"{where} lacks {', '.join(f'`{name}`' for name in _lacking(violation))}"
        case "additionalProperties":
            known = violation.schema.get("properties", {})
            extra = [name for name in value if name not in known]
            near = closest(extra[0], known) if len(extra) == 1 else None
            hint = f" (did you mean {shown(near)}?)" if near else ""
            return f"{where} has no field {', '.join(shown(name) for name in extra)}{hint}"
        case "pattern":
            return f"{where} must match the pattern {shown(expected)}, which {shown(value)} does not"
        case "minimum" | "exclusiveMinimum" | "maximum" | "exclusiveMaximum":
            return f"{where} is {shown(value)}, and must be {_BOUNDS[violation.keyword]} {expected}"
        case "minLength" | "minItems" | "minProperties":
            return f"{where} is too short: at least {expected}, not {len(value)}"
        case "maxLength" | "maxItems" | "maxProperties":
            return f"{where} is too long: at most {expected}, not {len(value)}"
        case "multipleOf":
            return f"{where} is {shown(value)}, and must be a multiple of {expected}"
        case "uniqueItems":
            return f"{where} has an element twice"
        case "contains":
            return f"{where} has no element as `contains` describes it"
        case "anyOf" | "oneOf":
            how = "at least" if violation.keyword == "anyOf" else "exactly"
            return f"{where} must match {how} one of the {len(expected)} schemas of `{violation.keyword}`"
        case "not":
            return f"{where} is {what_came(value)}, which the schema excludes"
        case "propertyNames":
            return f"{where} has a field {shown(value)}, and none may be named so"
    return f"{where} breaks the rule `{violation.keyword}`"


def _kinds(options: list[Json]) -> list[str]:
    """The types that alternatives name; empty when one of them names none."""
    named: list[str] = []
    for option in options:
        kinds = option.get("type") if isinstance(option, dict) else None
        if kinds is None:
            return []
        named += kinds if isinstance(kinds, list) else [kinds]
    return list(dict.fromkeys(named))


def _lacking(violation: Violation) -> list[str]:
    """The required fields that are not there; one that is misspelt is told as a field too much, where none may be."""
    value, known = violation.value, violation.schema.get("properties", {})
    misspelt: set[str | None] = set()
    if violation.schema.get("additionalProperties") is False:
        misspelt = {closest(name, known) for name in value if name not in known}
    return [name for name in violation.expected if name not in value and name not in misspelt]


def _place(path: DocumentPath) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return shown(text) if text else "it"
