"""Which steps of a long plan are shown: those that say most; the others are counted where they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from agentflow_cli.application.usecases.plan import report as r

MOST = 60
"""Steps that are shown."""
_FIRST = 20
"""Of them, those at the beginning, whatever they are."""


@dataclass(frozen=True, slots=True)
class Fold:
    said: str
    """`940 more: 930 set, 10 prompt`."""


def folded(steps: list[r.PlannedStep]) -> list[r.PlannedStep | Fold]:
    """The steps, or the most telling of them with folds between."""
    if len(steps) <= MOST:
        return list(steps)
    order = sorted(range(_FIRST, len(steps)), key=lambda index: (_dullness(steps[index]), index))
    chosen = {*range(_FIRST), *order[: MOST - _FIRST]}
    return list(_between(steps, chosen))


def _between(steps: list[r.PlannedStep], chosen: set[int]) -> Iterator[r.PlannedStep | Fold]:
    hidden: Counter[str] = Counter()
    for index, step in enumerate(steps):
        if index not in chosen:
            hidden[step.kind] += 1
            continue
        if hidden:
            yield _fold(hidden)
            hidden = Counter()
        yield step
    if hidden:
        yield _fold(hidden)


def _fold(hidden: Counter[str]) -> Fold:
    kinds = ", ".join(f"{count} {kind}" for kind, count in hidden.most_common(6))
    return Fold(f"{hidden.total()} more: {kinds}" + (", …" if len(hidden) > 6 else "") + " (-v shows all)")


def _dullness(step: r.PlannedStep) -> int:
    """Small for what a reader looks for."""
    if step.problem is not None or step.verdict == r.ASKS:
        return 0
    if step.verdict == r.CHANGED:
        return 1
    if step.effect or step.agent is not None:
        return 2
    return 3 if step.verdict in (r.CONDITIONAL, r.SKIPPED) or step.model is not None else 4
