"""Whether facts can hold together, given the values that can be there at all."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from agentflow_cli.domain.json_value import Json
from agentflow_cli.language.compiler.control_flow.conditions import Alternative, Alternatives, Fact, ValueKey, key_of
from agentflow_cli.language.expressions import syntax as s


class Bounds(NamedTuple):
    """Of a number that a schema bounds: relations to numbers, as in `Fact`."""

    limits: tuple[tuple[str, float], ...]
    whole: bool


Domain: TypeAlias = Callable[[s.Node], "Sequence[Json] | Bounds | None"]
"""All values that an expression can have, or between which they lie; None when neither is known."""

_SIZES = ("length",)
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def possible(alternatives: Alternatives, domain: Domain) -> bool:
    """Whether a condition with these alternatives can be true."""
    return any(consistent(alternative, domain) for alternative in alternatives)


def consistent(alternative: Alternative, domain: Domain) -> bool:
    """Whether facts can hold together."""
    return conflict(alternative, domain) is None


def conflict(alternative: Iterable[Fact], domain: Domain) -> list[Fact] | None:
    """The facts about one value that cannot hold together; None when all can."""
    by_subject: dict[str, list[Fact]] = {}
    for fact in alternative:
        by_subject.setdefault(fact.subject, []).append(fact)
    for facts in by_subject.values():
        if not _can_hold(facts, domain):
            return sorted(facts, key=lambda fact: fact.node.start)
    return None


def _can_hold(facts: list[Fact], domain: Domain) -> bool:
    """Whether facts about one value can hold together. What a chain can never be is told by its type, a name is not."""
    node = facts[0].node
    typed = not isinstance(node, s.Name)
    if typed and len(facts) == 1 and facts[0].relation == "in" and facts[0].values[:1] and not _numbers(facts[0]):
        return True
    listed = domain(node)
    if isinstance(listed, Bounds):
        return _between(facts, listed)
    options: set[ValueKey] | None = None if listed is None else {key_of(value) for value in listed}
    if options is not None and typed and any(
        fact.relation in ("in", "not in") and not options.issuperset(fact.values) for fact in facts
    ):  # fmt: skip
        return True  # compared with what it can never be: that is another finding
    for fact in facts:
        if fact.relation == "in":
            options = set(fact.values) if options is None else options & set(fact.values)
    excluded = {value for fact in facts if fact.relation == "not in" for value in fact.values}
    bounds = [(fact.relation, fact.values[0][1]) for fact in facts if fact.relation not in ("in", "not in")]
    if isinstance(node, s.Filter) and node.name in _SIZES:
        bounds.append((">=", 0))
    if options is not None:
        return any(_within(value, bounds) for value in options - excluded)
    return _range_is_open(bounds, isinstance(node, s.Filter) and node.name in _SIZES)


def _numbers(fact: Fact) -> bool:
    return all(kind == "number" for kind, _ in fact.values)


def _between(facts: list[Fact], bounded: Bounds) -> bool:
    """Whether facts about a number can hold within its bounds. What is no number is another finding."""
    limits: list[tuple[str, Any]] = [*bounded.limits]
    options: set[ValueKey] | None = None
    for fact in facts:
        if not _numbers(fact):
            return True
        if fact.relation == "in":
            options = set(fact.values) if options is None else options & set(fact.values)
        elif fact.relation != "not in":
            limits.append((fact.relation, fact.values[0][1]))
    if options is None:
        return _range_is_open(limits, bounded.whole)
    excluded = {value for fact in facts if fact.relation == "not in" for value in fact.values}
    return any(_within(value, limits) for value in options - excluded)


def _within(value: ValueKey, bounds: list[tuple[str, Any]]) -> bool:
    number: Any = value[1]
    if bounds and value[0] != "number":
        return False
    return all(_COMPARE[relation](number, bound) for relation, bound in bounds)


def _range_is_open(bounds: list[tuple[str, Any]], whole: bool) -> bool:
    """Whether a number lies within the bounds; `whole`: a whole number."""
    lows = [(bound, relation == ">") for relation, bound in bounds if relation in (">", ">=")]
    highs = [(bound, relation == "<") for relation, bound in bounds if relation in ("<", "<=")]
    if not lows or not highs:
        return True
    low, above = max(lows)
    high, below = min(highs, key=lambda limit: (limit[0], not limit[1]))
    if whole:
        least = low // 1 + 1 if above or low % 1 else low
        most = -(-high // 1) - 1 if below or high % 1 else high
        return bool(least <= most)
    return bool(low < high or (low == high and not above and not below))
