"""Follows a chain one link at a time, and says at which link it ends and what is there instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agentflow_cli.domain.json_value import Json
from agentflow_cli.foundation.closest import closest
from agentflow_cli.language.expressions import syntax as s
from agentflow_cli.language.expressions.missing import MISSING
from agentflow_cli.language.expressions.operators import a_type
from agentflow_cli.language.expressions.problem import EvaluationError

_SHOWN = 8
"""Names listed in a message."""


def follow(node: s.Access, value: Json, chain: Sequence[Any], lenient: bool) -> Json:
    """The value at the end of `chain`, from `value`. EvaluationError at the link that is not there, or MISSING.

    `chain` has the evaluated keys; its first may be the root's name, which has no key in `node`.
    """
    extra = len(chain) - len(node.keys)
    for position, key in enumerate(chain):
        found = MISSING if value is MISSING else _step(value, key)
        if found is MISSING:
            if lenient:
                return MISSING
            place: s.Node = node.target if position < extra else node.keys[position - extra]
            known = chain[:position] if extra else [*_written(node.target), *chain[:position]]
            message, hint = explain_absence(known, key, value)
            raise EvaluationError(message, place.start, place.end, hint=hint)
        value = found
    return value


def _step(value: Json, key: Any) -> Json:
    if isinstance(value, Mapping):
        return value.get(key, MISSING) if isinstance(key, str) else MISSING
    if isinstance(value, (list, tuple, str)):
        if isinstance(key, slice):
            bounds = (key.start, key.stop)
            if all(b is None or (isinstance(b, int) and not isinstance(b, bool)) for b in bounds):
                part = value[key]
                return part if isinstance(part, str) else list(part)
        elif isinstance(key, int) and not isinstance(key, bool) and -len(value) <= key < len(value):
            return value[key]
    return MISSING


def _written(target: s.Node) -> list[Any]:
    return [target.name] if isinstance(target, s.Name) else ["(…)"]


def chain_text(chain: Sequence[Any]) -> str:
    """`steps.fetch.output.items[0]`."""
    text = ""
    for key in chain:
        if isinstance(key, str):
            text += f".{key}" if text and key.isidentifier() else key if not text else f"[{key!r}]"
        else:
            text += f"[{key}]" if isinstance(key, int) else "[…]"
    return text


def explain_absence(known: Sequence[Any], key: Any, value: Json) -> tuple[str, str | None]:
    """Why `key` cannot be read from `value`, which stands at the chain `known`; and what could be."""
    text = chain_text(known)
    if not known:
        return f"there is no `{key}` here", _suggestion(key, value)
    if known[0] == "steps" and len(known) == 2 and key == "output" and isinstance(value, Mapping):
        status = value.get("status")
        return (
            f"step `{known[1]}` has no output" + (f": it is {status}" if status else ""),
            f"if that is fine, give a fall-back: `{text}.output | default(…)`",
        )
    if isinstance(value, Mapping):
        if not isinstance(key, str):
            return f"`{text}` is an object, and its fields are named by strings, not by {a_type(key)}", None
        what = {"env": "environment variable", "inputs": "input", "steps": "step"}.get(text)
        if what:
            return f"there is no {what} `{key}`", _suggestion(key, value)
        return f"`{text}` has no field `{key}`", _suggestion(key, value)
    if isinstance(value, (list, tuple, str)):
        if isinstance(key, int):
            things = "characters" if isinstance(value, str) else "elements"
            return f"`{text}` has {len(value)} {things}, and no number {key}", None
        if isinstance(key, str):
            hint = f"write `{text}[0].{key}`, or `{text} | map(attribute='{key}')`"
            return f"`{text}` is {a_type(value)}, and has no field `{key}`", None if isinstance(value, str) else hint
        return f"`{text}` is {a_type(value)}: give whole numbers in the brackets", None
    return f"`{text}` is {a_type(value)}, and has no field `{key}`", None


def _suggestion(key: str, value: Json) -> str | None:
    if not isinstance(value, Mapping) or not value:
        return None
    names = [name for name in value if isinstance(name, str)]
    near = closest(key, names) if len(names) < 1000 else None
    if near is not None:
        return f"did you mean `{near}`?"
    shown = ", ".join(f"`{name}`" for name in names[:_SHOWN])
    return f"there is: {shown}" + (", …" if len(names) > _SHOWN else "")
