"""Other text for a part of a scalar, written in the scalar's own style, so that YAML reads exactly that text."""

from __future__ import annotations

import re

from agentflow_cli.language.loader.decoding import raw_range
from agentflow_cli.language.loader.nodes import ScalarNode
from agentflow_cli.language.loader.scalars import resolve_plain
from agentflow_cli.language.loader.traps import quoted

_UNQUOTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
_NOT_PLAIN = re.compile(r"^(?:[-?:](?:\s|$)|[,\[\]{}#&*!|>'\"%@`])|: |:$| #|^\s|\s$|^---|^\.\.\.")
_FLOW_SIGNS = re.compile(r"[,\[\]{}]|:(?=[,\[\]{}])")


def rewritten(
    text: str, node: ScalarNode, start: int, end: int, new: str, in_flow: bool
) -> tuple[int, int, str] | None:
    """What to write so that `new` stands for the decoded characters [start, end) of `node`: the raw range in `text`,
    and what to write there. None where that cannot be told. `in_flow`: whether it stands inside `{…}` or `[…]`.
    """
    found = raw_range(text, node, start, end)
    if found is None or _UNQUOTABLE.search(new):
        return None
    if node.style == "'":
        return (*found, new.replace("'", "''"))
    if node.style == '"':
        return (*found, new.replace("\\", "\\\\").replace('"', '\\"'))
    if node.style in ("|", ">"):
        return (*found, new)
    whole = node.text[:start] + new + node.text[end:]
    if can_be_plain(whole, in_flow):
        return (*found, new)
    if "\n" in text[node.start : node.end]:
        return None
    return node.start, node.end, quoted(whole)


def can_be_plain(value: str, in_flow: bool) -> bool:
    """Whether YAML reads `value`, unquoted and on one line, as this very string."""
    if not value or _NOT_PLAIN.search(value) or (in_flow and _FLOW_SIGNS.search(value)):
        return False
    try:
        return isinstance(resolve_plain(value), str)
    except ValueError:
        return False
