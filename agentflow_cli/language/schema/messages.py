"""What a schema's no means to an author: each broken rule once, at its place, with what would be right."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable

from agentflow_cli.diagnostics.diagnostic import Diagnostic
from agentflow_cli.diagnostics.fix import Fix
from agentflow_cli.diagnostics.span import Span
from agentflow_cli.domain.json_value import DocumentPath, Json, type_name
from agentflow_cli.foundation.closest import closest
from agentflow_cli.foundation.plain_letters import plain_letters
from agentflow_cli.language.schema.mending import (
    BOOLEAN_WORDS,
    add_first_field,
    add_quotes,
    replace_word,
    write_raw,
)
from agentflow_cli.language.schema.other_words import meant
from agentflow_cli.language.schema.places import Places
from agentflow_cli.language.schema.right_values import TYPE_WORDS, right_duration, right_type, right_word
from agentflow_cli.language.schema.step_paths import step_at
from agentflow_cli.language.schema.unknown_fields import unknown_fields
from agentflow_cli.language.schema.validator import Violation
from agentflow_cli.language.schema.wording import either, expected_types, field_name, shown, what_came

_DURATIONS = ("timeout", "delay", "max_delay", "wait", "time")
_NOT_QUOTED = (("foreach",), ("when",), ("until",), ("on_error",), ("on_crash",), ("format",))
"""Fields in which a number or a boolean is no text that lacks its quotes."""
_WHOLE_NUMBER = re.compile(r"(?:0|-?[1-9][0-9]{0,9})\Z")
_BOUNDS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "greater than {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "minLength": "at least {} characters long",
    "maxLength": "at most {} characters long",
    "minItems": "a list of {} or more",
    "maxItems": "a list of {} or fewer",
    "minProperties": "a mapping of {} or more",
    "maxProperties": "a mapping of {} or fewer",
}


def explain(violation: Violation, places: Places, file: str = "a workflow") -> Iterable[Diagnostic]:
    """The diagnostics for one broken rule of a file's schema; more than one for several unknown keys.

    `file` says what the file is.
    """
    path, keyword = violation.path, violation.keyword
    if keyword == "additionalProperties":
        yield from unknown_fields(violation, places, file)
    elif keyword == "required":
        yield from _missing_fields(violation, places, file)
    elif keyword == "propertyNames" or (
        keyword == "pattern" and violation.value not in (None, "") and _is_name(violation)
    ):
        yield _bad_name(violation, places)
    elif path and path[-1] in _DURATIONS and keyword in ("type", "pattern"):
        yield _bad_duration(violation, places)
    elif keyword == "type":
        yield _wrong_type(violation, places)
    elif keyword == "const":
        yield _wrong_version(violation, places)
    elif keyword == "enum":
        yield not_one_of(path, violation.value, violation.expected, places)
    elif keyword == "pattern":
        yield _bad_pattern(violation, places)
    elif keyword == "maxProperties" and isinstance(violation.value, dict) and "role" in violation.value:
        return  # told as the unknown field
    elif keyword == "not":
        yield _excluded(violation, places)
    else:
        yield _out_of_bounds(violation, places)


def not_one_of(path: DocumentPath, value: Json, allowed: list[Json], places: Places) -> Diagnostic:
    """The value at `path` is none of `allowed`."""
    words = [str(option) if isinstance(option, str) else shown(option).strip("`") for option in allowed]
    near = None
    if isinstance(value, str):
        near = TYPE_WORDS.get(value.lower()) if "string" in words else None
        near = near or closest(value, words)
    listed = either(f"`{word}`" for word in words)
    return Diagnostic(
        "AF204",
        f"{field_name(path)} cannot be {shown(value)}",
        places.span(path),
        label=f"expected {listed}",
        help=f"did you mean `{near}`?" if near else right_word(path, value),
        fix=replace_word(path, value, words, places),
    )


def _missing_fields(violation: Violation, places: Places, file: str) -> Iterable[Diagnostic]:
    path = violation.path
    span = places.key_span(path) if path else _first_key(violation.value, places)
    known = ("files", "text", "source") if path[-1:] == ("remember",) else violation.schema.get("properties", ())
    unknown = [key for key in itertools.islice(violation.value, 100) if key not in known]
    misspelt = {meant(key, known) or closest(key, known) for key in unknown}
    lacking = [name for name in violation.expected if name not in violation.value]
    if path and unknown and len(unknown) == len(violation.value) and len(lacking) == 1:
        return  # whatever stands there stands there instead of it
    for name in violation.expected:
        if name in violation.value or name in misspelt or (path[-1:] == ("remember",) and misspelt & {"files", "text"}):
            continue  # a misspelt one is told as that
        help_ = {
            "apiVersion": "start the file with `apiVersion: agentflow/v1`",
            "steps": "a workflow has at least one step under `steps:`",
            "memory": "name the memory: `memory: docs`",
            "max": "say how many attempts after the first: `max: 2`"
            if path[-1:] == ("retry",)
            else "say how often at most: `max: 5`",
            "task": "say what it is to do: `task: …`",
            "channel": "say where it goes: `channel: terminal`",
            "instructions": "say what the agent is to be and do: `instructions: …`",
        }.get(name)
        owner = field_name(path) if path else file.replace("a ", "the ").replace("an ", "the ")
        message = f"{owner} needs `{name}`"
        if name == "text" and path[-1:] == ("remember",):
            message, help_ = f"{field_name(path)} needs `files` or `text`", "name files, or give a text"
        fix = None
        if name == "apiVersion" and not path:
            fix = add_first_field(violation.value, "apiVersion: agentflow/v1", places)
        yield Diagnostic("AF202", message, span, label=f"`{name}` is missing", help=help_, fix=fix)


def _first_key(value: Json, places: Places) -> Span:
    return places.key_span((next(iter(value)),)) if value else places.span(())


def _is_name(violation: Violation) -> bool:
    path = violation.path
    return "needs" in path[-2:] or (bool(path) and path[-1] in ("as", "memory", "name"))


def _bad_name(violation: Violation, places: Places) -> Diagnostic:
    name, path, rule = violation.value, violation.path, violation.expected
    span = places.key_span((*path, name)) if violation.keyword == "propertyNames" else places.span(path)
    if "A-Z" in rule:
        label, usual = "use letters, digits and `_`", _spelt(name, "_", keep_case=True)
        label += ", no digit first" if name[:1].isdigit() else ""
    else:
        joiner = "-" if "-]" in rule else "_"
        signs = ", `_` and `-`" if joiner == "-" else " and `_`"
        label = f"use lower-case letters, digits{signs}, a letter first"
        usual = _spelt(name, joiner, keep_case=False)
    if path[-2:-1] == ("needs",) and name.startswith("steps."):
        usual = name.split(".")[1]
    help_ = f"write `{usual}`" if usual and usual not in ("true", "false", "null") else None
    return Diagnostic("AF205", f"{shown(name)} cannot be a name here", span, label=label, help=help_)


def _spelt(name: str, joiner: str, *, keep_case: bool) -> str | None:
    plain = plain_letters(name)
    letters = [
        c if c.isascii() and (c.isalnum() or c == "_") else joiner for c in (plain if keep_case else plain.lower())
    ]
    text = "".join(letters).strip("_-").lstrip("0123456789_-")
    return text or None


def _bad_duration(violation: Violation, places: Places) -> Diagnostic:
    value = violation.value
    if type_name(value) in ("integer", "number"):
        return Diagnostic(
            "AF210",
            f"{field_name(violation.path)} has no unit",
            places.span(violation.path),
            label="a number of what?",
            help=f"write `{value}s` for seconds, or a duration like `5m`",
        )
    message = f"{field_name(violation.path)} is not a duration"
    return Diagnostic("AF210", message, places.span(violation.path), label=what_came(value),
                      help=right_duration(value))  # fmt: skip


def _wrong_type(violation: Violation, places: Places) -> Diagnostic:
    path, value, wanted = violation.path, violation.value, violation.expected
    types = wanted if isinstance(wanted, list) else [wanted]
    quotable = "enum" not in violation.schema and path[-1:] not in _NOT_QUOTED
    return Diagnostic(
        "AF203",
        f"{field_name(path)} must be {expected_types(wanted)}, not {what_came(value)}",
        places.key_span(path) if value is None else places.span(path),
        label="nothing here" if value is None else f"expected {_expected(violation, types)}",
        help=right_type(path, value, types, quotable),
        fix=_type_fix(path, value, types, places, quotable),
    )


def _expected(violation: Violation, types: list[str]) -> str:
    """The words that are allowed where there are only some."""
    words = violation.schema.get("enum") if types == ["string"] else None
    return either(f"`{word}`" for word in words) if words else expected_types(types)


def _type_fix(path: DocumentPath, value: Json, types: list[str], places: Places, quotable: bool) -> Fix | None:
    """Where the characters are right, and only their quotes, or YAML 1.1, make another type of them."""
    if isinstance(value, str) and "boolean" in types and value.lower() in BOOLEAN_WORDS:
        return write_raw(path, BOOLEAN_WORDS[value.lower()], places)
    if value in ("true", "false") and "boolean" in types:
        return write_raw(path, value, places)
    if isinstance(value, str) and "integer" in types and _WHOLE_NUMBER.match(value):
        return write_raw(path, value, places)
    if isinstance(value, bool | int | float) and "string" in types and quotable:
        return add_quotes(path, places)
    return None


def _wrong_version(violation: Violation, places: Places) -> Diagnostic:
    expected = violation.expected
    return Diagnostic(
        "AF215",
        f"this version cannot read `apiVersion` {shown(violation.value)}",
        places.span(violation.path),
        label=f"expected `{expected}`",
        help=f"write `apiVersion: {expected}`",
    )


def _bad_pattern(violation: Violation, places: Places) -> Diagnostic:
    path, value = violation.path, violation.value
    if path and path[-1] == "python":
        return Diagnostic(
            "AF216",
            f"{shown(value)} does not name a function",
            places.span(path),
            label="expected `path.py:name` or `package.module:name`",
        )
    if path[:1] == ("models",) and path[-1] == "api_key":
        return Diagnostic("AF219", f"which key `{path[1]}` gets is not said", places.span(path),
                          label="expected `env:NAME` or `store:NAME`",
                          help="a key itself never stands in a file")  # fmt: skip
    if path[:1] == ("models",) and path[-1] == "base_url":
        return Diagnostic("AF384", "this is no address of a server", places.span(path), label="not an address",
                          help="write it like `https://models.acme.test/v1`")  # fmt: skip
    if path[:1] == ("secrets",):
        return Diagnostic("AF219", f"where `{path[-1]}` comes from is not said", places.span(path),
                          label="expected `env:NAME`, `file:PATH` or `store:NAME`",
                          help="a secret itself never stands in a file")  # fmt: skip
    if "limits" in path:
        usual = "$0.10" if path[-1] == "cost" else "20k"
        return Diagnostic("AF206", f"{field_name(path)} is not an amount", places.span(path), label=what_came(value),
                          help=f"write a number, or like `{usual}`")  # fmt: skip
    return Diagnostic(
        "AF205", f"{field_name(path)} cannot be {shown(value)}", places.span(path), label="not allowed here"
    )


def _excluded(violation: Violation, places: Places) -> Diagnostic:
    path = violation.path
    other = {"form": "choices", "body": "json"}.get(str(path[-1]), "files")
    return Diagnostic(
        "AF211",
        f"`{path[-1]}` and `{other}` of {field_name(step_at(path) or path[:2])} exclude each other",
        places.key_span(path),
        label=f"not together with `{other}`",
        help={
            "choices": "keep one of them; a form can hold a field with an `enum` of choices",
            "json": "keep one of them: `json` for a value, `body` for a text",
        }.get(other, "keep one of them, or make two steps"),
    )


def _out_of_bounds(violation: Violation, places: Places) -> Diagnostic:
    path, value, keyword, bound = violation.path, violation.value, violation.keyword, violation.expected
    span = places.span(path)
    if keyword == "uniqueItems":
        twice = next((item for index, item in enumerate(value) if item in value[:index]), None)
        place = (*path, len(value) - 1 - value[::-1].index(twice))
        return Diagnostic(
            "AF206", f"{shown(twice)} stands twice in {field_name(path)}", places.span(place), label="again"
        )
    if bound == 1 and keyword.startswith("min") and keyword != "minimum":
        return Diagnostic("AF206", f"{field_name(path)} is empty", span, label="at least one is needed", help=None)
    if keyword == "maxProperties" and "prompt" in path:
        help_ = "begin a new item with `- ` for each message"
        return Diagnostic(
            "AF206", f"{field_name(path)} holds more than one message", span, label="one key a message", help=help_
        )
    rule = _BOUNDS.get(keyword, "as the schema says").format(shown(bound)[1:-1])
    return Diagnostic("AF206", f"{field_name(path)} must be {rule}", span, label=what_came(value))
