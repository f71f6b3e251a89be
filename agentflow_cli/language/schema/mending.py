"""The fixes of a file's shape that are certain: a slip of the pen, a value that only lacks its quotes."""

from __future__ import annotations

from collections.abc import Iterable

from agentflow_cli.diagnostics.fix import Edit, Fix
from agentflow_cli.domain.json_value import DocumentPath, Json
from agentflow_cli.foundation.closest import only_close
from agentflow_cli.language.schema.places import Places

BOOLEAN_WORDS = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}
"""What YAML 1.1 read as booleans."""


def rename_key(path: DocumentPath, known: Iterable[str], places: Places) -> Fix | None:
    """The key at `path` becomes the one of `known` that it can be a slip of."""
    near = only_close(str(path[-1]), known)
    return None if near is None else _fix(near, places.key_edit(path, near))


def replace_word(path: DocumentPath, value: Json, known: Iterable[str], places: Places) -> Fix | None:
    """The string at `path` becomes the one of `known` that it can be a slip of."""
    near = only_close(value, known) if isinstance(value, str) else None
    return None if near is None else _fix(near, places.value_edit(path, near))


def write_raw(path: DocumentPath, raw: str, places: Places) -> Fix | None:
    """`raw` is written, as it is, for the scalar at `path`."""
    return _fix(raw, places.raw_value_edit(path, raw))


def add_quotes(path: DocumentPath, places: Places) -> Fix | None:
    """The plain scalar at `path` becomes the string of its own characters."""
    edit = places.raw_value_edit(path, "")
    if edit is None or not edit.old or edit.old[0] in "'\"|>" or '"' in edit.old or "\\" in edit.old:
        return None
    return _fix(f'"{edit.old}"', Edit(edit.span, edit.old, f'"{edit.old}"'))


def add_first_field(data: Json, line: str, places: Places) -> Fix | None:
    """`line` becomes the first field of the file."""
    first = next(iter(data), None) if isinstance(data, dict) else None
    return None if first is None else _fix(line, places.insertion_before((first,), line))


def default_fix(path: DocumentPath, spec: dict[str, Json], places: Places) -> Fix | None:
    """A default whose characters are right, and only their quotes, or YAML 1.1, make another type of them."""
    value, wanted = spec["default"], spec.get("type")
    if wanted == "boolean" and isinstance(value, str) and value.lower() in BOOLEAN_WORDS:
        return write_raw(path, BOOLEAN_WORDS[value.lower()], places)
    if wanted == "string" and isinstance(value, bool | int | float):
        return add_quotes(path, places)
    return None


def _fix(written: str, edit: Edit | None) -> Fix | None:
    return None if edit is None else Fix(f"write `{written}`", (edit,))
