"""Templates and expressions that are no longer whole."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from tests.diagnostics.mutations.document import Document
from tests.diagnostics.mutations.expressions import Expression, expressions
from tests.diagnostics.mutations.judge import Mutation

_CHANGES: tuple[tuple[str, str], ...] = (
    (r"\}\}$", ""),
    (r"\}\}$", "}"),
    (r"^\$\{\{", "$ {{"),
    (r"^\$\{\{", "{{"),
    (r"^\$\{\{.*\}\}$", "${{ }}"),
    (r"^\$\{\{", "${{ ("),
    (r" \}\}$", " + }}"),
    (r" \}\}$", " | }}"),
    (r"\)(?=[^)]*$)", ""),
    (r"\(", ""),
    (r"'(?=[^']*$)", ""),
    (r" and ", " && "),
    (r" or ", " || "),
    (r"\bnot ", "!"),
    (r" == ", " = "),
    (r" == ", " === "),
    (r" \| ", " || "),
    (r"\.", ".."),
    (r"%\}$", "}"),
    (r"^\{%", "{"),
    (r"^\{% *(?:if|for|endif|endfor|else|elif)\b", "{% foo"),
    (r"^\{% *end\w+ *%\}", ""),
    (r"^\{% *(?:if|for)\b.*%\}", ""),
)
_OPEN = re.compile(r"\{%-? *(if|for|endif|endfor)\b")


def break_a_template(document: Document, chance: random.Random) -> Iterator[Mutation]:
    """The right lines are those of the expression, and for a block those of its beginning and its end."""
    for expression in expressions(document):
        for pattern, new in _CHANGES:
            match = re.search(pattern, expression.raw if "'" in pattern else expression.text, re.S)
            if match is None:
                continue
            start = expression.start + match.start()
            text = document.text[:start] + new + document.text[start + len(match[0]) :]
            first = document.line(expression.start)
            last = document.line(expression.start + len(expression.raw) - 1)
            lines = {*range(first, last + 1), *_partners(document, expression)}
            what = f"{expression.raw[:60]!r}: {match[0][:20]!r} → {new!r}"
            yield Mutation("break a template", document.valid, text, what, frozenset(lines))


def _partners(document: Document, expression: Expression) -> Iterator[int]:
    """The lines of the blocks in the same text, of which one may now lack its other half."""
    if expression.raw.startswith("{%"):
        start, end = document.raw(expression.part.node)
        for match in _OPEN.finditer(document.text, start, end):
            yield document.line(match.start())
