"""Circles: a step that waits for one that waits for it."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from tests.diagnostics.mutations.document import Document, Part
from tests.diagnostics.mutations.expressions import expressions
from tests.diagnostics.mutations.judge import Mutation


def make_a_cycle(document: Document, chance: random.Random) -> Iterator[Mutation]:
    """Each step that another one waits for is made to wait for that one, with `needs` or with `when`; or for itself."""
    read = [(found.start, found.text) for found in expressions(document)]
    for step in document.steps():
        assert step.parent is not None
        others = [part for part in document.steps() if part.parent is step.parent and part is not step]
        waiting = [other for other in others if _reads(document, read, other, str(step.name))]
        for other in [*waiting, step]:
            if "needs" not in step.value:
                yield _with(document, step, f"needs: [{other.name}]", str(other.name))
            if "when" not in step.value:
                yield _with(document, step, f"when: steps.{other.name}.status == 'succeeded'", str(other.name))


def _reads(document: Document, read: list[tuple[int, str]], step: Part, name: str) -> bool:
    if name in (step.value.get("needs") or ()):
        return True
    start, end = document.raw(step.node)
    inner = {str(part.name) for part in document.steps() if part.path[: len(step.path)] == step.path}
    texts = [text for at, text in read if start <= at < end]
    return name not in inner and any(re.search(rf"\bsteps\.{name}\b", text) for text in texts)


def _with(document: Document, step: Part, field: str, other: str) -> Mutation:
    start = step.node.start_mark.index
    text = document.text
    if step.node.flow_style:
        text = text[: start + 1] + field + ", " + text[start + 1 :]
    else:
        indentation = " " * step.node.start_mark.column
        text = text[:start] + field + "\n" + indentation + text[start:]
    lines = frozenset({document.line(start)})
    return Mutation("make a cycle", document.valid, text, f"{step.name}: {field}", lines)
