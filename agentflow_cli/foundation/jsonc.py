"""Adding to a JSON file that people write by hand: comments, trailing commas and layout stay as they are."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_TOKENS = re.compile(r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*.*?\*/|,(?=(?:\s|//[^\n]*|/\*.*?\*/)*[}\]])', re.S)
_SPACE = re.compile(r"\s*")


class UnclearError(ValueError):
    """The text cannot be added to without guessing; the message says why."""


def read_jsonc(text: str) -> dict[str, Any]:
    """The object that the text holds, comments and trailing commas left out. UnclearError when it holds none."""
    plain = _without_comments(text)
    if not plain.strip():
        return {}
    try:
        value = json.loads(plain)
    except (ValueError, RecursionError) as error:
        raise UnclearError(f"it is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise UnclearError("it is no JSON object")
    return value


def add_members(text: str, key: str, members: Mapping[str, Any]) -> str:
    """The text with `members` added to the object under `key` of its outermost object; what is there stays.

    UnclearError when the text is no object, what is under `key` is none, or comments stand inside it.
    """
    there = read_jsonc(text)
    old = there.get(key, {})
    if not isinstance(old, dict):
        raise UnclearError(f"`{key}` is no object")
    added = {name: value for name, value in members.items() if name not in old}
    if not added:
        return text
    indent = _indent(text)
    value = json.dumps({**old, **added}, indent=indent, ensure_ascii=False).replace("\n", "\n" + indent)
    if not there:
        blank = not _without_comments(text).strip()
        comments = text.rstrip() + "\n" if blank and text.strip() else ""
        if not blank and "/" in text:
            raise UnclearError("there is nothing in it but comments")
        return f"{comments}{{\n{indent}{json.dumps(key)}: {value}\n}}\n"
    spans = _members(_without_comments(text))
    if key in there:
        start, end = spans[key]
        if text[start:end] != _without_comments(text)[start:end]:
            raise UnclearError(f"there are comments or trailing commas inside `{key}`")
        return text[:start] + value + text[end:]
    last = max(end for _, end in spans.values())
    return f"{text[:last]},\n{indent}{json.dumps(key)}: {value}{_after(text, last)}"


def _after(text: str, last: int) -> str:
    """What follows the last member: a trailing comma there has become the one between, and stays as it was."""
    rest = text[last:]
    gap = _SPACE.match(rest)
    at = gap.end() if gap else 0
    if rest[at : at + 1] == ",":
        rest = rest[:at] + rest[at + 1 :]
    return rest if rest.lstrip(" \t").startswith(("\n", "\r", "/")) else "\n" + rest.lstrip()


def _without_comments(text: str) -> str:
    """The text with blanks where comments and trailing commas are: every place stays where it is."""
    return _TOKENS.sub(lambda t: t[0] if t[0].startswith('"') else re.sub(r"[^\n]", " ", t[0]), text)


def _members(text: str) -> dict[str, tuple[int, int]]:
    """Where the values of the outermost object stand; of a name that comes twice the last, as JSON readers see it."""
    decoder = json.JSONDecoder()
    spans: dict[str, tuple[int, int]] = {}
    at = text.index("{") + 1
    while True:
        at = _skip(text, at)
        if text[at] == "}":
            return spans
        if text[at] == ",":
            at += 1
            continue
        name, at = decoder.raw_decode(text, at)
        start = _skip(text, _skip(text, at) + 1)
        _, at = decoder.raw_decode(text, start)
        spans[name] = (start, at)


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _indent(text: str) -> str:
    found = re.search(r"^([ \t]+)\S", _without_comments(text), re.M)
    return found[1] if found else "  "
