"""Which names an expression may read, and where. One table for the checks, the docs and the editor."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple


class Place(Enum):
    """Where an expression stands."""

    STEP = "a step's values"
    WHEN = "`when`"
    FOREACH = "`foreach`"
    UNTIL = "`until`"
    ON_ERROR = "`on_error`"
    GROUP_OUTPUTS = "the outputs of a group"
    OUTPUTS = "the workflow's outputs"
    INSTRUCTIONS = "an agent's instructions"


class Root(NamedTuple):
    """A name at the beginning of a chain. `fields` lists what can follow when that is fixed."""

    name: str
    summary: str
    places: frozenset[Place]
    only_in_foreach: bool = False
    only_in_repeat: bool = False
    fields: Mapping[str, str] | None = None
    why_not: str = ""
    """What to say where it cannot be read."""


_EVERYWHERE = frozenset(Place)
_IN_STEPS = _EVERYWHERE - {Place.OUTPUTS, Place.INSTRUCTIONS}
_RUNNING = _EVERYWHERE - {Place.INSTRUCTIONS}
OF_CHILD = frozenset({Place.STEP, Place.UNTIL, Place.ON_ERROR, Place.GROUP_OUTPUTS})
"""Where a step's own `foreach` has an item: each child has it."""
OF_ITERATION = frozenset({Place.STEP, Place.UNTIL, Place.GROUP_OUTPUTS})
"""Where a step's own `repeat` has an iteration."""

ROOTS: Mapping[str, Root] = {
    root.name: root
    for root in (
        Root("inputs", "the workflow's inputs: `inputs.NAME`", _EVERYWHERE),
        Root("steps", "other steps: `steps.ID.output`, `.status`, `.error`, `.children[i]`", _RUNNING),
        Root(
            "item",
            "the element of a `foreach` that this child works on; `as` renames it",
            _IN_STEPS,
            only_in_foreach=True,
            why_not="it exists only inside a step with `foreach`",
        ),
        Root(
            "index",
            "the child's position in its `foreach`, from 0",
            _IN_STEPS,
            only_in_foreach=True,
            why_not="it exists only inside a step with `foreach`",
        ),
        Root(
            "iteration",
            "which repetition of a `repeat` this is, from 0",
            _IN_STEPS,
            only_in_repeat=True,
            why_not="it exists only inside a step with `repeat`",
        ),
        Root(
            "previous",
            "of a `repeat`: `previous.ID` is the output of a step in the repetition before; missing in the first",
            _IN_STEPS,
            only_in_repeat=True,
            why_not="it exists only inside a step with `repeat`",
        ),
        Root(
            "secrets",
            "secrets that the step lists under `secrets`: `secrets.NAME`",
            frozenset({Place.STEP}),
            why_not="it can be read only in `env`, `http` and `with` of a step that lists the name under `secrets`",
        ),
        Root("env", "environment variables: `env.NAME`", _RUNNING),
        Root(
            "run",
            "this run",
            _EVERYWHERE,
            fields={
                "id": "the run's id",
                "workflow": "the workflow's name",
                "status": "how it went: `succeeded`, `failed` or `cancelled`; only in `finally` and `on_failure`",
                "error": "how it failed: {kind, message}, missing when it did not; only in `finally` and `on_failure`",
            },
        ),
        Root("project", "this project", _EVERYWHERE, fields={"name": "the project's name"}),
    )
}

STEP_FIELDS: Mapping[str, str] = {
    "output": "what the step made; missing when it was skipped or failed",
    "status": "`succeeded`, `failed`, `skipped` or `cancelled`",
    "error": "how it failed: {kind, message}; missing when it did not",
    "children": "of a `foreach`: a list of {status, output, error}",
}

OPTIONAL_STEP_FIELDS = frozenset({"status", "error"})
"""Reading these only waits for the step; it does not need the step to have succeeded."""

SETTLED_RUN_FIELDS = frozenset({"status", "error"})
"""Fields of `run` that are there once the main steps have settled."""

FOREIGN_ROOTS: Mapping[str, str] = {
    "input": "inputs",
    "step": "steps",
    "vars": "inputs",
    "params": "inputs",
    "needs": "steps",
    "github": "env",
    "tasks": "steps",
    "outputs": "steps",
    "null": "none",
    "true": "true",
    "false": "false",
    "nil": "none",
    "undefined": "none",
}


@functools.cache
def names_at(place: Place, *, items: tuple[str, ...] = (), repeated: bool = False) -> tuple[str, ...]:
    """The names that can be read at `place`, in the order of the table.

    `items` are the names that the `foreach`es around give their elements; `repeated`: there is a `repeat` around.
    """
    names: list[str] = []
    for root in ROOTS.values():
        if place not in root.places or (root.only_in_foreach and not items) or (root.only_in_repeat and not repeated):
            continue
        names += items if root.name == "item" else [root.name]
    return tuple(dict.fromkeys(names))
