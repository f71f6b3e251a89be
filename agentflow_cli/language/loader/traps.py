"""Text that YAML reads without complaint as something that its author did not mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from agentflow_cli.diagnostics.fix import Edit, Fix
from agentflow_cli.diagnostics.span import Span
from agentflow_cli.language.loader.nodes import ScalarNode

Edits: TypeAlias = "tuple[tuple[int, int, str], ...]"
"""What to write for which raw characters: (start, end, new)."""

BARE = frozenset({"when", "foreach"})
"""Keys whose value is an expression without `${{ }}`."""


def quoted(value: str) -> str:
    """`value` as a YAML string in quotes."""
    if '"' not in value and "\\" not in value:
        return f'"{value}"'
    return "'" + value.replace("'", "''") + "'"


def cut_by_comment(text: str, node: ScalarNode, key: str) -> tuple[str, int, int, str, str, Edits] | None:
    """What to say when ` #` ended an expression: message, start, end, label, help, edits. None when it did not."""
    if text[node.end : node.end + 1] not in (" ", "\t"):
        return None  # nearly always: the rest of the line is not looked for
    rest = text[node.end : _line_end(text, node.end)]
    if not rest.lstrip(" \t").startswith("#"):
        return None
    value = node.text
    open_template = value.rfind("${{") > value.rfind("}}") and "}}" in rest  # else it is closed nowhere
    if not open_template and not (key in BARE and (value.count("'") % 2 or value.count('"') % 2)):
        return None
    start = node.end + rest.index("#")
    whole = text[node.start : _line_end(text, node.end)].rstrip()
    return (
        "a space and `#` start a comment, so that the expression is cut off here",
        start,
        _line_end(text, node.end),
        "read as a comment",
        f"put the value into quotes: `{key}: {quoted(whole)}`"
        if key
        else f"put the value into quotes: `{quoted(whole)}`",
        ((node.start, node.start + len(whole), quoted(whole)),) if whole.count(" #") == 1 else (),
    )


def unquoted_braces(text: str, outer: int, inner: int, in_flow: bool) -> tuple[str, int, int, str, str, Edits] | None:
    """What to say about `{{ x }}`, which is a mapping with a mapping as its key: message, start, end, label, help,
    edits."""
    if inner != outer + 1 or text[outer : inner + 1] != "{{":
        return None
    close = text.find("}}", inner)
    closed = 0 <= close < _line_end(text, outer)
    if not closed:
        close = _line_end(text, outer) - 2
    template = "${{ " + text[inner + 1 : max(close, inner + 1)].strip() + " }}"
    fix = quoted(template) if in_flow else template
    return (
        "YAML reads `{{` as a mapping, not as an expression",
        outer,
        close + 2,
        "read as a mapping",
        f"write `{fix}`",
        ((outer, close + 2, fix),) if closed else (),
    )


def negation(key: ScalarNode | None, text: str, start: int, end: int) -> Edits:
    """The edit that makes `not x` of `!x` in a condition; none where more follows on the line."""
    written, rest = text[start + 1 : end], text[end : _line_end(text, end)].strip()
    if key is None or key.text not in ("when", "until") or (rest and not rest.startswith("#")):
        return ()
    return ((start, end, f"not {written}"),) if all(part.isidentifier() for part in written.split(".")) else ()


def fix_of(text: str, edits: Edits, span: Callable[[int, int], Span]) -> Fix | None:
    """The fix that makes `edits`, of raw characters of `text`; None when there are none."""
    if not edits:
        return None
    return Fix(f"write `{edits[0][2]}`", tuple(Edit(span(a, b), text[a:b], new) for a, b, new in edits))


def _line_end(text: str, offset: int) -> int:
    ends = [end for end in (text.find("\n", offset), text.find("\r", offset)) if end >= 0]
    return min(ends, default=len(text))
