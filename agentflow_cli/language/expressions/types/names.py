"""What an inference asks of the place where its expression stands: what the names in it lead to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from agentflow_cli.language.expressions.types.lattice import Type


class Found(NamedTuple):
    """What a chain begins with: its first `links` links are taken, and lead to a value of `type`."""

    type: Type
    links: int = 0
    what: str = ""
    """What the value is, for messages: ``the output of step `x` ``."""
    there: bool = False
    """It is never missing, whatever else it may be."""


class Names(Protocol):
    def chain(self, root: str, path: Sequence[str | int]) -> Found:
        """What `root` and the literal links behind it lead to, as far as names go."""
