"""How much one evaluation may do. Counted, not timed: the same data give the same answer on every machine."""

from __future__ import annotations

from agentflow_cli.domain.json_value import Json
from agentflow_cli.language.expressions.problem import FunctionError, Problem

MAX_TEMPLATE = 1_000_000
"""Characters of a template's source."""
MAX_EXPRESSION = 10_000
"""Characters of one expression's source."""
MAX_BRACKETS = 30
"""Brackets inside brackets in one expression."""
MAX_DEPTH = 100
"""Operations inside operations in one expression, and blocks inside blocks in one template."""
MAX_PIECES = 5_000
"""Expressions and tags of one template."""
MAX_PROBLEMS = 100
"""Mistakes of one template that are told."""
MAX_TEXT = 16_000_000
"""Characters of any text that an expression makes."""
MAX_ELEMENTS = 1_000_000
"""Values in anything that an expression builds."""
MAX_INTEGER_BITS = 1_024
MAX_NUMBER = 1e308
FUEL = 100_000_000
"""Units of work for one evaluation: about a character handled by a filter; an element counts for 20."""
ELEMENT_COST = 20
ITERATION_COST = 50


def too_many_problems(position: int) -> Problem:
    """Said last of a template in which too much is wrong; the rest is not read."""
    message = f"there are more than {MAX_PROBLEMS} mistakes in this text; the rest of it is not read"
    return Problem("AF413", message, position, position + 1)


def check_text_size(characters: int) -> None:
    if characters > MAX_TEXT:
        raise FunctionError(f"the text would have {characters:,} characters; {MAX_TEXT:,} are allowed")


def check_built(value: Json, times: int = 1) -> None:
    """Refuse a built list or object that says more than the caps when written out, however little memory it takes."""
    elements = characters = 0
    waiting = [value]
    while waiting:
        current = waiting.pop()
        elements += 1
        if isinstance(current, str):
            characters += len(current)
        elif isinstance(current, dict):
            waiting.extend(current.values())
            characters += sum(map(len, current))
        elif isinstance(current, (list, tuple)):
            waiting.extend(current)
        if (elements + len(waiting)) * times > MAX_ELEMENTS:
            raise FunctionError(f"the value would hold more than {MAX_ELEMENTS:,} elements")
        if characters * times > MAX_TEXT:
            raise FunctionError(f"the value would hold more than {MAX_TEXT:,} characters of text")


def work(value: Json) -> int:
    """The fuel for handling `value` once, at its top level."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, (list, tuple, dict)):
        return len(value) * ELEMENT_COST
    return 1
