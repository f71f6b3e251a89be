"""Tests of the status of a step that is needed anyway: one outcome never comes, and what is written for it is lost."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics, Secondary, Severity
from agentflow_cli.domain.workflow import Step
from agentflow_cli.language.compiler.blocks import StepBlock
from agentflow_cli.language.compiler.checks.control_flow.reachability import needed_place
from agentflow_cli.language.compiler.control_flow.conditions import (
    Alternatives,
    TooManyError,
    alternatives,
    alternatives_of,
    both,
)
from agentflow_cli.language.compiler.control_flow.contradictions import possible
from agentflow_cli.language.compiler.control_flow.flow import Flow
from agentflow_cli.language.compiler.control_flow.reachability import success_of
from agentflow_cli.language.compiler.sites import Site
from agentflow_cli.language.expressions import syntax as s
from agentflow_cli.language.expressions.calls import walk
from agentflow_cli.language.expressions.problem import ExpressionErrors

_ASKED = re.compile(r"\.(?:status|error)\b")


def check_decided_tests(flow: Flow, sites: Iterable[Site], diagnostics: Diagnostics) -> None:
    """Report each; of those of a `when`, where what is needed may be said once more, one behind which an `or` waits
    for what never comes."""
    asking = [site for site in sites if _ASKED.search(site.text) and site.step is not None]
    blocks = {id(block.steps): block for block in flow.blocks} if asking else {}
    for site in asking:
        for node, name in _tests(site):
            found = _needing(flow, blocks, site, name)
            if found is not None:
                diagnostics.extend(_decided(flow, site, node, name, *found))


def _tests(site: Site) -> Iterator[tuple[s.Node, str]]:
    """The comparisons of a status, and the tests of an error, each with the step."""
    try:
        template = site.compile()
    except ExpressionErrors:
        return
    for expression in _expressions(template.parts):
        turned: dict[int, s.Not] = {}
        for node in walk(expression):
            match node:
                case s.Compare(first=s.Access(target=s.Name(name="steps"), keys=(step, s.Key(value="status")))):
                    yield node, str(step.value)
                case s.Not(value=s.Test() as test):
                    turned[id(test)] = node  # `is not defined`
                case s.Test(
                    name="defined" | "undefined",
                    value=s.Access(target=s.Name(name="steps"), keys=(step, s.Key(value="error"))),
                ):
                    yield turned.get(id(node), node), str(step.value)


def _expressions(body: s.Body) -> Iterator[s.Node]:
    """Those of a text, in its blocks too."""
    for part in body:
        match part:
            case s.If(branches=branches, otherwise=otherwise):
                for test, inner in branches:
                    yield test
                    yield from _expressions(inner)
                yield from _expressions(otherwise)
            case s.For(items=items, body=inner, otherwise=otherwise):
                yield items
                yield from _expressions((*inner, *otherwise))
            case s.Node():
                yield part


def _needing(flow: Flow, blocks: Mapping[int, StepBlock], site: Site, name: str) -> tuple[Step, StepBlock, bool] | None:
    """The step that needs step `name` where `site` stands, itself or a group around it, and whether it reads it."""
    assert site.block is not None
    inside, block = site.step, blocks.get(id(site.block.steps))
    if block is not None and block.group is inside:  # the `outputs` of a group, or its `until`
        inside = None
    while block is not None and name not in block.steps:
        inside, block = block.group, block.around
    if block is None or inside is None or inside.id == name or not block.steps[name].whole:
        return None
    dependencies = flow.dependencies[block][inside.id]
    if name in dependencies.reads or name in dependencies.needs:
        return inside, block, name in dependencies.reads
    return None


def _is_left(flow: Flow, site: Site, known: Alternatives, block: StepBlock) -> bool:
    """Whether the whole condition at `site` can still be true, and nothing in it is negated; that it cannot is
    told by itself."""
    expression, whole = site.compile().expression, alternatives_of(site.text)
    if expression is None or any(isinstance(node, s.Not) for node in walk(expression)):
        return False
    try:
        return whole is not None and possible(both(whole, known), lambda part: flow.values(part, block))
    except TooManyError:
        return False


def _decided(
    flow: Flow, site: Site, node: s.Node, name: str, needing: Step, block: StepBlock, read: bool
) -> Iterator[Diagnostic]:
    known = success_of(block.steps[name], read).alternatives
    try:
        outcomes = [
            truth
            for truth in (True, False)
            if possible(both(alternatives(node, truth), known), lambda part: flow.values(part, block))
        ]
    except TooManyError:
        return
    if len(outcomes) != 1 or (site.field == "when" and (outcomes[0] or not _is_left(flow, site, known, block))):
        return
    place = needed_place(flow, needing, block, name)
    who = f"`{needing.id}`" if needing is site.step else f"the group `{needing.id}` around it"
    help = f"take `{name}` out of `needs`: what reads its status waits for it"
    if read:
        help = f"read the output of `{name}` under `default(…)`, or only `if steps.{name}.status == 'succeeded'`"
    always = f"always {str(outcomes[0]).lower()}"
    message = f"`{site.text[node.start : node.end]}` is {always} here: {who} needs `{name}`"
    yield Diagnostic("AF509", message, site.span(node.start, node.end), Severity.WARNING, always, help,
                     () if place is None else (Secondary(place, "needed here"),))  # fmt: skip
