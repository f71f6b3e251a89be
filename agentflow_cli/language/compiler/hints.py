"""How type hints are written: the names in them, and what those mean in one file."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import TypeAlias

ABSTRACT = frozenset({"Sequence", "Iterable", "Collection"})
"""Lists, and what else can be gone through."""
LISTS = frozenset({"list", "List"}) | ABSTRACT
MAPPINGS = frozenset({"dict", "Dict", "Mapping"})
SPECIAL_MAPPINGS = frozenset({"MutableMapping", "OrderedDict", "defaultdict", "DefaultDict"})
Definition: TypeAlias = "ast.ClassDef | ast.expr"
"""A class, or the type hint for which a name stands: `Rows = list[Row]`."""
OwnNames: TypeAlias = "Mapping[str, Definition | None]"
"""The names to which a file gives a meaning of its own: its classes and type aliases, and None for what else it binds,
so that `Collection` of another module is not taken for the one of `typing`."""
Elsewhere: TypeAlias = "Callable[[str], tuple[Definition, OwnNames, Elsewhere] | None]"
"""What a name that a file imports is where it is defined, and what the names mean there."""


def unquoted(text: str) -> ast.expr | None:
    """The hint that stands in quotes; None where `text` is no Python."""
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def name_of(hint: ast.expr) -> str:
    """Of a name or attribute, the last part; empty for all else."""
    return hint.id if isinstance(hint, ast.Name) else hint.attr if isinstance(hint, ast.Attribute) else ""


def is_usual(hint: ast.expr, own: OwnNames) -> bool:
    """Whether a name, or what is read from one, means what it means everywhere."""
    while isinstance(hint, ast.Attribute):
        hint = hint.value
    return isinstance(hint, ast.Name) and hint.id not in own


def marker_of(hint: ast.expr) -> str:
    """`NotRequired` of `NotRequired[str]`; empty for what has no brackets."""
    return name_of(hint.value) if isinstance(hint, ast.Subscript) else ""


def is_endless(arguments: list[ast.expr]) -> bool:
    """Of the `tuple[int, ...]` with these arguments: it may have any length, none among them."""
    return isinstance(arguments[-1], ast.Constant) and arguments[-1].value is ...
