"""The inputs of a run: from text on a command line and from files to values that match what the workflow declares."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from agentflow_cli.application.usecases.data_file import read_data
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.plan import PlanInput
from agentflow_cli.foundation.closest import closest
from agentflow_cli.foundation.errors import UsageError
from agentflow_cli.foundation.strict_json import read_json


def read_inputs(
    declared: Mapping[str, PlanInput],
    assignments: Sequence[str],
    file: str | None = None,
    read_stdin: Callable[[], str] | None = None,
    workflow: str = "the workflow",
    noun: str = "input",
    option: str = "-i",
    base: Mapping[str, Json] | None = None,
) -> dict[str, Json]:
    """Every declared input's value, defaults filled in. `base` holds where nothing else is said.

    `assignments` are `key=text`, `key=@file`, `key=-` (standard input) or `key:=json`; they win over `file`, a YAML
    or JSON mapping. UsageError tells all problems at once.
    """
    problems: list[str] = []
    unreadable: set[str] = set()
    values: dict[str, Json] = {**(base or {}), **(_read_file(file) if file is not None else {})}
    given: set[str] = set()
    stdin_for = ""
    for assignment in assignments:
        name, _, text = assignment.partition("=")
        from_stdin, name = text == "-" and not name.endswith(":"), name.rstrip(":")
        try:
            if name in given:
                raise ValueError(f"`{name}` is given twice; give each {noun} once")
            given.add(name)
            if from_stdin and stdin_for:
                raise ValueError(f"`{name}` cannot be read from standard input too: `{stdin_for}` takes all of it")
            stdin_for = name if from_stdin else stdin_for
            values[name] = _value(assignment, declared, read_stdin, noun, option)
        except ValueError as error:
            problems.append(str(error))
            unreadable.add(name)
    for name, value in values.items():
        if name not in unreadable and (wrong := unstorable(value)):
            problems.append(f"`{name}` {wrong}")
            unreadable.add(name)
    problems += _mismatches(declared, values, unreadable, noun, option)
    if problems:
        raise UsageError(_listed(f"the {noun}s do not fit {workflow}", problems))
    return {name: values.get(name, spec.default) for name, spec in declared.items()}


def how_to_give(spec: PlanInput, option: str = "-i") -> str:
    """The option that gives this input: `-i 'issues:=[…]'`."""
    kinds = _types(spec.schema)
    if "string" in kinds or not kinds:
        options = spec.schema.get("enum")
        return f"{option} {spec.name}={options[0] if options else '…'}"
    sample = {"array": "[…]", "object": "{…}", "boolean": "true", "integer": "1", "number": "1.5"}.get(kinds[0], "…")
    return f"{option} '{spec.name}:={sample}'" if kinds[0] in ("array", "object") else f"{option} {spec.name}={sample}"


def _value(
    assignment: str, declared: Mapping[str, PlanInput], read_stdin: Callable[[], str] | None, noun: str, option: str
) -> Json:
    """What one assignment gives; ValueError with a sentence when it cannot be read."""
    head, sign, text = assignment.partition("=")
    name = head.rstrip(":")
    if not sign or not name:
        forms = f"`{option} name=text`, `{option} name=@file` or `{option} name:=json`"
        raise ValueError(f"`{option} {assignment}` names no {noun}; write {forms}")
    if not head.endswith(":") and text == "-":
        if read_stdin is None:
            raise ValueError(f"`{name}` cannot be read from standard input, which is taken by the workflow itself")
        text = read_stdin()
    elif text.startswith("@") and len(text) > 1:
        text = _file_text(name, text[1:])
    if head.endswith(":"):
        return _parse_json(name, text)
    return _coerce(name, declared[name].schema, text) if name in declared else text


def _file_text(name: str, path: str) -> str:
    try:
        return Path(path).expanduser().read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ValueError(f"`{name}`: {path} is not UTF-8 text") from None
    except OSError as error:
        raise ValueError(f"`{name}`: cannot read {path}: {error.strerror}") from None


def _read_file(path: str) -> dict[str, Json]:
    data = read_data(path, "`--inputs` takes a YAML or JSON file")
    if not isinstance(data, dict):
        raise UsageError(f"{path} is not a mapping of input names to values")
    return data


def unstorable(value: Json) -> str:
    """Why `value` is nothing that JSON in UTF-8 can hold, as the end of a sentence; empty when it can."""
    pending = [value]
    while pending:
        part = pending.pop()
        if isinstance(part, str):
            if any("\ud800" <= character <= "\udfff" for character in part):
                return "is not UTF-8 text (it holds a byte or half of a character that is none)"
        elif isinstance(part, float):
            if not math.isfinite(part):
                return f"holds a number that is too large or none ({part}); numbers must be finite"
        elif isinstance(part, dict):
            pending += [*part, *part.values()]
        elif isinstance(part, list):
            pending += part
    return ""


def _types(schema: Mapping[str, Any]) -> list[str]:
    declared = schema.get("type", [])
    return [declared] if isinstance(declared, str) else list(declared)


_CHOOSING = ("const", "anyOf", "oneOf", "allOf", "$ref")


def _as_it_fits(schema: Mapping[str, Any], text: str) -> Json:
    """`text` for a schema that names no type: itself where that fits, else the JSON that it is."""
    from agentflow_cli.language.schema.validator import matches

    if matches(schema, text):
        return text
    try:
        value = read_json(text.strip())
    except ValueError:
        return text
    return value if matches(schema, value) else text


def _coerce(name: str, schema: Mapping[str, Any], text: str) -> Json:
    """`text` as the declared type; ValueError when it is none. Without a type it is text, or what `enum` lists."""
    kinds = _types(schema)
    if not kinds and any(word in schema for word in _CHOOSING):
        return _as_it_fits(schema, text)
    if not kinds and "enum" in schema:
        kinds = ["string"] if text in schema["enum"] else ["json"]
    if not kinds or "string" in kinds:
        return text
    stripped = text.strip()
    try:
        value = read_json(stripped)
    except ValueError:
        value = None
        if stripped != "null":
            raise ValueError(_wrong_text(name, kinds, stripped)) from None
    if isinstance(value, float) and value.is_integer() and kinds == ["integer"]:
        raise ValueError(_wrong_text(name, kinds, stripped))
    return value


def _wrong_text(name: str, kinds: Sequence[str], text: str) -> str:
    shown = text if len(text) <= 40 else text[:39] + "…"
    wanted = {
        "array": "a JSON list, like `[1, 2]`",
        "object": 'a JSON object, like `{"a": 1}`',
        "boolean": "`true` or `false`",
        "integer": "a whole number",
        "number": "a number",
    }.get(kinds[0], kinds[0])
    return f"`{name}` must be {wanted}, not `{shown}`"


def _parse_json(name: str, text: str) -> Json:
    try:
        return read_json(text)
    except ValueError as error:
        raise ValueError(
            f"`{name}:=` takes JSON, and this is none ({error}); for plain text write `{name}=…`"
        ) from None


def _mismatches(
    declared: Mapping[str, PlanInput], values: Mapping[str, Json], unreadable: set[str], noun: str, option: str
) -> list[str]:
    """Unknown, ill-fitting and missing inputs, besides those that could not be read."""
    from agentflow_cli.language.schema.value_problems import value_problems

    problems = []
    for name, value in values.items():
        if name in unreadable:
            continue
        spec = declared.get(name)
        if spec is None:
            near = closest(name, declared)
            there = f"its {noun}s are {', '.join(f'`{n}`' for n in declared)}" if declared else "it declares none"
            problems.append(f"there is no {noun} `{name}`; " + (f"did you mean `{near}`?" if near else there))
            continue
        for path, sentence in value_problems(spec.schema, value):
            problems.append(f"`{name}`: {sentence}" if path else f"`{name}` {sentence.removeprefix('it ')}")
    for name, spec in declared.items():
        if spec.required and name not in values and name not in unreadable:
            about = f" ({spec.description})" if spec.description else ""
            problems.append(f"`{name}` is missing{about}; give it by `{how_to_give(spec, option)}`")
    return problems


def _listed(head: str, problems: Sequence[str]) -> str:
    if len(problems) == 1:
        return f"{head}: {problems[0]}"
    return "\n".join([f"{head}:", *(f"  - {problem}" for problem in problems)])
