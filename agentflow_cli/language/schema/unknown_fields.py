"""Fields that are not there: told at the key, with the field that was meant."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Mapping

from agentflow_cli.diagnostics.diagnostic import MOST, Diagnostic
from agentflow_cli.domain.json_value import DocumentPath, Json
from agentflow_cli.foundation.closest import closest
from agentflow_cli.language.schema.fields import LATER_FIELDS
from agentflow_cli.language.schema.mending import rename_key
from agentflow_cli.language.schema.other_words import advice, meant
from agentflow_cli.language.schema.places import Places
from agentflow_cli.language.schema.right_values import TYPE_WORDS
from agentflow_cli.language.schema.step_paths import step_at
from agentflow_cli.language.schema.validator import Violation
from agentflow_cli.language.schema.wording import TYPES, shown

_VERSION = "agentflow/v1"
_UNITS = ("_ms", "_s", "_sec", "_secs", "_seconds", "_min", "_mins", "_minutes", "_h", "_hours")
_MOST = 20
"""Fields that are looked at to see what was meant."""


def unknown_field(
    path: DocumentPath, known: Iterable[str], where: str, places: Places, present: Collection[str] = ()
) -> Diagnostic:
    """The key at `path` is none of `known`; `present` are the keys beside it."""
    name = str(path[-1])
    options = sorted(known)
    span = places.key_span(path)
    if name in LATER_FIELDS:
        return Diagnostic("AF209", f"`{name}` is not in this version yet", span, label="a later version will have it")
    other, said = meant(name, options), advice(name, where)
    near = closest(name, options)
    fix = None  # with its name a duration would lose its unit
    if said is None and other in (None, near) and not name.lower().endswith(_UNITS):
        fix = rename_key(path, options, places)
    if other == "apiVersion" and not (isinstance(present, Mapping) and present.get(name) == _VERSION):
        fix, said = None, f"a file begins with `apiVersion: {_VERSION}`" if other not in present else None
    help_: str | None
    if said is not None:
        help_ = said
    elif other is not None:
        help_ = f"`{other}` says it here" if other in present else f"did you mean `{other}`?"
    elif near is not None:
        help_ = f"did you mean `{near}`?"
    else:
        help_ = f"fields here: {', '.join(f'`{option}`' for option in options)}" if options else None
    return Diagnostic(
        "AF201",
        f"unknown field {shown(name)} in {where}",
        span,
        label=f"not a field of {_plural(where)}",
        help=help_,
        fix=fix,
    )


def _plural(where: str) -> str:
    """`a `prompt` step` → `` `prompt` steps ``: what labels say."""
    return f"{where.partition(' ')[2]}s" if where.endswith(" step") and "`" in where else where


def unknown_fields(violation: Violation, places: Places, file: str) -> Iterable[Diagnostic]:
    """Each key that a mapping has too much."""
    known = set(violation.schema.get("properties", ()))
    where = _owner(violation.path) if violation.path else file
    if where == "a message" and "role" in violation.value:
        yield _message_of_roles(violation.path, violation.value, places)
        return
    if where == "a JSON Schema" and _is_list_of_fields(violation.value, known):
        yield _fields_alone(violation.path, violation.value, places)
        return
    for name in itertools.islice(violation.value, MOST + len(known) + 1):  # more are never told
        if name not in known and not (name.startswith("x-") and "patternProperties" in violation.schema):
            yield unknown_field((*violation.path, name), known, where, places, violation.value)


def _is_list_of_fields(schema: dict[str, Json], known: Collection[str]) -> bool:
    """`{score: integer, why: {type: string}}`: names of fields where a schema should stand."""
    return all(
        name not in known
        and meant(name, known) is None
        and closest(name, known) is None
        and (element in (*TYPES, *TYPE_WORDS) if isinstance(element, str) else isinstance(element, dict))
        for name, element in itertools.islice(schema.items(), _MOST)
    )


def _fields_alone(path: DocumentPath, schema: dict[str, Json], places: Places) -> Diagnostic:
    name = next(iter(schema))
    return Diagnostic("AF201", f"unknown field {shown(name)} in a JSON Schema", places.key_span((*path, name)),
                      label="not a field of a JSON Schema",
                      help=f"the fields of an object stand under `properties`: `{{type: object, properties:"
                      f" {{{name}: {{type: …}}}}, required: [{name}]}}`")  # fmt: skip


def _message_of_roles(path: DocumentPath, message: dict[str, Json], places: Places) -> Diagnostic:
    """`{role: user, content: hi}`, as the interfaces of models have it."""
    role, content = message["role"], message.get("content")
    word = role if role in ("system", "user", "assistant") else "user"
    text = content if isinstance(content, str) and len(content) < 40 and "\n" not in content else "…"
    return Diagnostic("AF201", "unknown field `role` in a message", places.key_span((*path, "role")),
                      label="the role is the key itself", help=f"write `- {word}: {text}`")  # fmt: skip


def _owner(path: DocumentPath) -> str:
    if len(path) == 2 and path[0] == "inputs":
        return "an input"
    if len(path) > 3 and path[-2] == "prompt" and isinstance(path[-1], int):
        return "a message"
    step = step_at(path)
    inner = path[len(step) :] if step else ()
    schema_inside = inner and (inner[0] == "output" or "form" in inner)
    if len(path) == 2 and path[0] == "agents":
        return "an agent"
    return "a JSON Schema" if schema_inside or path[0] == "inputs" else f"`{path[-1]}`"
