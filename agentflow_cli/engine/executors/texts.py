"""Values as the text that leaves the process: strings as they are, booleans and numbers as JSON, the rest explicit."""

from __future__ import annotations

import json

from agentflow_cli.domain.failure import Failure, StepFailure
from agentflow_cli.domain.json_value import Json, type_name


def as_text(what: str, value: Json) -> str:
    """`value` as text; StepFailure `expression`, naming the field `what`, for null, a list or an object."""
    if isinstance(value, str):
        if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
            message = f"`{what}` holds bytes that are not UTF-8 text"
            raise StepFailure(Failure("expression", message))
        return value
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    if value is None:
        message = f"`{what}` is null; give it a value with `coalesce(…, '')`, or leave it out"
        raise StepFailure(Failure("expression", message))
    raise StepFailure(Failure("expression", f"`{what}` is an {type_name(value)}; write it as text with `| tojson`"))


def as_argument(what: str, value: Json) -> str:
    """`value` as a program gets it: as `as_text`, and without NUL."""
    text = as_text(what, value)
    if "\0" in text:
        raise StepFailure(Failure("expression", f"`{what}` holds a NUL byte, which no command can be given"))
    return text


def as_environment(env: dict[str, Json]) -> dict[str, str]:
    """The rendered `env` of a step as variables."""
    return {name: as_argument(f"env.{name}", value) for name, value in env.items()}
