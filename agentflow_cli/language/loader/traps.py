"""Text that YAML reads without complaint as something that its author did not mean."""

from __future__ import annotations

from agentflow_cli.language.loader.nodes import ScalarNode

BARE = frozenset({"when", "foreach"})
"""Keys whose value is an expression without `${{ }}`."""


def quoted(value: str) -> str:
    """`value` as a YAML string in quotes."""
    if '"' not in value and "\\" not in value:
        return f'"{value}"'
    return "'" + value.replace("'", "''") + "'"


def cut_by_comment(text: str, node: ScalarNode, key: str) -> tuple[str, int, int, str, str] | None:
    """What to say when ` #` ended an expression: message, start, end, label, help. None when it did not."""
    rest = text[node.end : _line_end(text, node.end)]
    if not rest.startswith((" ", "\t")) or not rest.lstrip(" \t").startswith("#"):
        return None
    value = node.text
    open_template = value.rfind("${{") > value.rfind("}}")
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
    )


def unquoted_braces(text: str, outer: int, inner: int, in_flow: bool) -> tuple[str, int, int, str, str] | None:
    """What to say about `{{ x }}`, which is a mapping with a mapping as its key: message, start, end, label, help."""
    if inner != outer + 1 or text[outer : inner + 1] != "{{":
        return None
    close = text.find("}}", inner)
    if close < 0 or close > _line_end(text, outer):
        close = _line_end(text, outer) - 2
    template = "${{ " + text[inner + 1 : max(close, inner + 1)].strip() + " }}"
    fix = quoted(template) if in_flow else template
    return (
        "YAML reads `{{` as a mapping, not as an expression",
        outer,
        close + 2,
        "read as a mapping",
        f"write `{fix}`",
    )


def _line_end(text: str, offset: int) -> int:
    ends = [end for end in (text.find("\n", offset), text.find("\r", offset)) if end >= 0]
    return min(ends, default=len(text))
