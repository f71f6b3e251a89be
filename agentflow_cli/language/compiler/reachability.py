"""Which conditions must have been true for a step to run: its own, and those of the steps and groups that it needs."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agentflow_cli.domain.workflow import Step
from agentflow_cli.language.compiler.blocks import StepBlock
from agentflow_cli.language.compiler.conditions import Alternatives, Fact, TooManyError, alternatives_of, both
from agentflow_cli.language.compiler.contradictions import Domain, conflict, possible
from agentflow_cli.language.compiler.dependencies import guards_of
from agentflow_cli.language.compiler.flow import Flow
from agentflow_cli.language.compiler.status_facts import status_facts, steps_read

_MOST = 30
"""Conditions of others that are carried from step to step."""
_LOCAL = frozenset({"env", "iteration", "previous", "index"})
"""Names that may mean something else in another step or block."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What must have been true: the `when` of `owner`, or that `owner` has ended well."""

    owner: Step
    alternatives: Alternatives
    success: bool = False


@dataclass(slots=True)
class Reach:
    """What is known of one step: the conditions under which it runs, and why it never does."""

    conditions: tuple[Condition, ...] = ()
    """Its own, those of the steps that it needs, and those of the groups around."""
    never: str = ""
    """Empty; or `own`: its `when` is never true; `clash`: two conditions exclude each other; `fail`: a step that it
    needs always fails; `after`: a step that it needs, or a group around it, never runs."""
    clash: tuple[Condition, ...] = ()
    """Two conditions."""
    facts: tuple[Fact, ...] = ()
    """Facts that exclude each other, where there are two or more to show."""
    needed: str = ""
    """The step that always fails."""


_NOTHING = Reach()


class Reachability:
    """Of all steps of a workflow."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._found: dict[int, Reach] = {}
        self._watched = _watched(flow)
        for block in flow.blocks:
            for step in flow.in_order(block):
                if step.whole:
                    self._found[id(step)] = self._of_step(step, block)

    def of(self, step: Step) -> Reach:
        return self._found.get(id(step), _NOTHING)

    def found(self) -> Iterator[tuple[Step, StepBlock, Reach]]:
        """Every step that was looked at."""
        for step, block in self._flow.steps():
            if id(step) in self._found:
                yield step, block, self._found[id(step)]

    def _of_step(self, step: Step, block: StepBlock) -> Reach:
        reach = Reach()
        around = self.of(block.group) if block.group is not None else _NOTHING
        others = {_identity(condition): condition for condition in around.conditions}
        reach.never = "after" if around.never else ""
        dependencies = self._flow.dependencies[block][step.id]
        for name in (*dependencies.reads, *dependencies.needs, *(guards_of(step) & block.steps.keys())):
            needed = block.steps[name]
            known = self.of(needed)
            if known.never:
                reach.never = reach.never or "after"
            elif name not in dependencies.optional:
                if _always_fails(needed, name in dependencies.reads):
                    reach.never, reach.needed = reach.never or "fail", name
                elif name in self._watched:
                    condition = _success(needed, name in dependencies.reads)
                    others[_identity(condition)] = condition
            others.update((_identity(condition), condition) for condition in known.conditions)
        rest = tuple(others.values())[:_MOST]
        own = _own(step)
        if not reach.never:
            self._judge(reach, own, rest, functools.partial(self._flow.values, block=block))
        reach.conditions = rest if own is None else (own, *rest)[:_MOST]
        return reach

    def _judge(self, reach: Reach, own: Condition | None, others: Sequence[Condition], domain: Domain) -> None:
        if own is not None and not possible(own.alternatives, domain):
            reach.never = "own"
            if len(own.alternatives) == 1:
                reach.facts = tuple(conflict(own.alternatives[0], domain) or ())
            return
        conditions = others if own is None else (own, *others)
        for position, second in enumerate(conditions):
            for first in conditions[:position]:
                if _exclusive(first, second, domain):
                    reach.never, reach.clash = "clash", (first, second)
                    return


def _watched(flow: Flow) -> frozenset[str]:
    """The steps of whose status some `when` makes a difference."""
    conditions = (_own(step) for step, _ in flow.steps())
    return frozenset().union(*(steps_read(own.alternatives) for own in conditions if own is not None))


def _own(step: Step) -> Condition | None:
    if step.when is None or not isinstance(step.when.value, str):
        return None
    alternatives = alternatives_of(step.when.value)
    return None if alternatives is None else Condition(step, alternatives)


def _success(step: Step, read: bool) -> Condition:
    """That `step` has not stood in the way of one that needs it."""
    goes_on = step.on_error.action == "value" or (step.on_error.action == "continue" and not read)
    facts = status_facts(step.id, ["succeeded", "failed"] if goes_on else ["succeeded"])
    return Condition(step, (facts,), success=True)


def _always_fails(step: Step, read: bool) -> bool:
    """Whether a step that needs `step` cannot run, whatever happens."""
    return step.kind == "fail" and (step.on_error.action == "fail" or (read and step.on_error.action == "continue"))


def _identity(condition: Condition) -> tuple[int, bool]:
    return id(condition.owner), condition.success


def _exclusive(first: Condition, second: Condition, domain: Domain) -> bool:
    """Whether two conditions cannot both be true, for values that mean the same for both."""
    one, other = _shared(first.alternatives), _shared(second.alternatives)
    subjects = {fact.subject for alternative in one for fact in alternative}
    if not any(fact.subject in subjects for alternative in other for fact in alternative):
        return False
    try:
        return not possible(both(one, other), domain)
    except TooManyError:
        return False


@functools.lru_cache(maxsize=1024)
def _shared(alternatives: Alternatives) -> Alternatives:
    return tuple(frozenset(fact for fact in alternative if not fact.roots & _LOCAL) for alternative in alternatives)
