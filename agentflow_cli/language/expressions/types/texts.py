"""Filters of text on values that are all known: what `lower` gives of `BUG` or `QUESTION`, and that `int` gives nothing
of `low` or `high`."""

from __future__ import annotations

from agentflow_cli.domain.json_value import Json
from agentflow_cli.language.expressions.evaluate import FAULTS
from agentflow_cli.language.expressions.functions import FILTERS
from agentflow_cli.language.expressions.types.lattice import Scalar, Type, options

_EXACT = frozenset({"lower", "upper", "capitalize", "title", "trim", "slugify", "int", "float", "bool"})
_MOST = 12
"""Values that are looked at one by one."""
_LONGEST = 200
"""Characters of one."""


def made_of(name: str, value: Type) -> list[Json] | None:
    """What `value | name` gives of each text that `value` can be, those that it refuses left out; None where not all
    texts are known. Null, which such filters refuse, is passed over."""
    if name not in _EXACT:
        return None
    texts: list[str] = []
    for option in options(value):
        if option.kind == "null":
            continue
        if option.kind != "string" or not isinstance(option, Scalar) or option.values is None:
            return None
        texts.extend(option.values)
    if not texts or len(texts) > _MOST or any(len(text) > _LONGEST for text in texts):
        return None
    implementation = FILTERS[name].implementation
    assert implementation is not None
    made = []
    for text in texts:
        try:
            made.append(implementation(text))
        except FAULTS:
            continue
    return made
