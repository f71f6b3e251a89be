"""What a condition says about the types of what it reads: `x is none`, `x != none`, `x is string`, `and`, `or`, `not`.

A branch that no value of the declared type reaches is left alone: there the value is `ANY`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from agentflow_cli.language.expressions import syntax as s
from agentflow_cli.language.expressions.types.lattice import ANY, ANY_ARRAY, ANY_OBJECT, PLAIN, Type, options, union

if TYPE_CHECKING:
    from agentflow_cli.language.expressions.types.inference import Inference

Chain: TypeAlias = tuple[str | int, ...]
"""A name and the literal links behind it."""
Facts: TypeAlias = dict[Chain, Type]

_TESTED: Mapping[str, tuple[str, ...]] = {
    "none": ("null",),
    "string": ("string",),
    "number": ("integer", "number"),
    "integer": ("integer",),
    "boolean": ("boolean",),
    "mapping": ("object",),
    "sequence": ("array",),
}


def facts_of(inference: Inference, test: s.Node, truth: bool) -> Facts:
    """What is known about chains where `test` has been `truth`."""
    match test:
        case s.Not(value=value):
            return facts_of(inference, value, not truth)
        case s.Logic(operator=operator, left=left, right=right) if (operator == "and") is truth:
            return {**facts_of(inference, left, truth), **facts_of(inference, right, truth)}
        case s.Test(name=name, value=value) if name in _TESTED:
            return _of_kind(inference, value, _TESTED[name], truth)
        case s.Compare(first=first, rest=(("eq" | "ne" as operator, second),)):
            for side, other in ((first, second), (second, first)):
                if isinstance(other, s.Literal) and other.value is None:
                    return _of_kind(inference, side, ("null",), (operator == "eq") is truth)
    return {}


def _of_kind(inference: Inference, node: s.Node, wanted: tuple[str, ...], truth: bool) -> Facts:
    chain = chain_of(node)
    if chain is None:
        return {}
    found = inference.silently(node)
    if truth:
        left = [_narrowed(option, wanted) for option in options(found)]
        kept = [option for option in left if option is not None]
    elif wanted == ("integer",):
        return {}  # a number that is no integer may have its kind all the same
    else:
        kept = [option for option in options(found) if option.kind not in wanted]
    return {chain: union(*kept) if kept else ANY}


def _narrowed(option: Type, wanted: tuple[str, ...]) -> Type | None:
    if option.kind == "any":
        wide = {"object": ANY_OBJECT, "array": ANY_ARRAY}
        return union(*(wide.get(kind, PLAIN[kind]) for kind in wanted))
    if option.kind == "number" and wanted == ("integer",):
        return PLAIN["integer"]
    return option if option.kind in wanted else None


def chain_of(node: s.Node) -> Chain | None:
    """`steps.x.output.y` as a key; None when it is no chain of names alone."""
    if isinstance(node, s.Name):
        return (node.name,)
    if not isinstance(node, s.Access) or not isinstance(node.target, s.Name):
        return None
    links: list[str | int] = []
    for key in node.keys:
        if isinstance(key.value, s.Node):
            return None
        links.append(key.value)
    return (node.target.name, *links)
