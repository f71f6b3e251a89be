"""Which fields of a question's form an answer must give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agentflow_cli.domain.json_value import Json


def must_be_filled(name: str, form: Mapping[str, Json], required: Sequence[str] | None) -> bool:
    """Whether an answer must give the field `name` of `form` (field name → JSON Schema).

    `required` is what the question says itself, None where it says nothing: then all fields that have no default.
    """
    has_default = isinstance(form[name], dict) and "default" in form[name]
    return not has_default and (required is None or name in required)
