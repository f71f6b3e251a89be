"""How values, types and fields are named in messages."""

from __future__ import annotations

import json
from collections.abc import Iterable

from agentflow_cli.domain.json_value import DocumentPath, Json, type_name
from agentflow_cli.foundation.terminal_text import clean
from agentflow_cli.language.schema.step_paths import step_at

TYPES = {
    "string": "a string",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "`true` or `false`",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}
_LONGEST = 60


def expected_types(types: Json) -> str:
    """`["string", "array"]` → `a string or a list`."""
    return either(TYPES.get(str(name), str(name)) for name in (types if isinstance(types, list) else [types]))


def either(words: Iterable[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    listed = list(words)
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} or {listed[-1]}"


def what_came(value: Json) -> str:
    """The value's type with the value itself when that is short: `the string `yes``, `a list`, `nothing`."""
    name = type_name(value)
    if name == "null":
        return "nothing"
    if name == "boolean":
        return shown(value)
    if name in ("array", "object"):
        return ("an empty " if not value else "a ") + ("list" if name == "array" else "mapping")
    return f"the {'string' if name == 'string' else 'number'} {shown(value)}"


def shown(value: Json) -> str:
    """A value in backquotes, as YAML would have it, cut when long."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = clean(text, keep_newlines=False)
    return f"`{text[: _LONGEST - 1]}…`" if len(text) > _LONGEST else f"`{text}`"


def field_name(path: DocumentPath) -> str:
    """What a path is to its author: ``` `timeout` of step `fetch` ```."""
    if not path:
        return "the workflow"
    step = step_at(path)
    if step is not None or (path[0] in ("inputs", "agents") and len(path) > 1):
        at = step or path[:2]
        owner = f"{'step' if step else str(path[0])[:-1]} `{at[-1]}`"
        return f"{_dotted(path[len(at) :])} of {owner}" if len(path) > len(at) else owner
    if path[0] == "outputs" and len(path) == 2:
        return f"output `{path[1]}`"
    return _dotted(path)


def _dotted(path: DocumentPath) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return f"`{clean(text, keep_newlines=False)}`"
