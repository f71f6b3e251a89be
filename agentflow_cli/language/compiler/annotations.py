"""Type hints as JSON Schemas, read from the source: nothing of the file is executed."""

from __future__ import annotations

import ast
import contextlib
import copy
from collections.abc import Mapping
from typing import TypeAlias

from agentflow_cli.domain.json_value import Json, type_name

_PLAIN: Mapping[str, dict[str, Json]] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "None": {"type": "null"},
    "list": {"type": "array"},
    "dict": {"type": "object"},
    "Any": {},
    "object": {},
}
_ABSTRACT = frozenset({"Sequence", "Iterable", "Collection"})
_LISTS = frozenset({"list", "List"}) | _ABSTRACT
_MAPPINGS = frozenset({"dict", "Dict", "Mapping"})
_DEEPEST = 20


class UnknownTypeError(ValueError):
    """A type hint that JSON cannot say; the message completes `… has the type hint …`."""


OwnNames: TypeAlias = "Mapping[str, ast.ClassDef | None]"
"""The names to which a file gives a meaning of its own: its classes, and None for what else it binds, so that
`Collection` of another module is not taken for the one of `typing`."""


def schema_of(hint: ast.expr, own: OwnNames, depth: int = 0) -> dict[str, Json]:
    """The JSON Schema for a type hint. A TypedDict among the names of the same file is known."""
    if depth > _DEEPEST:
        raise UnknownTypeError(f"`{_shown(hint)}`, which is nested too deeply")
    match hint:
        case ast.Constant(value=None):
            return {"type": "null"}
        case ast.Constant(value=str() as text):  # a hint in quotes
            try:
                return schema_of(ast.parse(text, mode="eval").body, own, depth + 1)
            except SyntaxError:
                raise UnknownTypeError(f"`{text}`, which is no Python") from None
        case ast.Name(id=name) | ast.Attribute(attr=name) if _is_usual(hint, own):
            if name in _PLAIN:
                return dict(_PLAIN[name])
            if name in _LISTS or name in _MAPPINGS:
                return {"type": "array" if name in _LISTS else "object"}
        case ast.Name(id=name) if (definition := own.get(name)) is not None:
            return _typed_dict(definition, own, depth)
        case ast.BinOp(op=ast.BitOr()):
            return _union([hint.left, hint.right], own, depth)
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name) as generic, slice=inner) if _is_usual(
            generic, own
        ):
            arguments = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            found = _generic(name, arguments, own, depth)
            if found is not None:
                return found
    raise UnknownTypeError(
        f"`{_shown(hint)}`, which is not JSON; use str, int, float, bool, list, dict, Literal, TypedDict or a union"
    )


def result_schema(hint: ast.expr, own: OwnNames, depth: int = 0) -> dict[str, Json]:
    """The JSON Schema for what a function gives. A part that cannot be said is open; nothing is refused."""
    try:
        return schema_of(hint, own, depth)
    except UnknownTypeError:
        pass
    if depth > _DEEPEST:
        return {}
    match hint:
        case ast.Constant(value=str() as text):
            with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
                return result_schema(ast.parse(text, mode="eval").body, own, depth + 1)
        case ast.BinOp(op=ast.BitOr()):
            return {"anyOf": [result_schema(side, own, depth + 1) for side in (hint.left, hint.right)]}
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name) as generic, slice=inner) if _is_usual(
            generic, own
        ):
            arguments = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            parts = [result_schema(argument, own, depth + 1) for argument in arguments]
            if name in ("list", "List", "Sequence"):
                return {"type": "array", "items": parts[0]} if parts else {"type": "array"}
            if name in _MAPPINGS and len(parts) == 2:
                return {"type": "object", "additionalProperties": parts[1] or True}
            if name == "Optional":
                return {"anyOf": [*parts, {"type": "null"}]}
            if name == "Union":
                return {"anyOf": parts}
            if name in ("tuple", "Tuple"):
                return {"type": "array"}
            if name == "Annotated" and parts:
                return parts[0]
        case ast.Name(id="tuple" | "Tuple") if _is_usual(hint, own):
            return {"type": "array"}
    return {}


def argument_schema(hint: ast.expr, own: OwnNames) -> dict[str, Json]:
    """The JSON Schema for what a function with this hint can be given: as text is a sequence of texts, and a mapping a
    collection of them, both may stand for it. UnknownTypeError."""
    if any(name in ast.unparse(hint) for name in _ABSTRACT):
        hint = _AsGiven().visit(copy.deepcopy(hint))
    return schema_of(hint, own)


class _AsGiven(ast.NodeTransformer):
    """Puts `Iterable[str] | str | dict` for `Iterable[str]`."""

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        with contextlib.suppress(SyntaxError):
            if isinstance(node.value, str):  # a hint in quotes
                return self.visit(ast.parse(node.value, mode="eval").body)  # type: ignore[no-any-return]
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        if _name(node.value) == "Literal":
            return node
        node.slice = self.visit(node.slice)
        of_texts = _name(node.value) in _ABSTRACT and _name(node.slice) in ("str", "Any", "object")
        return _or_text(node) if of_texts else node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return _or_text(node) if node.id in _ABSTRACT else node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        return _or_text(node) if node.attr in _ABSTRACT else node


