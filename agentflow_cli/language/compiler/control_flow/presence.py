"""Which steps may be without an output although all has gone well: skipped, or gone on from after a failure."""

from __future__ import annotations

import functools

from agentflow_cli.domain.workflow import Step
from agentflow_cli.language.compiler.blocks import StepBlock
from agentflow_cli.language.compiler.control_flow.conditions import (
    Alternative,
    Alternatives,
    Fact,
    TooManyError,
    alternatives_of,
    both,
)
from agentflow_cli.language.compiler.control_flow.contradictions import possible
from agentflow_cli.language.compiler.control_flow.flow import Flow
from agentflow_cli.language.compiler.control_flow.status_facts import status_facts, steps_watched


class Presence:
    """Of all steps of a workflow, for the case that no step has failed that was not allowed to."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._skipped: dict[int, str] = {}
        self._failed: dict[int, str] = {}
        for block in flow.blocks:
            for step in flow.in_order(block):
                if step.whole:
                    self._look_at(step, block)

    def absence(self, step: Step) -> str | None:
        """Why `step` may have no output, for `it has none when …`; None when it surely has one."""
        return self._skipped.get(id(step)) or self._failed.get(id(step))

    def _look_at(self, step: Step, block: StepBlock) -> None:
        if self._may_be_false(step, block):
            self._skipped[id(step)] = f"the `when` of `{step.id}` is false"
        dependencies = self._flow.dependencies[block][step.id]
        for name in dependencies.needs:
            if reason := self._skipped.get(id(block.steps[name])):
                self._skipped.setdefault(id(step), reason)
        for name in dependencies.reads:
            if reason := self.absence(block.steps[name]):
                self._skipped.setdefault(id(step), reason)
        if step.on_error.action == "continue" and step.foreach is None:
            self._failed[id(step)] = f"`{step.id}` has failed, which `on_error` allows"

    def _may_be_false(self, step: Step, block: StepBlock) -> bool:
        if step.when is None or step.when.value is True:
            return False
        if not isinstance(step.when.value, str):
            return True
        false = alternatives_of(step.when.value, False)
        if false is None:
            return True
        try:
            well = self._all_well(false, block)
            here = both(false, (well,)) if well else false
        except TooManyError:
            return True
        return possible(here, functools.partial(self._flow.values, block=block))

    def _all_well(self, alternatives: Alternatives, block: StepBlock) -> Alternative:
        """What is true of the status of the steps that a condition reads."""
        facts: set[Fact] = set()
        for name in steps_watched(alternatives):
            found = block.find(name)
            if found is None:
                continue
            statuses = ["succeeded"]
            if id(found[0]) in self._skipped:
                statuses.append("skipped")
            if id(found[0]) in self._failed or found[0].on_error.action != "fail":
                statuses.append("failed")
            facts |= status_facts(name, statuses)
        return frozenset(facts)
