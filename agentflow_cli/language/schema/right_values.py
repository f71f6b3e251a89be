"""What would have been right where a value is of the wrong type, or none of the words that are allowed."""

from __future__ import annotations

import itertools
import re

from agentflow_cli.domain.json_value import DocumentPath, Json
from agentflow_cli.domain.kinds import KINDS
from agentflow_cli.language.schema.fields import kind_fields, modifiers
from agentflow_cli.language.schema.mending import BOOLEAN_WORDS
from agentflow_cli.language.schema.step_paths import step_at
from agentflow_cli.language.schema.wording import TYPES, shown

TYPE_WORDS = {
    "str": "string",
    "text": "string",
    "int": "integer",
    "float": "number",
    "double": "number",
    "bool": "boolean",
    "list": "array",
    "dict": "object",
    "map": "object",
    "none": "null",
}
"""Types of JSON Schema by the words of others."""
_MAPPINGS = {
    "http": "write the address as `url`: `http: {url: …}`",
    "notify": "say where it goes: `notify: {channel: terminal, message: …}`",
    "remember": "say what it is: `remember: {text: …}`, or `{files: […]}`",
    "set": "give each value a name: `set: {name: …}`",
    "env": "write each variable as `NAME: value`",
    "with": "write each argument as `name: value`",
    "limits": "say of what: `limits: {turns: 8}`",
    "memory": "write `memory: {conversation: true}`",
}
"""Fields that hold a mapping → how it is written."""
_ON_ERROR = {"retry": "`retry` is a field of its own, beside `on_error`"} | dict.fromkeys(
    ("ignore", "true", "skip", "warn", "pass", "resume", "proceed"), "to go on write `continue`"
)
_DURATION = re.compile(
    r"(?:P?T?)?([0-9]+(?:\.[0-9]+)?) *(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)\Z",
    re.I,
)
_THOUSANDS = re.compile(r"([0-9]+(?:\.[0-9]+)?)([km])\Z", re.I)


def right_duration(value: Json) -> str:
    """How a duration is written, this one where it can be read."""
    found = _DURATION.match(value.strip()) if isinstance(value, str) else None
    if found is None:
        return "write it like `30s`, `5m` or `1h30m`"
    unit = "ms" if found[2].lower().startswith(("ms", "milli")) else found[2][0].lower()
    if "." in found[1] and unit != "s":
        return "write it like `30s`, `5m` or `1h30m`"
    return f"write `{found[1]}{unit}`"


def right_word(path: DocumentPath, value: Json) -> str | None:
    """What to write instead of a word that is not allowed, where it is not misspelt."""
    if path[-1:] == ("on_error",) and isinstance(value, str):
        return _ON_ERROR.get(value.lower())
    if path[-1:] == ("type",) or path[-2:-1] == ("type",):
        if value is None:
            return 'the word needs quotes: `"null"`'
        if value in ("choice", "enum", "select"):
            return "list the values: `{type: string, enum: […]}`"
    return exit_code(path, value)


def exit_code(path: DocumentPath, value: Json) -> str | None:
    """`retry.on` names kinds of failure; which exit codes are worth another attempt is said beside it."""
    at = path[:-1] if path and isinstance(path[-1], int) else path
    if at[-2:] != ("retry", "on") or not str(value).isdecimal():
        return None
    return f"exit codes stand in a field of their own: `exit_codes: [{value}]`"


