"""Type hints as JSON Schemas, read from the source: nothing of the file is executed."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Mapping

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
_LISTS = frozenset({"list", "List", "Sequence", "Iterable", "Collection"})
_MAPPINGS = frozenset({"dict", "Dict", "Mapping"})
_DEEPEST = 20


class UnknownTypeError(ValueError):
    """A type hint that JSON cannot say; the message completes `… has the type hint …`."""


def schema_of(hint: ast.expr, classes: Mapping[str, ast.ClassDef], depth: int = 0) -> dict[str, Json]:
    """The JSON Schema for a type hint. `classes` are those of the same file: a TypedDict among them is known."""
    if depth > _DEEPEST:
        raise UnknownTypeError(f"`{_shown(hint)}`, which is nested too deeply")
    match hint:
        case ast.Constant(value=None):
            return {"type": "null"}
        case ast.Constant(value=str() as text):  # a hint in quotes
            try:
                return schema_of(ast.parse(text, mode="eval").body, classes, depth + 1)
            except SyntaxError:
                raise UnknownTypeError(f"`{text}`, which is no Python") from None
        case ast.Name(id=name) | ast.Attribute(attr=name):
            if name in _PLAIN:
                return dict(_PLAIN[name])
            if name in _LISTS or name in _MAPPINGS:
                return {"type": "array" if name in _LISTS else "object"}
            if name in classes:
                return _typed_dict(classes[name], classes, depth)
        case ast.BinOp(op=ast.BitOr()):
            return _union([hint.left, hint.right], classes, depth)
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name), slice=inner):
            arguments = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            found = _generic(name, arguments, classes, depth)
            if found is not None:
                return found
    raise UnknownTypeError(
        f"`{_shown(hint)}`, which is not JSON; use str, int, float, bool, list, dict, Literal, TypedDict or a union"
    )


def result_schema(hint: ast.expr, classes: Mapping[str, ast.ClassDef], depth: int = 0) -> dict[str, Json]:
    """The JSON Schema for what a function gives. A part that cannot be said is open; nothing is refused."""
    try:
        return schema_of(hint, classes, depth)
    except UnknownTypeError:
        pass
    if depth > _DEEPEST:
        return {}
    match hint:
        case ast.Constant(value=str() as text):
            with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
                return result_schema(ast.parse(text, mode="eval").body, classes, depth + 1)
        case ast.BinOp(op=ast.BitOr()):
            return {"anyOf": [result_schema(side, classes, depth + 1) for side in (hint.left, hint.right)]}
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name), slice=inner):
            arguments = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            parts = [result_schema(argument, classes, depth + 1) for argument in arguments]
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
        case ast.Name(id="tuple" | "Tuple"):
            return {"type": "array"}
    return {}


def hint_problem(arguments: ast.arguments, classes: Mapping[str, ast.ClassDef]) -> str | None:
    """Why the parameters of a function cannot be said as JSON, a sentence; None when they can."""
    for argument in (*arguments.args, *arguments.kwonlyargs):
        if argument.annotation is None:
            return f"its parameter `{argument.arg}` has no type hint"
        try:
            schema_of(argument.annotation, classes)
        except UnknownTypeError as error:
            return f"its parameter `{argument.arg}` has the type hint {error}"
    return None


def _generic(
    name: str, arguments: list[ast.expr], classes: Mapping[str, ast.ClassDef], depth: int
) -> dict[str, Json] | None:
    if name in _LISTS and len(arguments) == 1:
        return {"type": "array", "items": schema_of(arguments[0], classes, depth + 1)}
    if name in _MAPPINGS and len(arguments) == 2 and schema_of(arguments[0], classes, depth + 1) == {"type": "string"}:
        values = schema_of(arguments[1], classes, depth + 1)
        return {"type": "object", "additionalProperties": values} if values else {"type": "object"}
    if name == "Optional" and len(arguments) == 1:
        return _union([*arguments, ast.Constant(value=None)], classes, depth)
    if name == "Union":
        return _union(arguments, classes, depth)
    if name == "Literal":
        return _literal(arguments)
    if name in ("Required", "NotRequired", "Final") and len(arguments) == 1:
        return schema_of(arguments[0], classes, depth + 1)
    if name == "Annotated" and arguments:
        schema = schema_of(arguments[0], classes, depth + 1)
        said = [a.value for a in arguments[1:] if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        return {**schema, "description": said[0]} if said else schema
    return None


def _union(options: list[ast.expr], classes: Mapping[str, ast.ClassDef], depth: int) -> dict[str, Json]:
    schemas: list[dict[str, Json]] = []
    for option in options:
        schema = schema_of(option, classes, depth + 1)
        schemas.extend(s for s in schema.get("anyOf", [schema]) if s not in schemas)
    if {} in schemas:
        return {}
    if all(set(schema) == {"type"} for schema in schemas):
        return {"type": [schema["type"] for schema in schemas]} if len(schemas) > 1 else schemas[0]
    return {"anyOf": schemas} if len(schemas) > 1 else schemas[0]


def _literal(arguments: list[ast.expr]) -> dict[str, Json]:
    values = [argument.value for argument in arguments if isinstance(argument, ast.Constant)]
    if len(values) < len(arguments) or not all(isinstance(v, str | int | bool | None) for v in values):
        raise UnknownTypeError("a `Literal` of something else than texts, integers, booleans and None")
    types = {type_name(value) for value in values}
    return {"type": types.pop(), "enum": values} if len(types) == 1 else {"enum": values}


def _typed_dict(definition: ast.ClassDef, classes: Mapping[str, ast.ClassDef], depth: int) -> dict[str, Json]:
    if depth > _DEEPEST:
        raise UnknownTypeError(f"`{definition.name}`, which is nested too deeply")
    parents = [base.id if isinstance(base, ast.Name) else getattr(base, "attr", "") for base in definition.bases]
    if not parents or not all(name == "TypedDict" or name in classes for name in parents):
        raise UnknownTypeError(f"`{definition.name}`, a class; JSON gives a dict: make it a TypedDict")
    properties: dict[str, Json] = {}
    required: list[Json] = []
    for name in parents:
        if name != "TypedDict":
            inherited = _typed_dict(classes[name], classes, depth + 1)
            properties |= inherited["properties"]
            required += [field for field in inherited["required"] if field not in required]
    total = not any(
        keyword.arg == "total" and isinstance(keyword.value, ast.Constant) and keyword.value.value is False
        for keyword in definition.keywords
    )
    for line in definition.body:
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
            properties[line.target.id] = schema_of(line.annotation, classes, depth + 1)
            required = [name for name in required if name != line.target.id]
            if _marker(line.annotation) == "Required" or (total and _marker(line.annotation) != "NotRequired"):
                required.append(line.target.id)
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _marker(hint: ast.expr) -> str:
    if isinstance(hint, ast.Subscript):
        return hint.value.id if isinstance(hint.value, ast.Name) else getattr(hint.value, "attr", "")
    return ""


def _shown(hint: ast.expr) -> str:
    return ast.unparse(hint)[:80]