def _or_text(hint: ast.expr) -> ast.expr:
    for name in ("str", "dict"):
        hint = ast.BinOp(hint, ast.BitOr(), ast.Name(name, ast.Load()))
    return hint


def hint_problem(arguments: ast.arguments, own: OwnNames) -> str | None:
    """Why the parameters of a function cannot be said as JSON, a sentence; None when they can."""
    for argument in (*arguments.args, *arguments.kwonlyargs):
        if argument.annotation is None:
            return f"its parameter `{argument.arg}` has no type hint"
        try:
            schema_of(argument.annotation, own)
        except UnknownTypeError as error:
            return f"its parameter `{argument.arg}` has the type hint {error}"
    return None


def _generic(name: str, arguments: list[ast.expr], own: OwnNames, depth: int) -> dict[str, Json] | None:
    if name in _LISTS and len(arguments) == 1:
        return {"type": "array", "items": schema_of(arguments[0], own, depth + 1)}
    if name in _MAPPINGS and len(arguments) == 2 and schema_of(arguments[0], own, depth + 1) == {"type": "string"}:
        values = schema_of(arguments[1], own, depth + 1)
        return {"type": "object", "additionalProperties": values} if values else {"type": "object"}
    if name == "Optional" and len(arguments) == 1:
        return _union([*arguments, ast.Constant(value=None)], own, depth)
    if name == "Union":
        return _union(arguments, own, depth)
    if name == "Literal":
        return _literal(arguments)
    if name in ("Required", "NotRequired", "Final") and len(arguments) == 1:
        return schema_of(arguments[0], own, depth + 1)
    if name == "Annotated" and arguments:
        schema = schema_of(arguments[0], own, depth + 1)
        said = [a.value for a in arguments[1:] if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        return {**schema, "description": said[0]} if said else schema
    return None


def _union(options: list[ast.expr], own: OwnNames, depth: int) -> dict[str, Json]:
    schemas: list[dict[str, Json]] = []
    for option in options:
        schemas.extend(s for s in _options(schema_of(option, own, depth + 1)) if s not in schemas)
    if {} in schemas:
        return {}
    if all(set(schema) == {"type"} for schema in schemas):
        return {"type": [schema["type"] for schema in schemas]} if len(schemas) > 1 else schemas[0]
    return {"anyOf": schemas} if len(schemas) > 1 else schemas[0]


def _options(schema: dict[str, Json]) -> list[dict[str, Json]]:
    """What a union stands for: `str | int` in `str | int | None`."""
    if set(schema) == {"type"} and isinstance(schema["type"], list):
        return [{"type": kind} for kind in schema["type"]]
    return schema["anyOf"] if set(schema) == {"anyOf"} else [schema]


def _literal(arguments: list[ast.expr]) -> dict[str, Json]:
    values = [argument.value for argument in arguments if isinstance(argument, ast.Constant)]
    if len(values) < len(arguments) or not all(isinstance(v, str | int | bool | None) for v in values):
        raise UnknownTypeError("a `Literal` of something else than texts, integers, booleans and None")
    types = {type_name(value) for value in values}
    return {"type": types.pop(), "enum": values} if len(types) == 1 else {"enum": values}


def _typed_dict(definition: ast.ClassDef, own: OwnNames, depth: int) -> dict[str, Json]:
    if depth > _DEEPEST:
        raise UnknownTypeError(f"`{definition.name}`, which is nested too deeply")
    parents = [_name(base) for base in definition.bases]
    if not parents or not all(name == "TypedDict" or own.get(name) is not None for name in parents):
        raise UnknownTypeError(f"`{definition.name}`, a class; JSON gives a dict: make it a TypedDict")
    properties: dict[str, Json] = {}
    required: list[Json] = []
    for name in parents:
        parent = own.get(name)
        if parent is not None:
            inherited = _typed_dict(parent, own, depth + 1)
            properties |= inherited["properties"]
            required += [field for field in inherited["required"] if field not in required]
    total = not any(
        keyword.arg == "total" and isinstance(keyword.value, ast.Constant) and keyword.value.value is False
        for keyword in definition.keywords
    )
    for line in definition.body:
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
            properties[line.target.id] = schema_of(line.annotation, own, depth + 1)
            required = [name for name in required if name != line.target.id]
            if _marker(line.annotation) == "Required" or (total and _marker(line.annotation) != "NotRequired"):
                required.append(line.target.id)
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _marker(hint: ast.expr) -> str:
    return _name(hint.value) if isinstance(hint, ast.Subscript) else ""


def _name(hint: ast.expr) -> str:
    """Of a name or attribute, the last part; empty for all else."""
    return hint.id if isinstance(hint, ast.Name) else hint.attr if isinstance(hint, ast.Attribute) else ""


def _is_usual(hint: ast.expr, own: OwnNames) -> bool:
    """Whether a name, or what is read from one, means what it means everywhere."""
    while isinstance(hint, ast.Attribute):
        hint = hint.value
    return isinstance(hint, ast.Name) and hint.id not in own


def _shown(hint: ast.expr) -> str:
    return ast.unparse(hint)[:80]
