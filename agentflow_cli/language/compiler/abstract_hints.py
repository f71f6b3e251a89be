"""Hints of what can be gone through: as a text is a sequence of texts, and a mapping a collection, both may come."""

from __future__ import annotations

import ast
import copy

from agentflow_cli.language.compiler.hints import ABSTRACT, OwnNames, is_usual, marker_of, name_of, unquoted


def with_texts(hint: ast.expr, own: OwnNames) -> ast.expr:
    """`hint` with `Iterable[str] | str | dict` for each `Iterable[str]` in it."""
    if any(name in ast.unparse(hint) for name in ABSTRACT):
        return _AsGiven(own).visit(copy.deepcopy(hint))  # type: ignore[no-any-return]
    return hint


class _AsGiven(ast.NodeTransformer):
    """Puts `Iterable[str] | str | dict` for `Iterable[str]`."""

    def __init__(self, own: OwnNames) -> None:
        self._own = own

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        inner = unquoted(node.value) if isinstance(node.value, str) else None
        return node if inner is None else self.visit(inner)

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        if marker_of(node) == "Literal":
            return node
        node.slice = self.visit(node.slice)
        of_texts = self._is_abstract(node.value) and name_of(node.slice) in ("str", "Any", "object")
        return _or_text(node) if of_texts else node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return _or_text(node) if self._is_abstract(node) else node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        return _or_text(node) if self._is_abstract(node) else node

    def _is_abstract(self, hint: ast.expr) -> bool:
        return name_of(hint) in ABSTRACT and is_usual(hint, self._own)


def _or_text(hint: ast.expr) -> ast.expr:
    for name in ("str", "dict"):
        hint = ast.BinOp(hint, ast.BitOr(), ast.Name(name, ast.Load()))
    return hint
