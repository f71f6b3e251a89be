"""Slips of the hand."""

from __future__ import annotations

import random
from collections.abc import Container

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def misspelt(word: str, chance: random.Random, taken: Container[str]) -> str:
    """The word with two letters swapped, one left out, one twice, or one wrong; never one of the `taken` words."""
    for _ in range(100):
        at = chance.randrange(len(word))
        match chance.randrange(4):
            case 0 if at + 1 < len(word):
                slip = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
            case 1 if len(word) > 1:
                slip = word[:at] + word[at + 1 :]
            case 2:
                slip = word[: at + 1] + word[at:]
            case _:
                slip = word[:at] + chance.choice(_LETTERS) + word[at + 1 :]
        if slip != word and slip not in taken and (slip[0].isalpha() or slip[0] == "_"):
            return slip
    return word + "x"
