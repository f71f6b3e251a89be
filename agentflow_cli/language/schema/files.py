"""Where the JSON Schemas are: `schemas/` of a checkout, `agentflow_cli/_schemas/` of an installed wheel."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).resolve().parents[2]


def schema_path(name: str = "workflow") -> Path:
    """The file of the schema `name`; FileNotFoundError when the installation is broken."""
    file = f"{name}.schema.json"
    for directory in (_PACKAGE.parent / "schemas", _PACKAGE / "_schemas"):
        if (directory / file).is_file():
            return directory / file
    raise FileNotFoundError(f"{file} is missing from this installation")


@functools.cache
def schema_text(name: str = "workflow") -> str:
    """The schema as it is published."""
    return schema_path(name).read_text(encoding="utf-8")


@functools.cache
def load_schema(name: str = "workflow") -> dict[str, Any]:
    """The schema as data; shared, not to be changed."""
    schema: dict[str, Any] = json.loads(schema_text(name))
    return schema


def is_ours(schema: Any) -> bool:
    """Whether `schema` is one of those that this program is published with."""
    return any(schema is ours for ours in (load_schema(), load_schema("agent"), load_schema("project")))
