"""What a machine can mend: exact replacements of exact text, attached to a diagnostic."""

from __future__ import annotations

from typing import NamedTuple

from agentflow_cli.diagnostics.span import Span


class Edit(NamedTuple):
    """Write `new` where `old` stands at `span`. An empty `old` inserts, an empty `new` removes.

    `old` and `new` are the raw characters of the file. Where something else than `old` stands at `span`, the edit
    is not made: a place that was only nearly right can do no harm.
    """

    span: Span
    old: str
    new: str


class Fix(NamedTuple):
    """All of `edits`, or none of them. `title` says what they do, as an order: ``write `review` ``."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool = True
    """Whether the file certainly means afterwards what its author meant: only then `validate --fix` makes it."""
