"""The ways in which an expression gets its value: each branch of `A if C else B`, `A | default(B)`, `coalesce(A, B)`.

The type of the whole says what all ways together may give; a way that never fits is wrong even where another fits.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from agentflow_cli.language.expressions import syntax as s
from agentflow_cli.language.expressions.types.facts import facts_of
from agentflow_cli.language.expressions.types.lattice import Type, kinds, may_be, options, union
from agentflow_cli.language.expressions.types.signatures import Kinds

if TYPE_CHECKING:
    from agentflow_cli.language.expressions.types.inference import Inference


def never(inference: Inference, node: s.Node, found: Type, wanted: Kinds) -> Iterator[tuple[s.Node, Type]]:
    """The ways of `node`, which is of the type `found`, that never give one of the kinds `wanted`."""
    if not may_be(found, wanted):
        yield node, found
    elif not kinds(found) <= set(wanted):
        yield from _of_branches(inference, node, wanted)


def _of_branches(inference: Inference, node: s.Node, wanted: Kinds) -> Iterator[tuple[s.Node, Type]]:
    match node:
        case s.Conditional():
            for truth, branch in ((True, node.then), (False, node.otherwise)):
                with inference.given(facts_of(inference, node.test, truth)):
                    yield from never(inference, branch, inference.silently(branch), wanted)
        case s.Filter(name="default"):
            for branch in (node.value, *node.arguments, *(value for _, value in node.keywords)):
                yield from never(inference, branch, inference.silently(branch), wanted)
        case s.Call(name="coalesce"):
            for branch in node.arguments:
                value = inference.silently(branch)
                taken = [option for option in options(value) if option.kind != "null"]  # null is passed over
                if branch is node.arguments[-1] or len(taken) == len(options(value)):
                    yield from never(inference, branch, value, wanted)
                elif taken:
                    yield from never(inference, branch, union(*taken), wanted)
