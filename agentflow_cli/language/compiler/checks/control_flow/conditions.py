"""Conditions that are always true, or never: they say something else than what their author meant."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics, Severity
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.workflow import Located, Step
from agentflow_cli.language.compiler.blocks import StepBlock
from agentflow_cli.language.compiler.control_flow.conditions import Alternatives, alternatives_of
from agentflow_cli.language.compiler.control_flow.contradictions import Bounds, Domain, conflict, possible
from agentflow_cli.language.compiler.control_flow.flow import Flow
from agentflow_cli.language.expressions.syntax import Name, Node

_OUTCOME = {
    ("when", False): "the step never runs",
    ("when", True): "the step runs in any case",
    ("until", False): "it is repeated `max` times",
    ("until", True): "it is never repeated",
}
_MOST_ROUNDS = 200
"""Of more repetitions no list is made."""
_PLAIN = {True: "true", False: "false"}
"""Written on purpose: a step that is switched on or off by hand."""


def check_conditions(flow: Flow, diagnostics: Diagnostics) -> None:
    """Report each `when` and `until` whose outcome is known before anything runs."""
    for step, block in flow.steps():
        if step.when is not None:
            diagnostics.extend(_check(flow, step, block, step.when, "when"))
        if step.repeat is not None and step.repeat.until is not None:
            inside = block.inner(step) if step.kind == "steps" else block
            diagnostics.extend(_check(flow, step, inside, step.repeat.until, "until"))


def _check(flow: Flow, step: Step, block: StepBlock, located: Located, field: str) -> Iterator[Diagnostic]:
    repeat = step.repeat
    text = _PLAIN.get(located.value, located.value) if isinstance(located.value, bool) else located.value.strip()
    by_hand = field == "when" or (repeat is not None and repeat.on_max == "continue" and text == "false")
    if by_hand and text in _PLAIN.values():
        return
    true, false = alternatives_of(text), alternatives_of(text, False)
    if true is None or false is None:
        return
    domain: Domain = functools.partial(flow.values, block=block)
    if field == "until" and repeat is not None and repeat.max <= _MOST_ROUNDS:
        domain = functools.partial(_in_rounds, rounds=repeat.max, otherwise=domain)
    # That an `or` lists all values of today's `enum` says no more than its author knew; so only logic counts there.
    never, always = not possible(true, domain), not possible(false, _anything)
    if never is always:
        return
    label = _OUTCOME[field, always]
    if field == "until" and never and repeat is not None and repeat.on_max == "fail":
        label += ", and fails then"
    code, word = ("AF501", "never") if never else ("AF502", "always")
    yield Diagnostic(code, f"`{field}` of step `{step.id}` is {word} true",
                     flow.loaded.document.span(located.path), Severity.WARNING,
                     label, _why(true, domain) if never else None)  # fmt: skip


def _in_rounds(node: Node, rounds: int, otherwise: Domain) -> Sequence[Json] | Bounds | None:
    """The values that an expression can have after a repetition."""
    return range(rounds) if isinstance(node, Name) and node.name == "iteration" else otherwise(node)


def _why(alternatives: Alternatives, domain: Domain) -> str | None:
    """The facts that exclude each other, where it is a matter of two."""
    facts = conflict(alternatives[0], domain) if len(alternatives) == 1 else None
    if facts is not None and len(facts) == 1 and isinstance(bounds := domain(facts[0].node), Bounds):
        said = " and ".join(f"`{sign} {number}`" for sign, number in bounds.limits)
        return f"`{facts[0].subject}` is {said}: its schema says so"
    if facts is None or len(facts) != 2:
        return None
    return f"`{facts[0].written}` and `{facts[1].written}` exclude each other"


def _anything(node: Node) -> None:
    return None
