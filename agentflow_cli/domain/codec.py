"""Plain dataclasses to JSON and back, by their type hints: plans and events are stored this way. No pickle."""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from collections.abc import Callable
from typing import Any, TypeVar

from agentflow_cli.domain.json_value import Json

T = TypeVar("T")


def to_json(value: Any) -> Json:
    """A dataclass, or containers of them, as JSON values. Fields that hold their default are left out."""
    if isinstance(value, (list, tuple)):
        return [to_json(element) for element in value]
    if isinstance(value, dict):
        return {key: to_json(element) for key, element in value.items()}
    if not dataclasses.is_dataclass(value):
        return value
    result = {}
    for name, default, plain in _fields(typing.cast(typing.Hashable, type(value))):
        field_value = getattr(value, name)
        if default is _REQUIRED or field_value != default:
            result[name] = field_value if plain else to_json(field_value)
    return result


def from_json(cls: type[T], value: Json) -> T:
    """The dataclass `cls` from what `to_json` made. Unknown fields are ignored: a newer version may have added them."""
    readers = _readers(typing.cast(typing.Hashable, cls))
    return cls(**{name: readers[name](element) for name, element in value.items() if name in readers})


_REQUIRED = object()


@functools.cache
def _fields(cls: Any) -> tuple[tuple[str, Any, bool], ...]:
    """Name, default, and whether the field holds JSON already, which need not be walked."""
    hints = typing.get_type_hints(cls)
    found = []
    for field in dataclasses.fields(cls):
        default: Any = _REQUIRED
        if field.default is not dataclasses.MISSING:
            default = field.default
        elif field.default_factory is not dataclasses.MISSING:
            default = field.default_factory()
        found.append((field.name, default, _reader(hints[field.name]) is _same))
    return tuple(found)


@functools.cache
def _readers(cls: Any) -> dict[str, Callable[[Json], Any]]:
    hints = typing.get_type_hints(cls)
    return {field.name: _reader(hints[field.name]) for field in dataclasses.fields(cls)}


def _reader(hint: Any) -> Callable[[Json], Any]:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if dataclasses.is_dataclass(hint):
        return lambda value: from_json(typing.cast(type, hint), value)
    if origin in (typing.Union, types.UnionType):
        inner = [a for a in arguments if a is not type(None)]
        if len(inner) != 1:
            return _same
        read = _reader(inner[0])
        return lambda value: None if value is None else read(value)
    if origin is tuple:
        element = _reader(arguments[0])
        return lambda value: tuple(element(v) for v in value)
    if origin is list:
        element = _reader(arguments[0])
        return _same if element is _same else lambda value: [element(v) for v in value]
    if origin is dict:
        element = _reader(arguments[1])
        return _same if element is _same else lambda value: {k: element(v) for k, v in value.items()}
    return _same


def _same(value: Json) -> Json:
    return value
