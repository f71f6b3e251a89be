"""Amounts as people write them: `20k` tokens, `$0.50`."""

from __future__ import annotations

import re

_TOKENS = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)([km]?)")
_DOLLARS = re.compile(r"\$?([0-9]{1,9}(?:\.[0-9]{1,9})?|\.[0-9]{1,9})")
_FACTORS = {"": 1, "k": 1_000, "m": 1_000_000}


def parse_tokens(text: str) -> int:
    """A whole number of tokens; ValueError when it is none."""
    found = _TOKENS.fullmatch(text.strip().lower())
    number = float(found[1]) * _FACTORS[found[2]] if found else 0.5
    if number != int(number):
        raise ValueError(f"`{text}` is not a number of tokens; write it like `5000`, `20k` or `1.5m`")
    return int(number)


def parse_dollars(text: str) -> float:
    """Dollars; ValueError when it is no such amount."""
    found = _DOLLARS.fullmatch(text.strip())
    if found is None:
        hint = "; in a shell `$` begins a variable: quote it, or leave it out" if "$" in text or not text else ""
        raise ValueError(f"`{text}` is not an amount of dollars; write it like `0.50`{hint}")
    return float(found[1])
