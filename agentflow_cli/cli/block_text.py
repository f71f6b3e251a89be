"""JSON values as indented text that people read and YAML parsers accept; the YAML library is not needed to write it."""

from __future__ import annotations

import json
import re

from agentflow_cli.domain.json_value import Json

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./ ()-]*\Z")
_NESTED = re.compile(r"-(\s|$)|[A-Za-z_][A-Za-z0-9_-]*:(\s|$)")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def block_text(value: Json, strict: bool = False) -> str:
    """`value` as a block; `strict` makes strings whose text YAML would read as something else quoted ones.

    Without `strict` strings stand as they are: for people, not for parsers.
    """
    return "\n".join(_lines(value, strict))


def _lines(value: Json, strict: bool) -> list[str]:
    if isinstance(value, dict) and value:
        lines = []
        for key, element in value.items():
            lines += _entry(f"{_scalar(str(key), strict)}:", element, strict, "  ")
        return lines
    if isinstance(value, list) and value:
        lines = []
        for element in value:
            if isinstance(element, (dict, list)) and element:
                first, *rest = _lines(element, strict)
                lines += [f"- {first}", *(f"  {line}" for line in rest)]
            else:
                lines += _entry("-", element, strict or _looks_nested(element), "  ")
        return lines
    if isinstance(value, str) and not strict:
        return value.rstrip("\n").split("\n")
    return [_scalar(value, strict)]


def _looks_nested(element: Json) -> bool:
    """Whether a string, as it is, would look like a list or a mapping inside the list that it is an element of."""
    return isinstance(element, str) and _NESTED.match(element) is not None


def _entry(head: str, value: Json, strict: bool, indent: str) -> list[str]:
    if isinstance(value, (dict, list)) and value:
        return [head, *(f"{indent}{line}" for line in _lines(value, strict))]
    if isinstance(value, str) and "\n" in value and _fits_a_block(value):
        body, mark = (value[:-1], "|") if value.endswith("\n") else (value, "|-")
        return [f"{head} {mark}", *(f"{indent}{line}" if line else "" for line in body.split("\n"))]
    return [f"{head} {_scalar(value, strict)}"]


def _fits_a_block(text: str) -> bool:
    """Whether a literal block can hold it: printable, no leading blank, at most one line break at its end."""
    lines = text.split("\n")
    return (
        bool(lines[0].strip())
        and lines[0][0] not in " \t"
        and not text.endswith("\n\n")
        and all(line.isprintable() or (not line) or line.replace("\t", "").isprintable() for line in lines)
    )


def _scalar(value: Json, strict: bool) -> str:
    if isinstance(value, str) and (
        (not strict and value and "\n" not in value)
        or (_PLAIN.match(value) and value.lower() not in _WORDS and not value.endswith(" "))
    ):
        return value
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else json.dumps(value)
