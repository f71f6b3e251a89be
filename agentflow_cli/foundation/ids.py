"""Run ids: they sort by time, and their first six characters are what people type.

An id is `7fk2q9-h3m8w2k5`: six characters that count seconds since 2024 in Crockford's base 32 (good for 34 years),
a dash, and eight random ones. The store keeps the six unique within a project by taking the next second when one is
in use, so the short form is an exact name there and the long form is unique anywhere.
"""

from __future__ import annotations

import secrets

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_EPOCH = 1_704_067_200  # 2024-01-01T00:00:00Z
SHORT_LENGTH = 6


def short_run_id(now: float) -> str:
    """The six characters for the second `now` (seconds since 1970)."""
    return _base32(max(0, int(now) - _EPOCH) % 32**SHORT_LENGTH, SHORT_LENGTH)


def next_short_id(short: str) -> str:
    """The short id one second later."""
    value = 0
    for character in short:
        value = value * 32 + _ALPHABET.index(character)
    return _base32((value + 1) % 32**SHORT_LENGTH, SHORT_LENGTH)


def full_run_id(short: str) -> str:
    """The short id with a random tail: unique across projects and machines."""
    return f"{short}-{_base32(secrets.randbits(40), 8)}"


def _base32(value: int, length: int) -> str:
    characters = []
    for _ in range(length):
        value, digit = divmod(value, 32)
        characters.append(_ALPHABET[digit])
    return "".join(reversed(characters))
