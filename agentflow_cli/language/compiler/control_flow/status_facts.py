"""What follows from the status of a step, as facts that a condition can be held against."""

from __future__ import annotations

from collections.abc import Collection

from agentflow_cli.language.compiler.control_flow.conditions import Alternatives, Fact, key_of
from agentflow_cli.language.expressions import syntax as s


def steps_watched(alternatives: Alternatives) -> frozenset[str]:
    """The steps about whose status, error or having an output the facts are."""
    found = set()
    for alternative in alternatives:
        for fact in alternative:
            match fact.node:
                case s.Access(target=s.Name(name="steps"), keys=(s.Key(value=str(name)), s.Key(value="status"))):
                    found.add(name)
                case s.Test(value=s.Access(target=s.Name(name="steps"), keys=(s.Key(value=str(name)), s.Key()))):
                    found.add(name)
    return frozenset(found)


def status_facts(step: str, statuses: Collection[str]) -> frozenset[Fact]:
    """The facts that follow from `step` having one of `statuses`."""

    def chain(field: str) -> s.Node:
        return s.Access(0, 0, s.Name(0, 0, "steps"), (s.Key(0, 0, step), s.Key(0, 0, field)))

    def defined(field: str, value: bool) -> Fact:
        test = s.Test(0, 0, "defined", 0, 0, (), (), chain(field))
        return Fact(f"steps.{step}.{field} is defined", "in", (key_of(value),), test)

    facts = {Fact(f"steps.{step}.status", "in", tuple(map(key_of, statuses)), chain("status"))}
    if "failed" not in statuses:
        facts.add(defined("error", False))
    if tuple(statuses) == ("succeeded",):
        facts.add(defined("output", True))
    if not {"succeeded", "failed"} & set(statuses):
        facts.add(defined("output", False))
    return frozenset(facts)
