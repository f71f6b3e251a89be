"""Keys misspelt, dropped and written twice, and values of another type."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import yaml

from tests.diagnostics.mutations.document import Document, Part, is_step
from tests.diagnostics.mutations.judge import Mutation
from tests.diagnostics.mutations.rules import SCHEMA
from tests.diagnostics.mutations.spelling import misspelt

_KINDS = {part["if"]["required"][0] for part in SCHEMA["definitions"]["step"]["allOf"]}
_WRONG = {"string": "wrong", "integer": "7", "number": "7.5", "boolean": "true", "array": "[1]", "object": "{a: 1}"}


def misspell_a_key(document: Document, chance: random.Random) -> Iterator[Mutation]:
    """Every key of a mapping whose keys the language names."""
    for part in document.parts:
        if part.key is None or part.parent is None or not part.parent.rules.closed:
            continue
        if part.key.value in part.parent.rules.names:
            slip = misspelt(part.key.value, chance, part.parent.rules.names)
            yield _renamed(document, "misspell a key", part, slip)


def _renamed(document: Document, kind: str, part: Part, name: str) -> Mutation:
    assert part.key is not None
    start, end = document.raw(part.key)
    old = document.text[start:end]
    new = old.replace(part.key.value, name)
    text = document.text[:start] + new + document.text[end:]
    return Mutation(kind, document.valid, text, f"{old} → {new}", frozenset({document.line(start)}))


def drop_a_required_key(document: Document, chance: random.Random) -> Iterator[Mutation]:
    """What the schema requires, and the kind of a step.

    The right line is that of the step or of the mapping inside it; for the file as a whole, that of its first key.
    """
    for part in document.parts:
        if part.key is None or part.parent is None:
            continue
        needed = set(part.parent.rules.required)
        if is_step(part.parent):
            needed |= _KINDS
        if part.key.value in needed:
            yield _without(document, part)


def _without(document: Document, part: Part) -> Mutation:
    assert part.key is not None and part.parent is not None
    owners, owner = [], part.parent
    while not is_step(owner) and owner.parent is not None:
        owners.append(owner)
        owner = owner.parent
    owners.append(owner)
    places = {document.line((each.key or each.node).start_mark.index) for each in owners if each.path}
    text = document.text
    start, end = _entry(document, part)
    if part.in_flow:
        rest = text[end:]
        end += len(rest) - len(rest.lstrip(", \r\n")) if rest.lstrip().startswith(",") else 0
    what = f"without {part.key.value} of {'.'.join(map(str, part.parent.path)) or 'the file'}"
    text = text[:start] + text[end:]
    if not part.parent.path:
        first = re.search(r"^[\s{]*[\"'A-Za-z]", text, re.M)
        places = {text.count("\n", 0, first.end() if first else 0) + 1}
    return Mutation("drop a required key", document.valid, text, what, frozenset(places))


def _entry(document: Document, part: Part) -> tuple[int, int]:
    """From the key to the end of the value; in block style, with the rest of the line and its indentation."""
    assert part.key is not None
    text, start = document.text, part.key.start_mark.index
    end = document.raw(part.node)[1]
    if part.node.start_mark.index < start:  # an alias
        end = text.index("\n", start)
    if not part.in_flow:
        newline = text.find("\n", end)
        end = len(text) if newline < 0 else newline + 1
        line_start = text.rfind("\n", 0, start) + 1
        if not text[line_start:start].strip():
            start = line_start
        else:  # `- key: value`: the dash stays where it is
            end -= 1
    return start, end


def duplicate_a_key(document: Document, chance: random.Random) -> Iterator[Mutation]:
    """Any key of any mapping, with its value, once more behind itself."""
    for part in document.parts:
        if part.key is None or part.parent is None or part.node.start_mark.index < part.key.start_mark.index:
            continue
        start, end = _entry(document, part)
        entry, text = document.text[start:end], document.text
        if "&" in entry or not (part.in_flow or entry.endswith("\n")):
            continue  # an anchor twice would be another mistake; after a dash the indentation would be another
        between = ", " if part.in_flow else ""
        lines = {document.line(start), document.line(end)}
        text = text[:end] + between + entry + text[end:]
        yield Mutation("duplicate a key", document.valid, text, f"{part.key.value} twice", frozenset(lines))


def change_a_type(document: Document, chance: random.Random) -> Iterator[Mutation]:
    """A value of a type that the schema does not allow, wherever it names types."""
    for part in document.parts:
        allowed = part.rules.types
        if part.parent is None or allowed is None:
            continue
        if "number" in allowed:
            allowed = allowed | {"integer"}
        wrong = [kind for kind in _WRONG if kind not in allowed]
        if not wrong or (part.key is not None and part.node.start_mark.index < part.key.start_mark.index):
            continue  # any value will do, or it is an alias
        kind = chance.choice(wrong)
        start, end = document.raw(part.node)
        where = part.key.start_mark.index if part.key is not None else start
        block = isinstance(part.node, yaml.CollectionNode) and not part.node.flow_style
        between = ""
        if block and part.key is not None:
            start, between = part.key.end_mark.index + 1, " "
        if "&" in document.text[where:end]:
            continue  # the anchor would go with the value
        text = document.text[:start] + between + _WRONG[kind] + document.text[end:]
        what = f"{'.'.join(map(str, part.path))}: {_WRONG[kind]}"
        lines = {document.line(where), document.line(start)}
        yield Mutation("change a type", document.valid, text, what, frozenset(lines))
