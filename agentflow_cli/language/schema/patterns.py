"""How long Python's `re`, which tries one way after the other, may need for a pattern: some take for ever.

An estimate from above by reading the pattern. What may be too much is for an engine that reads each character once.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

_ENOUGH = 1_000_000
"""Tries for one value: some milliseconds."""
_TOKEN = re.compile(
    r"(?P<atom>\\.|\[\^?\]?(?:\\.|[^\]\\])*+\]?)|(?P<open>\((?:\?(?:[:=!>]|<[=!]|P?<\w+>|[a-zA-Z-]+:?|\#[^)]*|P=\w+))?)"
    r"|(?P<close>\))|(?P<or>\|)|(?P<times>[*+]|\{(?P<least>\d*)(?P<most>,\d*)?\})|(?P<maybe>\?)",
    re.DOTALL,
)


@dataclass(slots=True)
class _Group:
    choices: bool = False
    """Whether one text can be read in more than one way inside."""
    ways: int = 1
    """Its alternatives."""


@dataclass(frozen=True, slots=True)
class Effort:
    """What a pattern may cost: the length of a value to the power of its `repeats`, times the `ways` of its choices."""

    repeats: int
    ways: float
    nested: bool
    """A choice inside a repetition: each character may double the tries."""

    def is_small(self, length: int) -> bool:
        """Whether `re` surely is quick with a value of `length` characters."""
        if self.nested:
            return 4.0 ** min(length, 500) <= _ENOUGH
        return (length + 1.0) ** min(self.repeats + 1, 30) * self.ways <= _ENOUGH

    @property
    def is_endless(self) -> bool:
        """Whether values of usual length may already be too much for `re`."""
        return self.nested or self.ways > _ENOUGH


@functools.cache
def effort(pattern: str) -> Effort:
    """The effort of a regular expression."""
    repeats, ways, nested = 0, 1.0, False
    groups, closed, quantified = [_Group()], _Group(), -1
    for found in _TOKEN.finditer(pattern):
        kind, after_group = str(found.lastgroup), closed if pattern[found.start() - 1] == ")" else _Group()
        match kind:
            case "open":
                groups.append(_Group())
            case "close":
                closed = groups.pop() if len(groups) > 1 else _Group()
                ways = min(ways * closed.ways, 1e100)
                groups[-1].choices |= closed.choices
            case "or":
                groups[-1].choices = True
                groups[-1].ways += 1
            case "maybe":
                if quantified != found.start():  # else it says that the least is tried first
                    ways = min(ways * 2, 1e100)
                    groups[-1].choices = True
            case "times":
                fixed = found["least"] and not found["most"]
                nested |= after_group.choices
                if not fixed:
                    repeats += 1
                    groups[-1].choices = True
        if kind in ("times", "maybe"):
            quantified = found.end()
    for group in groups:
        ways = min(ways * group.ways, 1e100)
    return Effort(repeats, ways, nested)


_FLAGS = re.compile(r"\(\?([ims]+)\)")
_ENDS = {r"\A": "^", r"\Z": "$", "(?P<": "(?<"}


def for_other_engines(pattern: str) -> str:
    """What only Python writes in its own way, as others do: `(?P<x>…)`, `\\Z`, a flag at the beginning."""
    found = _FLAGS.match(pattern)
    if found:
        pattern = f"(?{found[1]}:{pattern[found.end() :]})"
    return re.sub(r"\\[\s\S]|\(\?P<", lambda piece: _ENDS.get(piece[0], piece[0]), pattern)
