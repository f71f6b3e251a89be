"""`steps.review.output.score`, `inputs.topic | upper`: what most expressions are, read without a parser.

The tree is the one that the parser would make; a test compares them. It costs a twentieth.
"""

from __future__ import annotations

import re

from agentflow_cli.language.expressions import syntax as s

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_CHAIN = re.compile(rf"[ \t\n]*({_NAME}(?:\.{_NAME}){{0,20}})((?:[ \t\n]*\|[ \t\n]*{_NAME}){{0,8}})[ \t\n]*\Z")
_FILTER = re.compile(rf"\|[ \t\n]*({_NAME})")
WORDS = frozenset(["true", "false", "none", "True", "False", "None", "not", "and", "or", "in", "is", "if", "else"])
"""What has a meaning of its own somewhere in an expression."""


def read_chain(source: str, offset: int) -> s.Node | None:
    """The tree of a chain of fields with filters that take nothing; None when `source` is anything else."""
    found = _CHAIN.match(source)
    if found is None:
        return None
    names = found.group(1).split(".")
    if not WORDS.isdisjoint(names):
        return None
    start = offset + found.start(1)
    end = start + len(names[0])
    node: s.Node = s.Name(start, end, names[0])
    if len(names) > 1:
        keys = []
        for name in names[1:]:
            keys.append(s.Key(end + 1, end + 1 + len(name), name))
            end += 1 + len(name)
        node = s.Access(start, end, node, tuple(keys))
    for piece in _FILTER.finditer(source, found.start(2), found.end(2)):
        name, at, end = piece.group(1), offset + piece.start(1), offset + piece.end(1)
        if name in WORDS:
            return None
        node = s.Filter(start, end, name, at, end, (), (), node)
    return node
