"""Comparisons as types see them: those that can only fail, and those that can only go one way."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from agentflow_cli.domain.json_value import Json
from agentflow_cli.foundation.closest import closest
from agentflow_cli.language.expressions import syntax as s
from agentflow_cli.language.expressions.operators import SYMBOLS
from agentflow_cli.language.expressions.types.lattice import (
    NUMERIC,
    Array,
    Object,
    Scalar,
    Type,
    described,
    kinds,
    may_be,
    options,
    union,
)
from agentflow_cli.language.expressions.types.operators import never_equal, ordered

_SHOWN = 12

Report = Callable[..., None]
"""(code, message, start, end, label, help)"""


class Operand(NamedTuple):
    """One side. `node` is None where it has no text of its own: the elements that `select` tests."""

    type: Type
    node: s.Node | None
    text: str
    """For messages: `` `inputs.kind` ``, or `an element`."""
    parts: tuple[Type, ...] = ()
    """The types of the elements of a list that stands in the expression, one by one."""

    @property
    def start(self) -> int:
        return self.node.start if self.node is not None else 0

    @property
    def end(self) -> int:
        return self.node.end if self.node is not None else 0


def check_comparison(operator: str, left: Operand, right: Operand, start: int, end: int, report: Report) -> None:
    """Report what is wrong with `left operator right`, which stands at [start, end)."""
    if operator in ("eq", "ne"):
        _check_equality(left, right, start, end, report, operator == "ne")
    elif operator in ("in", "notin"):
        _check_membership(left, right, start, end, report, operator == "notin")
    elif not ordered(left.type, right.type):
        help = None
        if kinds(left.type) | kinds(right.type) <= NUMERIC | {"string"}:
            help = "cast one, for example with `| int`"
        report("AF431", f"`{SYMBOLS[operator]}` cannot order {described(left.type)} and {described(right.type)}",
               start, end, "only two numbers or two strings have an order", help)  # fmt: skip


def _check_equality(left: Operand, right: Operand, start: int, end: int, report: Report, negated: bool) -> None:
    if _is_defensive(left, right) or not never_equal(left.type, right.type):
        return
    always = "true" if negated else "false"
    for side, other in ((right, left), (left, right)):
        value = _one_value(side)
        if value is None or side.node is None:
            continue
        values = _values_of(other.type, value[0])
        if values:
            report("AF432", f"{other.text} is never {_quoted(value[0])}", side.node.start, side.node.end,
                   "not one of its values", _suggestion(value[0], values), _texts(values))  # fmt: skip
            return
    if _share_a_kind(left.type, right.type):
        report("AF432", "these two have no value in common", start, end, f"always {always}",
               f"one is {_listed(_all_values(left.type))}, the other {_listed(_all_values(right.type))}")  # fmt: skip
        return
    report("AF433", f"{described(left.type)} is never equal to {described(right.type)}", start, end,
           f"always {always}", _other_type(left, right))  # fmt: skip


def _check_membership(left: Operand, right: Operand, start: int, end: int, report: Report, negated: bool) -> None:
    if not may_be(right.type, ("string", "array", "object")):
        label = "`in` needs an array, a text or an object"
        report("AF431", f"nothing can be in {described(right.type)}", start, end, label)
        return
    if isinstance(right.node, s.ListOf):
        for item, found in zip(right.node.items, right.parts, strict=True):
            _check_equality(left, Operand(found, item, "an element"), item.start, item.end, report, negated)
        return
    if any(_may_contain(container, left) for container in options(right.type)):
        return
    always = "true" if negated else "false"
    containers = [option for option in options(right.type) if isinstance(option, Array)]
    if containers and len(containers) == len(options(right.type)):
        items = union(*(container.items for container in containers))
        value, node = _one_value(left), left.node
        values = _values_of(items, value[0]) if value is not None else []
        if value is not None and node is not None and values:
            report("AF432", f"no element of {right.text} is ever {_quoted(value[0])}", node.start, node.end,
                   "not one of its values", _suggestion(value[0], values), _texts(values))  # fmt: skip
        elif not _is_defensive(left, Operand(items, None, "")):
            report("AF433", f"{described(left.type)} is never in an array of which each element is {described(items)}",
                   start, end, f"always {always}")  # fmt: skip
    elif all(option.kind == "string" for option in options(right.type)):
        report("AF431", f"only a string can be in a string, not {described(left.type)}", start, end)
    else:
        report("AF433", f"{described(left.type)} is never in {described(right.type)}", start, end, f"always {always}")


def _may_contain(container: Type, value: Operand) -> bool:
    match container:
        case Array(items=items):
            return not never_equal(value.type, items)
        case Object() | Scalar(kind="string"):
            return may_be(value.type, ("string",))
    return container.kind == "any"


def _is_defensive(left: Operand, right: Operand) -> bool:
    """A comparison with null never surprises anybody, and two constants are there on purpose."""
    literals = [side.node for side in (left, right) if isinstance(side.node, s.Literal)]
    return len(literals) == 2 or any(literal.value is None for literal in literals)


def _one_value(side: Operand) -> tuple[Json] | None:
    """The only value that it has, where it is a text, a number or a boolean that stands in the expression."""
    found = side.type
    literal = isinstance(side.node, s.Literal | s.Negate)
    if literal and isinstance(found, Scalar) and found.values is not None and len(found.values) == 1:
        return (next(iter(found.values)),)
    return None


def _values_of(found: Type, like: Json) -> list[Json]:
    """The values that `found` can have which are of the type of `like`; none when they are not all known."""
    numeric = isinstance(like, (int, float)) and not isinstance(like, bool)
    wanted = NUMERIC if numeric else {"boolean" if isinstance(like, bool) else "string"}
    values: list[Json] = []
    for option in options(found):
        if isinstance(option, Scalar) and option.kind in wanted:
            if option.values is None:
                return []
            values.extend(option.values)
    return values


def _all_values(found: Type) -> list[Json]:
    return [value for option in options(found) if isinstance(option, Scalar) for value in option.values or ()]


def _share_a_kind(left: Type, right: Type) -> bool:
    one, other = kinds(left), kinds(right)
    return bool(one & other - {"null"}) or (bool(one & NUMERIC) and bool(other & NUMERIC))


def _quoted(value: Json) -> str:
    if isinstance(value, str):
        return f"`'{value[:60]}{'…' if len(value) > 60 else ''}'`"
    return f"`{'true' if value is True else 'false' if value is False else value}`"


def _listed(values: list[Json]) -> str:
    return ", ".join(map(_quoted, values[:_SHOWN])) + (", …" if len(values) > _SHOWN else "")


def _texts(values: list[Json]) -> list[str]:
    return [known for known in values if isinstance(known, str)]


def _suggestion(value: Json, values: list[Json]) -> str:
    near = closest(value, _texts(values)) if isinstance(value, str) else None
    listed = f"its values: {_listed(values)}"
    return f"did you mean {_quoted(near)}? {listed}" if near is not None else listed


def _other_type(left: Operand, right: Operand) -> str | None:
    """`'5'` beside a number was meant as `5`."""
    for side, other in ((left, right), (right, left)):
        value = _one_value(side)
        if value is None:
            continue
        written = value[0]
        if isinstance(written, str):
            if kinds(other.type) <= NUMERIC and written.strip().lstrip("-").replace(".", "", 1).isdecimal():
                return f"`'{written}'` is text: write `{written.strip()}`"
            if kinds(other.type) == {"boolean"}:
                known = written.strip().lower()
                return f"`'{written}'` is text: write `{known if known in ('true', 'false') else 'true'}`"
        elif kinds(other.type) == {"string"} and not isinstance(written, bool):
            return f"to compare with text write `'{written}'`; to compare as a number, cast the other with `| int`"
    return None
