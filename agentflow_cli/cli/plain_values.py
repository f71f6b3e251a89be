"""Reads the values of options without pydantic, which typer would import for each `str`: 60 ms at every start.

Typer builds what reads a parameter's value when it is first needed and keeps it in `_runtime_param`; ours is put there
before. Should a later typer keep it elsewhere, everything still works and a start-up test says that it became slow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args, get_origin

from typer import BadParameter

_READERS = {str: str, int: int, float: float, bool: bool}


@dataclass(frozen=True, slots=True)
class PlainValues:
    """Reads `str`, `int`, `float`, `bool`, or lists of them."""

    read: type
    many: bool

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        if value is None:
            return () if self.many else None
        if self.many:
            return tuple(self._one(element, param, ctx) for element in value)
        return self._one(value, param, ctx)

    def _one(self, value: Any, param: Any, ctx: Any) -> Any:
        try:
            return self.read(value)
        except ValueError:
            kind = {int: "a whole number", float: "a number"}.get(self.read, self.read.__name__)
            raise BadParameter(f"`{value}` is not {kind}", ctx=ctx, param=param) from None


def read_plainly(parameters: list[Any]) -> list[Any]:
    """Give each parameter a plain reader, where its type is plain."""
    for parameter in parameters:
        descriptor = getattr(parameter, "type_descriptor", None)
        if descriptor is None:
            continue
        annotation, many = descriptor.annotation, False
        if get_origin(annotation) is list:
            annotation, many = get_args(annotation)[0], True
        if annotation in _READERS:
            parameter._runtime_param = PlainValues(_READERS[annotation], many)
    return parameters
