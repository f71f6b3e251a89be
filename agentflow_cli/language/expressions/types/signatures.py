"""What filters, tests and functions can use: the kinds of the value and of each argument. Read by the type checks and
the docs; `functions.py` has the names of the arguments, and what happens at run time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

Kinds = tuple[str, ...]
"""Names of JSON types; none of them: anything."""

ANYTHING: Kinds = ()
TEXT: Kinds = ("string",)
NUMBER: Kinds = ("integer", "number")
WHOLE: Kinds = ("integer",)
ARRAY: Kinds = ("array",)
OBJECT: Kinds = ("object",)
TEXT_OR_ARRAY: Kinds = ("string", "array")
CONTAINER: Kinds = ("string", "array", "object")
WRITABLE: Kinds = ("string", "integer", "number", "boolean")
"""What can stand in text."""
CASTABLE: Kinds = ("string", "integer", "number")
_MAYBE_TEXT: Kinds = ("string", "null")
_MAYBE_WHOLE: Kinds = ("integer", "null")


class Signature(NamedTuple):
    """`elements`: what the elements of the array must be, where the filter looks at them and names no attribute."""

    value: Kinds = ANYTHING
    arguments: tuple[Kinds, ...] = ()
    elements: Kinds = ANYTHING


_S = Signature
_OPTIONS = (ANYTHING, _MAYBE_TEXT)
"""`case_sensitive` and `attribute`."""
ORDERED: Kinds = ("string", "integer", "number")

FILTER_SIGNATURES: Mapping[str, Signature] = {
    "default": _S(ANYTHING, (ANYTHING,)),
    "length": _S(CONTAINER),
    "tojson": _S(ANYTHING, (_MAYBE_WHOLE,)),
    "fromjson": _S(TEXT),
    "string": _S(WRITABLE),
    "int": _S(CASTABLE, (ANYTHING,)),
    "float": _S(CASTABLE, (ANYTHING,)),
    "bool": _S(("boolean", "string"), (ANYTHING,)),
    "round": _S(NUMBER, (WHOLE, TEXT)),
    "abs": _S(NUMBER),
    "lower": _S(TEXT),
    "upper": _S(TEXT),
    "capitalize": _S(TEXT),
    "title": _S(TEXT),
    "trim": _S(TEXT, (_MAYBE_TEXT,)),
    "replace": _S(TEXT, (TEXT, TEXT, _MAYBE_WHOLE)),
    "truncate": _S(TEXT, (WHOLE, TEXT)),
    "indent": _S(TEXT, (WHOLE, ANYTHING)),
    "split": _S(TEXT, (_MAYBE_TEXT,)),
    "lines": _S(TEXT),
    "slugify": _S(TEXT),
    "b64encode": _S(TEXT),
    "b64decode": _S(TEXT),
    "items": _S(OBJECT),
    "keys": _S(OBJECT),
    "values": _S(OBJECT),
    "list": _S(CONTAINER),
    "join": _S(ARRAY, (TEXT, _MAYBE_TEXT), WRITABLE),
    "first": _S(TEXT_OR_ARRAY),
    "last": _S(TEXT_OR_ARRAY),
    "min": _S(ARRAY, _OPTIONS, ORDERED),
    "max": _S(ARRAY, _OPTIONS, ORDERED),
    "sum": _S(ARRAY, (_MAYBE_TEXT, ANYTHING), NUMBER),
    "sort": _S(ARRAY, (ANYTHING, *_OPTIONS), ORDERED),
    "reverse": _S(TEXT_OR_ARRAY),
    "unique": _S(ARRAY, _OPTIONS),
    "batch": _S(ARRAY, (WHOLE, ANYTHING)),
    "flatten": _S(ARRAY, (WHOLE,)),
    "groupby": _S(ARRAY, (TEXT, ANYTHING), ORDERED),
    "map": _S(ARRAY),
    "select": _S(ARRAY),
    "reject": _S(ARRAY),
    "selectattr": _S(ARRAY, (TEXT,)),
    "rejectattr": _S(ARRAY, (TEXT,)),
}

TEST_SIGNATURES: Mapping[str, Signature] = {
    "defined": _S(),
    "undefined": _S(),
    "none": _S(),
    "string": _S(),
    "number": _S(),
    "integer": _S(),
    "boolean": _S(),
    "mapping": _S(),
    "sequence": _S(),
    "empty": _S(CONTAINER),
    "even": _S(WHOLE),
    "odd": _S(WHOLE),
    "divisibleby": _S(WHOLE, (WHOLE,)),
    "eq": _S(ANYTHING, (ANYTHING,)),
    "ne": _S(ANYTHING, (ANYTHING,)),
    "lt": _S(ORDERED, (ORDERED,)),
    "le": _S(ORDERED, (ORDERED,)),
    "gt": _S(ORDERED, (ORDERED,)),
    "ge": _S(ORDERED, (ORDERED,)),
    "in": _S(ANYTHING, (CONTAINER,)),
    "contains": _S(CONTAINER, (ANYTHING,)),
    "startswith": _S(TEXT, (TEXT,)),
    "endswith": _S(TEXT, (TEXT,)),
}

FUNCTION_SIGNATURES: Mapping[str, Signature] = {"coalesce": _S(ANYTHING)}


def kinds_text(kinds: Kinds) -> str:
    """`a string or an array`, for a sentence; `anything`."""
    if not kinds:
        return "anything"
    if set(kinds) == {"integer", "number"}:
        return "a number"
    words = {"integer": "a whole number", "array": "an array", "object": "an object", "null": "null"}
    names = [words.get(kind, f"a {kind}") for kind in kinds if not (kind == "integer" and "number" in kinds)]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
