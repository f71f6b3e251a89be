"""Suggestions by closeness: the word that was probably meant."""

from __future__ import annotations

import difflib
import functools
import heapq
from collections.abc import Iterable

_MANY, _LIKELY = 200, 24
"""Of more candidates, only those that begin and end most like the word are compared, which takes far longer."""


def closest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate nearest to `word`, or None when none is near enough to be worth saying."""
    return _closest(word, frozenset(candidates))


@functools.lru_cache(maxsize=64)  # one slip is often made many times
def _closest(word: str, candidates: frozenset[str]) -> str | None:
    options = sorted(_likely(word, candidates))
    lowered = {option.lower(): option for option in reversed(options)}
    found = difflib.get_close_matches(word.lower(), list(lowered), n=1, cutoff=0.6)
    if found:
        return lowered[found[0]]
    starts = [option for option in options if len(word) >= 3 and option.startswith(word)]
    return starts[0] if len(starts) == 1 else None


def told(*parts: str | None) -> str | None:
    """The parts of a help that are there, in one line: `did you mean `x`? inputs: `x``. A question ends by itself."""
    line = "; ".join(part for part in parts if part)
    return line.replace("?; ", "? ") or None


def only_close(word: str, candidates: Iterable[str]) -> str | None:
    """The one candidate that `word` can be a slip of; None when there is none, or a choice."""
    return _only_close(word, frozenset(candidates))


@functools.lru_cache(maxsize=64)
def _only_close(word: str, candidates: frozenset[str]) -> str | None:
    lowered: dict[str, set[str]] = {}
    for option in _likely(word, candidates):
        lowered.setdefault(option.lower(), set()).add(option)
    found = difflib.get_close_matches(word.lower(), list(lowered), n=2, cutoff=0.7)
    if len(found) != 1 or len(lowered[found[0]]) != 1:
        return None
    return next(iter(lowered[found[0]]))


@functools.lru_cache(maxsize=64)
def _likely(word: str, options: frozenset[str]) -> frozenset[str]:
    """Those of `options` that `word` may be a slip of."""
    if len(options) <= _MANY:
        return options
    small = word.lower()
    return frozenset(heapq.nlargest(_LIKELY, options, key=lambda option: (_shared(small, option.lower()), option)))


def _shared(left: str, right: str) -> int:
    """How many characters two words have in common at both ends."""
    most = min(len(left), len(right))
    first = next((n for n in range(most) if left[n] != right[n]), most)
    last = next((n for n in range(most - first) if left[-1 - n] != right[-1 - n]), most - first)
    return first + last