def _of_mapping(path: DocumentPath, value: Json) -> str | None:
    """Where a mapping has to stand."""
    field = path[-1]
    if step_at(path) == path:
        if field in (*KINDS, *modifiers(), *itertools.chain(*kind_fields().values())):
            return f"a field of the step above? Then indent `{field}` as far as the other fields"
        if isinstance(value, str) and (glued := re.match(r"([a-z_]+):(?=.)", value)) and glued[1] in KINDS:
            return f"an ordinary space is missing: `{glued[0]} {value[glued.end() :].lstrip()[:40]}`"
        if isinstance(value, str):
            return "say what it does: `run: …`, `prompt: …`"
        if isinstance(value, list):
            return "write its fields below it, without `- `"
    if path[-2:-1] == ("prompt",) and isinstance(value, str):
        return f"say who speaks: `- user: {value if len(value) < 40 else '…'}`"
    if isinstance(value, list) and path in (("steps",), ("inputs",), ("outputs",)):
        return f"write each {path[0][:-1]} under its name: `name:`, and its fields below, without `- `"
    if isinstance(value, list) and field == "steps":
        return "write each step under its id: `id:`, and its fields below, without `- `"
    if isinstance(value, str) and len(path) == 3 and path[0] == "notify":
        return "a channel is a program: `{command: [./tell.sh]}`"
    if isinstance(value, str) and (
        field == "output" or path[-2:-1] in (("properties",), ("form",)) or (len(path) == 2 and path[0] == "inputs")
    ):
        word = value if value in TYPES else TYPE_WORDS.get(value.lower())
        if word is not None:
            return f"write `{{type: {word}}}`"
        if field == "output":
            return "write a JSON Schema: `{type: object, properties: {…}, required: […]}`"
    return _MAPPINGS.get(str(field))


def _of_number(value: str) -> str | None:
    if value.strip().lstrip("-").replace(".", "", 1).isdigit():
        return "remove the quotes"
    if "${{" in value:
        return "this field is fixed when the file is checked and takes no template"
    if found := _THOUSANDS.match(value):
        return f"write `{int(float(found[1]) * (1_000 if found[2].lower() == 'k' else 1_000_000))}`"
    return None


def right_type(path: DocumentPath, value: Json, types: list[str], quotable: bool) -> str | None:
    """What to write instead of a value that is of none of `types`; `quotable`: quotes alone would do."""
    field = path[-1] if path else ""
    if (said := exit_code(path, value)) is not None:
        return said
    if value is None:
        return "give it a value, or remove the key"
    if field == "required" and isinstance(value, bool):
        if path[:1] == ("inputs",) and len(path) == 3:
            return "an input is required exactly when it has no `default`; `required` lists the fields of an object"
        return "the fields that must be there are listed beside `properties`: `required: […]`"
    if field == "on_error":
        return _ON_ERROR.get(str(value).lower(), "write `continue`, or `{value: …}` to go on with")
    if "object" in types and (said := _of_mapping(path, value)) is not None:
        return said
    if field == "body" and path[-2:-1] == ("http",) and isinstance(value, dict | list):
        return "a value is sent with `json`"
    if field == "repeat" and isinstance(value, int):
        return f"write `repeat: {{max: {value}}}`"
    if field == "foreach":
        return "an object is iterated as `… | items`" if isinstance(value, dict) else "write a list: `[0, 1, 2]`"
    if field == "model" and isinstance(value, list):
        return "name one; a list stands under a name of its own in agentflow.yaml: `models: {NAME: […]}`"
    if path[-2:-1] == ("tools",) and isinstance(value, dict) and isinstance(value.get("name"), str):
        return f"write the name alone: `- {value['name']}`"
    if isinstance(value, str):
        if "boolean" in types and value.lower() in BOOLEAN_WORDS:
            return f"YAML 1.2 reads `{value}` as a string: write `{BOOLEAN_WORDS[value.lower()]}`"
        if value in ("true", "false") and "boolean" in types:
            return "remove the quotes"
        if "array" in types and re.match(r"-\S", value):
            return f"a space is missing after the dash: `- {value[1:]}`"
        if "array" in types:
            return (
                f"write a list: `[{value}]`"
                if len(value) < 40 and value.isidentifier()
                else "write a list, each item after `- `"
            )
        if "integer" in types or "number" in types:
            return _of_number(value)
    if isinstance(value, bool | int | float) and "string" in types and quotable:
        return f'put it into quotes: `"{shown(value)[1:-1]}"`'
    return None
