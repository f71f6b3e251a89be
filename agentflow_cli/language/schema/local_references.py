"""`$ref` in a JSON Schema: it may point only into the schema that it stands in, and must lead somewhere."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from agentflow_cli.domain.json_value import DocumentPath, Json

_MOST_STEPS = 10_000


def target(root: Json, reference: str) -> Json:
    """The part of `root` that a local reference (`#`, `#/definitions/node`) points to. KeyError when there is none."""
    found: Any = root
    if reference in ("#", "#/"):
        return found
    for escaped in reference.removeprefix("#/").split("/"):
        part = escaped.replace("~1", "/").replace("~0", "~")
        if isinstance(found, list) and part.isdecimal() and int(part) < len(found):
            found = found[int(part)]
        elif isinstance(found, dict):
            found = found[part]
        else:
            raise KeyError(reference)
    return found


def bad_references(root: Json) -> Iterator[tuple[DocumentPath, str]]:
    """Each reference in `root` that cannot be followed: its path, and why."""
    references = list(_references(root, ()))
    circular = _circular(root, [reference for _, reference in references])
    for path, reference in references:
        if not reference.startswith("#"):
            yield path, "this reference leaves the schema: only `#/definitions/…` inside it can be read"
            continue
        try:
            first = target(root, reference)
            if not isinstance(first, dict | bool):
                raise KeyError(reference)
        except KeyError:
            names = [name for key in ("definitions", "$defs") for name in _definitions(root, key)]
            listed = f"; there is {', '.join(f'`{name}`' for name in names[:8])}" if names else ""
            yield path, f"this reference points to nothing{listed}"
        else:
            if id(first) in circular:
                yield path, "this reference leads only to itself"


def fans_out(root: Json) -> bool:
    """Whether following every reference in `root`, wherever it is met, would take thousands of steps: for one that has
    two, to a part that has two, the time doubles with each."""
    met: dict[str, list[str]] = {}
    steps: dict[str, int] = {}
    looked_at = 0
    waiting = list(dict.fromkeys(reference for _, reference in _references(root, ())))
    while waiting:
        reference = waiting[-1]
        if reference not in met:
            met[reference] = []
            with contextlib.suppress(KeyError):
                part = target(root, reference) if reference.startswith("#") else True
                met[reference] = [inner for _, inner in _references(part, ())]
            looked_at += 1 + len(met[reference])
            waiting += [inner for inner in met[reference] if inner not in met]
        else:
            waiting.pop()
            if reference not in steps:  # what leads back to itself is followed as deep as the value is
                steps[reference] = 1 + sum(steps.get(inner, 1) for inner in met[reference])
        if looked_at > _MOST_STEPS or steps.get(reference, 0) > _MOST_STEPS:
            return True
    return False


def _circular(root: Json, references: list[str]) -> set[int]:
    """The ids of the schemas that would judge the same value again and again: Tarjan's components, each seen once."""
    number: dict[int, int] = {}
    lowest: dict[int, int] = {}
    component: list[int] = []
    circular, open_ = set[int](), set[int]()
    walk: list[tuple[int, Iterator[Json]]] = []

    def enter(schema: Json) -> None:
        at = id(schema)
        number[at] = lowest[at] = len(number)
        component.append(at)
        open_.add(at)
        walk.append((at, _of_same_value(root, schema)))

    for reference in references:
        with contextlib.suppress(KeyError):
            if id(first := target(root, reference) if reference.startswith("#") else True) not in number:
                enter(first)
        while walk:
            at, following = walk[-1]
            for schema in following:
                if id(schema) not in number:
                    enter(schema)
                    break
                if id(schema) in open_:
                    lowest[at] = min(lowest[at], number[id(schema)])
                    if id(schema) == at:
                        circular.add(at)
            else:
                walk.pop()
                if walk:
                    lowest[walk[-1][0]] = min(lowest[walk[-1][0]], lowest[at])
                if lowest[at] == number[at]:
                    begin = component.index(at) if component[-1] != at else len(component) - 1
                    if len(component) - begin > 1:
                        circular.update(component[begin:])
                    open_.difference_update(component[begin:])
                    del component[begin:]
    return circular


def _of_same_value(root: Json, schema: Json) -> Iterator[Json]:
    """The schemas that judge the very value which `schema` judges. What points to nothing is another's finding."""
    if not isinstance(schema, dict):
        return
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith("#"):
        with contextlib.suppress(KeyError):
            yield target(root, reference)
    for key in ("allOf", "anyOf", "oneOf"):
        yield from schema.get(key) or ()
    for key in ("not", "if", "then", "else"):
        if key in schema:
            yield schema[key]


def _references(schema: Json, path: DocumentPath) -> Iterator[tuple[DocumentPath, str]]:
    if isinstance(schema, dict):
        for key, inner in schema.items():
            if key == "$ref" and isinstance(inner, str):
                yield (*path, key), inner
            elif key not in ("const", "enum", "default", "examples"):
                yield from _references(inner, (*path, key))
    elif isinstance(schema, list):
        for index, inner in enumerate(schema):
            yield from _references(inner, (*path, index))


def _definitions(root: Json, key: str) -> list[str]:
    found = root.get(key) if isinstance(root, dict) else None
    return list(found) if isinstance(found, dict) else []
