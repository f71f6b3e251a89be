"""Which fields a step of each kind may have, read from the schema: the schema is the one truth."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from agentflow_cli.language.schema.files import load_schema

LATER_FIELDS = ("files", "policy", "policies", "providers", "budgets", "telemetry", "memory")
"""Fields of the language that this version does not know yet."""


@functools.cache
def kind_fields() -> Mapping[str, frozenset[str]]:
    """Each kind's own fields: its key and those beside it, without the modifiers."""
    rules = load_schema()["definitions"]["step"]["allOf"]
    every = [frozenset(rule["then"]["properties"]) for rule in rules]
    shared = frozenset.intersection(*every)
    return {rule["if"]["required"][0]: fields - shared for rule, fields in zip(rules, every, strict=True)}


@functools.cache
def modifiers() -> frozenset[str]:
    """The fields that any step may have."""
    rules = load_schema()["definitions"]["step"]["allOf"]
    return frozenset.intersection(*(frozenset(rule["then"]["properties"]) for rule in rules))
