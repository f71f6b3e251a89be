"""Objects that a model is asked for say which of their fields must be there."""

from __future__ import annotations

import json
import re

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics, Severity
from agentflow_cli.diagnostics.fix import Fix
from agentflow_cli.domain.json_value import DocumentPath, Json
from agentflow_cli.language.compiler.schema_parts import schemas_in, types_of
from agentflow_cli.language.loader.document import Document

_MOST_SHOWN = 50
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_NOT_TEXT = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_ELSEWHERE = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "patternProperties", "definitions", "$defs",
              "minProperties")  # fmt: skip
"""Where the fields that must be there may be said in another way."""


def check_required_fields(document: Document, schema: Json, path: DocumentPath, found: Diagnostics) -> None:
    """Report each object with `properties` and without `required` in `schema`, which stands at `path`.

    The outermost ones: an author who has written `required` knows it, and means what stands inside.
    """
    said: list[DocumentPath] = []
    for part, at in schemas_in(schema, path):
        if any(at[: len(outer)] == outer for outer in said):
            continue
        if "required" in part:
            said.append(at)
        properties = part.get("properties")
        if not isinstance(properties, dict) or not properties or "required" in part:
            continue
        if types_of(part) not in ((), ("object",)) or any(key in part or key in at[len(path) :] for key in _ELSEWHERE):
            continue
        said.append(at)
        names = [str(name) for name in properties]
        lacking = f"`{_entry(names, _MOST_SHOWN)}`"
        found.add(
            Diagnostic(
                "AF531", "the model may leave out every field of this object",
                document.key_span((*at, "properties")), Severity.WARNING, "none of them is required",
                f"add {lacking}, without those that may be missing; `required: []` says that all may",
                fix=_fix(document, at, names),
            )
        )  # fmt: skip


def _fix(document: Document, path: DocumentPath, names: list[str]) -> Fix | None:
    """`required` with all fields, before `properties`."""
    edit = document.insertion_before((*path, "properties"), _entry(names, len(names)))
    return None if edit is None else Fix(f"add `{_entry(names, _MOST_SHOWN)}`", (edit,))


def _entry(names: list[str], most: int) -> str:
    listed = [_written(name) for name in names[:most]] + (["…"] if len(names) > most else [])
    return f"required: [{', '.join(listed)}]"


def _written(name: str) -> str:
    return name if _WORD.fullmatch(name) and name.lower() not in _NOT_TEXT else json.dumps(name, ensure_ascii=False)
