"""Which names an expression may read, and where. One table for the checks, the docs and the editor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Place(Enum):
    """Where an expression stands."""

    STEP = "a step's values"
    WHEN = "`when`"
    FOREACH = "`foreach`"
    OUTPUTS = "the workflow's outputs"


@dataclass(frozen=True, slots=True)
class Root:
    """A name at the beginning of a chain. `fields` lists what can follow when that is fixed."""

    name: str
    summary: str
    places: frozenset[Place]
    only_in_foreach: bool = False
    fields: Mapping[str, str] | None = None
    why_not: str = ""
    """What to say where it cannot be read."""


_EVERYWHERE = frozenset(Place)
_CHILD = frozenset({Place.STEP})

ROOTS: Mapping[str, Root] = {
    root.name: root
    for root in (
        Root("inputs", "the workflow's inputs: `inputs.NAME`", _EVERYWHERE),
        Root("steps", "other steps: `steps.ID.output`, `.status`, `.error`, `.children[i]`", _EVERYWHERE),
        Root(
            "item",
            "the element of a `foreach` that this child works on; `as` renames it",
            _CHILD,
            only_in_foreach=True,
            why_not="it exists only inside a step with `foreach`",
        ),
        Root(
            "index",
            "the child's position in its `foreach`, from 0",
            _CHILD,
            only_in_foreach=True,
            why_not="it exists only inside a step with `foreach`",
        ),
        Root("env", "environment variables: `env.NAME`", _EVERYWHERE),
        Root("run", "this run", _EVERYWHERE, fields={"id": "the run's id", "workflow": "the workflow's name"}),
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

LATER_ROOTS: Mapping[str, str] = {
    "iteration": "`repeat` is not in this version yet",
    "previous": "`repeat` is not in this version yet",
    "secrets": "`secrets` are not in this version yet; a step's command sees `env.NAME`",
}

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
    "nil": "none",
    "undefined": "none",
}


def names_at(place: Place, *, in_foreach: bool, as_name: str = "item") -> list[str]:
    """The names that can be read at `place`, in the order of the table; `item` under the name that `as` gives it."""
    names = [root.name for root in ROOTS.values() if place in root.places and (in_foreach or not root.only_in_foreach)]
    return list(dict.fromkeys(as_name if name == "item" else name for name in names))
