"""Type hints as JSON Schemas, read from the source: nothing of the file is executed."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Mapping

from agentflow_cli.domain.json_value import Json, type_name
from agentflow_cli.language.compiler.abstract_hints import with_texts
from agentflow_cli.language.compiler.hints import (
    LISTS,
    MAPPINGS,
    SPECIAL_MAPPINGS,
    Definition,
    Elsewhere,
    OwnNames,
    is_endless,
    is_usual,
    marker_of,
    name_of,
    unquoted,
)

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
_BASES: Mapping[str, dict[str, Json]] = {
    "str": {"type": "string"}, "StrEnum": {"type": "string"}, "int": {"type": "integer"},
    "IntEnum": {"type": "integer"}, "IntFlag": {"type": "integer"}, "float": {"type": "number"},
    "dict": {"type": "object"}, "list": {"type": "array"}, "tuple": {"type": "array"}, "NamedTuple": {"type": "array"},
}  # fmt: skip
"""What the objects of a class with such a base are as JSON."""
_DEEPEST = 20
_LARGEST = 3_000
"""Parts of one type hint, all that its names stand for among them."""


class UnknownTypeError(ValueError):
    """A type hint that JSON cannot say; the message completes `… has the type hint …`."""


def schema_of(hint: ast.expr, own: OwnNames) -> dict[str, Json]:
    """The JSON Schema for a type hint. A TypedDict or an alias among the names of the same file is known.

    UnknownTypeError.
    """
    return _Hints(own).of(hint)


def result_schema(hint: ast.expr, own: OwnNames, elsewhere: Elsewhere | None = None) -> dict[str, Json]:
    """The JSON Schema for what a function gives. A part that cannot be said is open; nothing is refused."""
    with contextlib.suppress(UnknownTypeError):
        return _Hints(own, lenient=True, elsewhere=elsewhere).of(with_texts(hint, own))
    return {}


def argument_schema(hint: ast.expr, own: OwnNames) -> dict[str, Json]:
    """The JSON Schema for what a function with this hint can be given: as text is a sequence of texts, and a mapping a
    collection of them, both may stand for it. UnknownTypeError."""
    return schema_of(with_texts(hint, own), own)


def with_default(schema: dict[str, Json], default: ast.expr | None) -> dict[str, Json]:
    """The schema of a parameter that has this default: `x: str = None` takes None as well."""
    if not schema or not isinstance(default, ast.Constant) or default.value is not None:
        return schema
    return _joined([*_options(schema), {"type": "null"}])


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


class _Known:
    """What names were found to be, by their file, with the size of it; and the size of all that was said so far."""

    def __init__(self) -> None:
        self.schemas: dict[tuple[int, str], tuple[dict[str, Json], int]] = {}
        self.spent = 0


class _Hints:
    """Reads the hints of one file. `lenient`: what cannot be said is open, instead of refused."""

    def __init__(
        self, own: OwnNames, lenient: bool = False, elsewhere: Elsewhere | None = None, known: _Known | None = None
    ) -> None:
        self._own = own
        self._lenient = lenient
        self._elsewhere = elsewhere
        self._known = known or _Known()

    def of(self, hint: ast.expr, depth: int = 0) -> dict[str, Json]:
        self._known.spent += 1
        if depth > _DEEPEST or self._known.spent > _LARGEST:
            raise UnknownTypeError(f"`{_shown(hint)}`, which is nested too deeply")
        match hint:
            case ast.Constant(value=None):
                return {"type": "null"}
            case ast.Constant(value=str() as text):  # a hint in quotes
                quoted = unquoted(text)
                if quoted is None:
                    return self._unknown(f"`{text[:80]}`, which is no Python")
                return self.of(quoted, depth + 1)
            case ast.Name(id=name) | ast.Attribute(attr=name) if is_usual(hint, self._own):
                found = self._usual(name)
                if found is not None:
                    return found
            case ast.Name(id=name):
                return self._named(name, hint, depth)
            case ast.BinOp(op=ast.BitOr()):
                return self._union([hint.left, hint.right], depth)
            case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name) as generic, slice=inner) if is_usual(
                generic, self._own
            ):
                arguments = inner.elts if isinstance(inner, ast.Tuple) else [inner]
                found = self._generic(name, arguments, depth)
                if found is None and self._lenient:
                    found = self._special(name, arguments, depth)
                if found is not None:
                    return found
            case ast.Call():
                return self._made(hint, depth)
        return self._not_json(hint)

    def _unknown(self, why: str) -> dict[str, Json]:
        if self._lenient:
            return {}
        raise UnknownTypeError(why)

    def _not_json(self, hint: ast.expr) -> dict[str, Json]:
        return self._unknown(
            f"`{_shown(hint)}`, which is not JSON; use str, int, float, bool, list, dict, Literal, TypedDict or a union"
        )

    def _usual(self, name: str) -> dict[str, Json] | None:
        """The schema of a name that means what it means everywhere; None when it says nothing to JSON."""
        if name in _PLAIN:
            return dict(_PLAIN[name])
        if name in LISTS or name in MAPPINGS:
            return {"type": "array" if name in LISTS else "object"}
        if self._lenient and (name in SPECIAL_MAPPINGS or name == "Counter"):
            return {"type": "object"}
        return {"type": "array"} if self._lenient and name in ("tuple", "Tuple") else None

    def _named(self, name: str, hint: ast.expr, depth: int) -> dict[str, Json]:
        """What a name of the file stands for; inside itself it is open."""
        key = (id(self._own), name)
        if key in self._known.schemas:
            schema, size = self._known.schemas[key]
            self._known.spent += size
            return schema
        reader, definition = self, self._own.get(name)
        if definition is None and self._elsewhere is not None and (found := self._elsewhere(name)) is not None:
            definition, own, elsewhere = found
            reader = _Hints(own, self._lenient, elsewhere, self._known)
        if definition is None:
            return self._not_json(hint)
        before = self._known.spent
        self._known.schemas[key] = ({}, 1)
        try:
            schema = reader._defined(definition, depth + 1)
        except UnknownTypeError:
            del self._known.schemas[key]
            raise
        self._known.schemas[key] = (schema, self._known.spent - before)
        return schema

    def _defined(self, definition: Definition, depth: int) -> dict[str, Json]:
        if isinstance(definition, ast.ClassDef):
            return self._class(definition, depth)
        return self.of(definition, depth)

    def _generic(self, name: str, arguments: list[ast.expr], depth: int) -> dict[str, Json] | None:
        if name in LISTS and len(arguments) == 1:
            return {"type": "array", "items": self.of(arguments[0], depth + 1)}
        if name in MAPPINGS and len(arguments) == 2:
            if not self._lenient and self.of(arguments[0], depth + 1).get("type") != "string":
                return None
            values = self.of(arguments[1], depth + 1)
            return {"type": "object", "additionalProperties": values} if values else {"type": "object"}
        if name == "Optional" and len(arguments) == 1:
            return self._union([*arguments, ast.Constant(value=None)], depth)
        if name == "Union" and arguments:
            return self._union(arguments, depth)
        if name == "Literal":
            return self._literal(arguments)
        if name in ("Required", "NotRequired", "ReadOnly", "Final") and len(arguments) == 1:
            return self.of(arguments[0], depth + 1)
        if name == "Annotated" and arguments:
            schema = self.of(arguments[0], depth + 1)
            said = [a.value for a in arguments[1:] if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            return {**schema, "description": said[0]} if said else schema
        return None

    def _special(self, name: str, arguments: list[ast.expr], depth: int) -> dict[str, Json] | None:
        """Of a result: what becomes JSON although JSON has no such type."""
        if name in ("tuple", "Tuple"):
            if len(arguments) == 2 and is_endless(arguments):
                return {"type": "array", "items": self.of(arguments[0], depth + 1)}
            parts = [self.of(argument, depth + 1) for argument in arguments if not isinstance(argument, ast.Starred)]
            fixed = parts and len(parts) == len(arguments)
            return {"type": "array", "items": parts, "additionalItems": False} if fixed else {"type": "array"}
        if name in SPECIAL_MAPPINGS and len(arguments) == 2:
            return {"type": "object", "additionalProperties": self.of(arguments[1], depth + 1) or True}
        if name == "Counter":
            return {"type": "object", "additionalProperties": {"type": "integer"}}
        return None

    def _union(self, options: list[ast.expr], depth: int) -> dict[str, Json]:
        schemas: list[dict[str, Json]] = []
        for option in options:
            schemas += _options(self.of(option, depth + 1))
        return _joined(schemas)

    def _literal(self, arguments: list[ast.expr]) -> dict[str, Json]:
        values = [argument.value for argument in arguments if isinstance(argument, ast.Constant)]
        if (
            not values
            or len(values) < len(arguments)
            or not all(isinstance(v, str | int | bool | None) for v in values)
        ):
            return self._unknown("a `Literal` of something else than texts, integers, booleans and None")
        types = {type_name(value) for value in values}
        return {"type": types.pop(), "enum": values} if len(types) == 1 else {"enum": values}

    # Classes

    def _class(self, definition: ast.ClassDef, depth: int) -> dict[str, Json]:
        """A TypedDict; of a result, a class whose objects are texts, numbers, lists or dicts too."""
        parents = [name_of(base) for base in definition.bases]
        if parents and all(name == "TypedDict" or self._own.get(name) is not None for name in parents):
            with contextlib.suppress(_NoTypedDictError):
                return self._typed_dict(definition, parents, depth)
        if self._lenient:
            for base in definition.bases:
                if is_usual(base, self._own) and name_of(base) in _BASES:
                    return dict(_BASES[name_of(base)])
            return {}
        raise UnknownTypeError(f"`{definition.name}`, a class; JSON gives a dict: make it a TypedDict")

    def _typed_dict(self, definition: ast.ClassDef, parents: list[str], depth: int) -> dict[str, Json]:
        properties: dict[str, Json] = {}
        required: list[Json] = []
        for name in parents:
            if name != "TypedDict":
                inherited = self._named(name, ast.Name(name), depth)
                if not {"properties", "required"} <= inherited.keys():
                    raise _NoTypedDictError
                properties |= inherited["properties"]
                required += [field for field in inherited["required"] if field not in required]
        total = not _is_partial(definition.keywords)
        for line in definition.body:
            if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
                self._add(line.target.id, line.annotation, total, properties, required, depth)
        return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}

    def _add(
        self, name: str, hint: ast.expr, total: bool, properties: dict[str, Json], required: list[Json], depth: int
    ) -> None:
        properties[name] = self.of(hint, depth + 1)
        if name in required:
            required.remove(name)
        if marker_of(hint) == "Required" or (total and marker_of(hint) != "NotRequired"):
            required.append(name)

    def _made(self, hint: ast.Call, depth: int) -> dict[str, Json]:
        """`TypedDict('Row', {'name': str})`, `NewType('UserId', str)`."""
        if not is_usual(hint.func, self._own):
            return self._not_json(hint)
        match name_of(hint.func), hint.args:
            case "NewType", [_, inner]:
                return self.of(inner, depth + 1)
            case "TypedDict", [_, ast.Dict(keys=keys, values=values)]:
                properties: dict[str, Json] = {}
                required: list[Json] = []
                for key, value in zip(keys, values, strict=True):
                    if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                        return self._not_json(hint)
                    self._add(key.value, value, not _is_partial(hint.keywords), properties, required, depth)
                return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
        return self._not_json(hint)


class _NoTypedDictError(Exception):
    """A class that seemed to be one has a parent that is none."""


def _joined(options: list[dict[str, Json]]) -> dict[str, Json]:
    """One schema for all of them."""
    schemas = [schema for position, schema in enumerate(options) if schema not in options[:position]]
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


def _is_partial(keywords: list[ast.keyword]) -> bool:
    """`total=False`"""
    return any(
        keyword.arg == "total" and isinstance(keyword.value, ast.Constant) and keyword.value.value is False
        for keyword in keywords
    )


def _shown(hint: ast.expr) -> str:
    return ast.unparse(hint)[:80]
