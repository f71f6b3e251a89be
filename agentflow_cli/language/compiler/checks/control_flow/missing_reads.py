"""Reads that fail when a step was skipped, where nothing else follows from its being skipped.

A step that reads a skipped one is skipped too, which is how branches are written. The outputs of a workflow or group,
`until`, and the steps after the end of the run are evaluated in any case.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics, Severity
from agentflow_cli.domain.statuses import SETTLED
from agentflow_cli.domain.workflow import Step
from agentflow_cli.language.compiler.blocks import StepBlock
from agentflow_cli.language.compiler.control_flow.certain_reads import certain_reads
from agentflow_cli.language.compiler.control_flow.conditions import Alternatives, Fact, TooManyError, both, key_of
from agentflow_cli.language.compiler.control_flow.contradictions import possible
from agentflow_cli.language.compiler.control_flow.flow import Flow
from agentflow_cli.language.compiler.control_flow.presence import Presence
from agentflow_cli.language.compiler.control_flow.reachability import Reach, Reachability
from agentflow_cli.language.compiler.control_flow.status_facts import status_facts
from agentflow_cli.language.compiler.dependencies import guards_of
from agentflow_cli.language.compiler.sites import Site
from agentflow_cli.language.expressions import syntax as s
from agentflow_cli.language.expressions.problem import ExpressionErrors
from agentflow_cli.language.expressions.references import Reference
from agentflow_cli.language.expressions.scope import Place
from agentflow_cli.language.expressions.template import compile_bare

_NOT_WELL = tuple(sorted(SETTLED - {"succeeded"}))
_FAILS = {
    Place.OUTPUTS: "then the run fails",
    Place.GROUP_OUTPUTS: "then the group fails",
    Place.UNTIL: "then the step fails",
}


def check_missing_reads(
    flow: Flow, reachability: Reachability, sites: Iterable[Site], diagnostics: Diagnostics
) -> None:
    """Report required reads of what may be missing; nothing where what decides may be a step of a wrong shape, or a
    condition that cannot be read."""
    if not all(_is_understood(step) for block in flow.blocks for step in block.steps.values()):
        return
    presence = Presence(flow)
    for site in sites:
        late = site.block is not None and site.block.section != "steps"
        if site.place in _FAILS or late:
            told: set[str | None] = set()
            for reference in certain_reads(site):
                found = [] if reference.step in told else list(_check(reachability, presence, flow, site, reference))
                told.update([reference.step] if found else [])
                diagnostics.extend(found)


def _is_understood(step: Step) -> bool:
    if step.whole and step.when is not None and isinstance(step.when.value, str):
        try:
            compile_bare(step.when.value)
        except ExpressionErrors:
            return False
    return step.whole


def _check(
    reachability: Reachability, presence: Presence, flow: Flow, site: Site, reference: Reference
) -> Iterator[Diagnostic]:
    block, name = site.block, reference.step
    found = None if block is None or name is None else block.find(name)
    if block is None or found is None or len(reference.path) < 2 or not found[0].whole:
        return
    step, home = found
    after_end = block.section != "steps" and step.path[0] == "steps"
    if step is site.step or reference.path[1] != "output" or reachability.of(step).never:
        return
    if after_end:
        reason = _after_end(reachability, presence, flow, site, block, step)
        fails = "then this step fails"
    elif site.place in _FAILS and home is block and (site.step is None or site.step is block.group):
        reason, fails = presence.absence(step), _FAILS[site.place]
    else:
        return
    if reason is not None:
        chain = ".".join(map(str, ("steps", *reference.path[:2])))
        yield Diagnostic("AF507", f"`{chain}` is missing when {reason}", site.span(reference.start, reference.end),
                         Severity.WARNING, fails, f"give a fall-back: `{chain} | default(…)`")  # fmt: skip


def _after_end(
    reachability: Reachability, presence: Presence, flow: Flow, site: Site, block: StepBlock, step: Step
) -> str | None:
    """Why a main step may have no output when a step of `finally` or `on_failure` runs."""
    reader = site.step
    if reader is None or reader.on_error.action != "fail" or step.id in guards_of(reader) or _cannot_fail(step):
        return None
    groups = list(block.groups())
    if any(step.id in guards_of(group) for group in groups):
        return None
    conditions = _conditions(reachability.of(reader), with_own=site.field != "when")
    if not _may_be(conditions, (status_facts(step.id, _NOT_WELL),), flow, block):
        return None
    ended = s.Access(0, 0, s.Name(0, 0, "run"), (s.Key(0, 0, "status"),))
    badly = frozenset({Fact("run.status", "in", (key_of("failed"), key_of("cancelled")), ended)})
    if not _may_be(conditions, (badly,), flow, block):
        return presence.absence(step)
    return f"the run has ended before `{step.id}` succeeded"


def _conditions(reach: Reach, with_own: bool) -> list[Alternatives]:
    """What must have been true where a step is evaluated; without its own condition, where that is read."""
    facts = {fact for said in reach.said.values() for fact, condition in said.items() if condition is not reach.own}
    choices = [choice.alternatives for choice in reach.choices.values() if choice is not reach.own]
    own = [reach.own.alternatives] if reach.own is not None and with_own else []
    return [(frozenset(facts),), *choices, *own]


def _may_be(conditions: Sequence[Alternatives], facts: Alternatives, flow: Flow, block: StepBlock) -> bool:
    try:
        together = functools.reduce(both, conditions, facts)
    except TooManyError:
        return False
    return possible(together, functools.partial(flow.values, block=block))


def _cannot_fail(step: Step) -> bool:
    """A `set` of constants waits for nothing."""
    return step.kind == "set" and step.when is None and "${{" not in str(step.templates["set"].value)
