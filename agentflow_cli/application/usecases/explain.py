"""Explain a word of the language: a diagnostic's code, a field, a kind of step, a name or function of expressions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agentflow_cli.diagnostics.codes import CODES
from agentflow_cli.diagnostics.codes import explain as explain_code
from agentflow_cli.domain.kinds import KINDS
from agentflow_cli.foundation.closest import closest
from agentflow_cli.foundation.errors import NotFoundError
from agentflow_cli.language.expressions.functions import FILTERS, FUNCTIONS, TESTS, Function
from agentflow_cli.language.expressions.scope import ROOTS
from agentflow_cli.language.schema.files import load_schema


@dataclass(frozen=True, slots=True)
class Topic:
    """`kind` is `code`, `step`, `field`, `name`, `filter`, `test` or `function`."""

    name: str
    kind: str
    text: str


def explain(word: str) -> list[Topic]:
    """Everything that `word` means; NotFoundError with a suggestion when it means nothing."""
    topics = []
    if word.upper() in CODES:
        topics.append(Topic(word.upper(), "code", explain_code(word).rstrip("\n")))
    topics += _language(word)
    if topics:
        return topics
    near = closest(word, known_words()) or closest(word.upper(), CODES)
    raise NotFoundError(
        f"there is nothing called `{word}` to explain",
        hint=f"did you mean `{near}`?" if near else "codes (AF201), fields (foreach), functions (selectattr)",
        next_command="agentflow explain",
    )


def known_words() -> list[str]:
    """Every word that can be explained besides codes."""
    words = [*KINDS, *_fields(), *ROOTS, *FILTERS, *TESTS, *FUNCTIONS]
    return list(dict.fromkeys(words))


def index() -> dict[str, dict[str, str]]:
    """Everything that can be explained: heading → name → one line."""
    fields = {name: schema.get("description", "") for name, schema in _fields().items() if name not in KINDS}
    return {
        "Kinds of step": {kind.name: kind.summary for kind in KINDS.values()},
        "Fields": fields,
        "Names in expressions": {root.name: root.summary for root in ROOTS.values()},
        "Filters": {f.signature: f.summary for f in FILTERS.values()},
        "Tests": {f.signature: f.summary for f in TESTS.values()},
        "Functions": {f.signature: f.summary for f in FUNCTIONS.values()},
        "Diagnostics": {code.code: code.title for code in CODES.values()},
    }


def _language(word: str) -> list[Topic]:
    topics = []
    fields = _fields()
    if word in KINDS:
        kind = KINDS[word]
        lines = [f"{word}: {kind.summary}.", f"Its output is {kind.output}."]
        lines += [f"Beside it, `.{name}` is {about}." for name, about in kind.beside.items()]
        own = [name.partition(".")[2] or name for name in (*kind.templates, *kind.settings) if name != word]
        beside = [name for name in own if name in fields]
        if beside:
            lines.append(f"Fields: {', '.join(f'`{name}`' for name in dict.fromkeys(beside))}.")
        if kind.effect:
            lines.append("It acts on the world outside: it is not retried unless `retry` asks for it.")
        topics.append(Topic(word, "step", "\n".join([*lines, *_examples(word, fields.get(word, {}))])))
    elif word in fields:
        schema = fields[word]
        about = schema.get("markdownDescription") or schema.get("description") or ""
        topics.append(Topic(word, "field", "\n".join([f"{word}: {about}", *_examples(word, schema)])))
    if word in ROOTS:
        root = ROOTS[word]
        lines = [f"{word}: {root.summary}"]
        lines += [f"  {word}.{name}: {about}" for name, about in (root.fields or {}).items()]
        topics.append(Topic(word, "name", "\n".join(lines)))
    for kind_name, table in (("filter", FILTERS), ("test", TESTS), ("function", FUNCTIONS)):
        if word in table:
            topics.append(Topic(word, kind_name, _function(kind_name, table[word])))
    return topics


def _function(kind: str, function: Function) -> str:
    usage = {"filter": f"value | {function.signature}", "test": f"value is {function.signature}"}.get(
        kind, function.signature
    )
    return f"{usage}\n{function.summary}\n\nExample:\n    {function.example}  →  {function.example_value!r}"


def _fields() -> dict[str, dict[str, Any]]:
    """Every field of a workflow file by its name; the outermost wins."""
    schema = load_schema()
    found: dict[str, dict[str, Any]] = {}
    definitions = schema.get("definitions", {})
    _collect(schema, found)
    _collect(definitions.get("step", {}), found)
    _collect(definitions.get("input", {}), found)
    return found


def _collect(schema: Any, found: dict[str, dict[str, Any]]) -> None:
    """Properties at any depth, a described one before one that only constrains."""
    if isinstance(schema, list):
        for element in schema:
            _collect(element, found)
    if not isinstance(schema, dict):
        return
    properties = schema.get("properties")
    if isinstance(properties, dict):
        for name, value in properties.items():
            if isinstance(value, dict) and value.get("description"):
                found.setdefault(name, value)
        for value in properties.values():
            _collect(value, found)
    for key in ("anyOf", "allOf", "oneOf", "then", "else", "items", "additionalProperties"):
        _collect(schema.get(key), found)


def _examples(name: str, schema: dict[str, Any]) -> list[str]:
    import json

    shown = []
    for example in schema.get("examples", ())[:3]:
        text = example if isinstance(example, str) else json.dumps(example, ensure_ascii=False)
        shown.append(f"    {name}: {text}")
    return ["", "Examples:", *shown] if shown else []
