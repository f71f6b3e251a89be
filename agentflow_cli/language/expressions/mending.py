"""What other languages would write, written in this one: the edits, where the meaning is certain to stay."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from agentflow_cli.language.expressions import syntax as s

Edit = tuple[int, int, str]
Parse = Callable[[str], "s.Node | None"]
"""The tree of a source string, None when it is no expression."""

_OPERATORS = {"&&": "and", "||": "or", "!": "not", "===": "==", "!==": "!=", "=": "=="}
_WRAPPED = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)


def operators_of_others(source: str, found: Sequence[tuple[int, str]], parse: Parse) -> list[Edit] | None:
    """The edits, in the order of `found` (offset, operator), or None where the operator may have meant something else.

    `a || 'b'` picks a value in other languages, and `!a == b` negates `a` alone: these are for a person.
    """
    edits = []
    for at, sign in found:
        word = _OPERATORS.get(sign)
        if word is None:
            return None
        end = at + len(sign)
        if word.isalpha():
            while sign == "!" and end < len(source) and source[end] in " \t":
                end += 1
            before = " " if sign != "!" and at > 0 and not source[at - 1].isspace() else ""
            after = " " if sign == "!" or (end < len(source) and not source[end].isspace()) else ""
            word = before + word + after
        edits.append((at, end, word))
    mended = apply(source, edits)
    node = parse(mended)
    return edits if node is not None and _is_logical(node, mended) else None


def _is_logical(node: s.Node, source: str) -> bool:
    """Whether `and`, `or` and `not` join what can be true or false, and `not` reaches no further than `!` would."""
    from agentflow_cli.language.expressions.calls import walk

    for inner in walk(node):
        if isinstance(inner, s.Logic) and not (_may_be_boolean(inner.left) and _may_be_boolean(inner.right)):
            return False
        if isinstance(inner, s.Not) and not isinstance(inner.value, s.Name | s.Access | s.Call | s.Not):
            operand = source[inner.start : inner.value.start]
            if "(" not in operand and not source[inner.start + 3 :].lstrip().startswith("("):
                return False
    return True


def _may_be_boolean(node: s.Node) -> bool:
    if isinstance(node, s.Literal):
        return isinstance(node.value, bool)
    return not isinstance(node, s.ListOf | s.DictOf | s.Concat | s.Binary | s.Negate)


def without_braces(text: str, parse: Parse) -> list[Edit] | None:
    """The edits that take `${{ }}` away around parts of a bare expression; None where the parts are not simple."""
    edits: list[Edit] = []
    for found in _WRAPPED.finditer(text):
        node = parse(found.group(1))
        if node is None or not isinstance(node, s.Name | s.Access | s.Call | s.Literal):
            return None
        inner = found.group(1)
        start = found.start(1) + len(inner) - len(inner.lstrip())
        end = found.end(1) - (len(inner) - len(inner.rstrip()))
        edits += [(found.start(), start, ""), (end, found.end(), "")]
    mended = apply(text, edits)
    if not edits or "${{" in mended or "}}" in mended or parse(mended) is None:
        return None
    quoted = any(text[: found.start()].count(quote) % 2 for found in _WRAPPED.finditer(text) for quote in "'\"")
    return None if quoted else edits


def apply(text: str, edits: Sequence[Edit]) -> str:
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text
