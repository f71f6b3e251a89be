"""Which conditions must have been true for a step to run: its own, and those of the steps and groups that it needs."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from agentflow_cli.domain.workflow import Step
from agentflow_cli.language.compiler.blocks import StepBlock
from agentflow_cli.language.compiler.control_flow.conditions import Alternatives, Fact, alternatives_of
from agentflow_cli.language.compiler.control_flow.contradictions import Domain, conflict, possible
from agentflow_cli.language.compiler.control_flow.flow import Flow
from agentflow_cli.language.compiler.control_flow.status_facts import status_facts, steps_watched
from agentflow_cli.language.compiler.dependencies import guards_of

_MOST = 24
"""Conditions with several alternatives, and values, that are carried from step to step."""
_LOCAL = frozenset({"env", "iteration", "previous", "index"})
"""Names that may mean something else in another step or block."""


class Condition(NamedTuple):
    """What must have been true: the `when` of `owner`, or that `owner` has ended well."""

    owner: Step
    alternatives: Alternatives
    success: bool = False


Said: TypeAlias = "dict[str, dict[Fact, Condition]]"
"""By the value that they are about: facts, each with the condition that says so."""


@dataclass(slots=True)
class Reach:
    """What is known of one step: the conditions under which it runs, and why it never does."""

    own: Condition | None = None
    said: Said = field(default_factory=dict)
    """What its own condition says, those of the steps that it needs, and those of the groups around."""
    choices: dict[int, Condition] = field(default_factory=dict)
    """Conditions that can be true in several ways, by the identity of their owner."""
    never: str = ""
    """Empty; or `own`: its `when` is never true; `clash`: two conditions exclude each other; `fail`: a step that it
    needs always fails; `after`: a step that it needs, or a group around it, never runs."""
    clash: tuple[Condition, ...] = ()
    """Two conditions."""
    needed: str = ""
    """The step that always fails."""


_NOTHING = Reach()


class Reachability:
    """Of all steps of a workflow. What is said of a value that only one condition reads can contradict nothing, and is
    not carried along."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._found: dict[int, Reach] = {}
        self._owned = {id(step): own for step, _ in flow.steps() if (own := _own(step)) is not None}
        self._watched = frozenset().union(*(steps_watched(own.alternatives) for own in self._owned.values()))
        self._shared = _shared_subjects(self._owned.values(), self._watched)
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
        reach = Reach(self._owned.get(id(step)))
        touched: set[str] = set()
        around = self.of(block.group) if block.group is not None else _NOTHING
        reach.never = "after" if around.never else ""
        self._take(reach, around, touched)
        dependencies = self._flow.dependencies[block][step.id]
        for name in (*dependencies.reads, *dependencies.needs, *(guards_of(step) & block.steps.keys())):
            needed = block.steps[name]
            known = self.of(needed)
            if known.never:
                reach.never = reach.never or "after"
            elif needed.whole and name not in dependencies.optional:
                if _always_fails(needed, name in dependencies.reads):
                    reach.never, reach.needed = reach.never or "fail", name
                elif name in self._watched:
                    self._add(reach, success_of(needed, name in dependencies.reads), touched)
            self._take(reach, known, touched)
        if reach.own is not None:
            self._add(reach, reach.own, touched)
        if not reach.never:
            self._judge(reach, touched, functools.partial(self._flow.values, block=block))
        return reach

    def _take(self, reach: Reach, other: Reach, touched: set[str]) -> None:
        """What is known of a step that must have run."""
        for subject, facts in other.said.items():
            self._say(reach, subject, facts, touched)
        for key, choice in other.choices.items():
            if len(reach.choices) < _MOST:
                reach.choices.setdefault(key, choice)

    def _add(self, reach: Reach, condition: Condition, touched: set[str]) -> None:
        if len(condition.alternatives) > 1:
            reach.choices[id(condition.owner)] = condition
            return
        for fact in condition.alternatives[0] if condition.alternatives else ():
            if fact.subject in self._shared:
                self._say(reach, fact.subject, {fact: condition}, touched)

    def _say(self, reach: Reach, subject: str, facts: dict[Fact, Condition], touched: set[str]) -> None:
        """Add facts; what is said of a value is shared between steps until it differs."""
        known = reach.said.get(subject)
        if known is None:
            if len(reach.said) < _MOST:
                reach.said[subject] = facts
        elif known is not facts and not facts.keys() <= known.keys():
            reach.said[subject] = {**known, **facts}
            touched.add(subject)

    def _judge(self, reach: Reach, touched: set[str], domain: Domain) -> None:
        own = reach.own
        if own is not None and not possible(own.alternatives, domain):
            reach.never = "own"
            return
        for subject in sorted(touched):
            facts = reach.said[subject]
            if conflict(facts, domain) is not None:
                reach.never, reach.clash = "clash", _two(facts, domain)
                return
        for choice in reach.choices.values():
            clash = _against(choice, reach.said, domain) if choice is own or touched else None
            if clash is not None:
                reach.never, reach.clash = "clash", (clash, choice)
                return


def _two(facts: dict[Fact, Condition], domain: Domain) -> tuple[Condition, ...]:
    """Two conditions that exclude each other by what they say of one value."""
    pairs = itertools.combinations(facts.items(), 2)
    for (one, first), (other, second) in pairs:
        if first is not second and conflict((one, other), domain) is not None:
            return first, second
    different = list({id(condition): condition for condition in facts.values()}.values())
    return (different[0], different[-1])


def _against(choice: Condition, said: Said, domain: Domain) -> Condition | None:
    """A condition that excludes every alternative of `choice`; None when one of them is left."""
    clash = None
    for alternative in choice.alternatives:
        excluded = None
        for fact in alternative:
            others = said.get(fact.subject)
            if others is not None and not fact.roots & _LOCAL and conflict((fact, *others), domain) is not None:
                excluded = next((c for f, c in others.items() if conflict((fact, f), domain) is not None), None)
                excluded = excluded or next(iter(others.values()))
                break
        if excluded is None or excluded is choice:
            return None
        clash = excluded
    return clash


def _shared_subjects(conditions: Iterable[Condition], watched: frozenset[str]) -> frozenset[str]:
    """The values about which more than one condition says something, and that mean the same for all of them."""
    seen: set[str] = set()
    shared = {f"steps.{name}.{said}" for name in watched for said in ("status", "error is defined")} | {"run.status"}
    for condition in conditions:
        for fact in {fact for alternative in condition.alternatives for fact in alternative}:
            if not fact.roots & _LOCAL:
                (shared if fact.subject in seen else seen).add(fact.subject)
    return frozenset(shared)


def _own(step: Step) -> Condition | None:
    if step.when is None or not isinstance(step.when.value, str):
        return None
    alternatives = alternatives_of(step.when.value)
    return None if alternatives is None else Condition(step, alternatives)


def success_of(step: Step, read: bool) -> Condition:
    """That `step` has not stood in the way of one that needs it."""
    goes_on = step.on_error.action == "value" or (step.on_error.action == "continue" and not read)
    facts = status_facts(step.id, ["succeeded", "failed"] if goes_on else ["succeeded"])
    return Condition(step, (facts,), success=True)


def _always_fails(step: Step, read: bool) -> bool:
    """Whether a step that needs `step` cannot run, whatever happens."""
    return step.kind == "fail" and (step.on_error.action == "fail" or (read and step.on_error.action == "continue"))
