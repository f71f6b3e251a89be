"""What the output of a step has, as far as the file says it: a JSON Schema, or None where nobody has declared it."""

from __future__ import annotations

from typing import Any

import yaml

from tests.diagnostics.mutations.document import Document, Part

Shape = dict[str, Any]

_HTTP: Shape = {"properties": {"status": {}, "headers": {}, "body": {}}}
_PASSAGES: Shape = {"items": {"properties": {"text": {}, "source": {}, "score": {}}}}
_FUNCTIONS: dict[str, Shape] = {
    "commits": {"items": {"properties": {"sha": {}, "subject": {}, "files": {}}}},
    "judge": {"properties": {"level": {}, "reasons": {}}},
}
"""What `parts/functions.py` annotates."""


def output_of(document: Document, step: Part) -> Shape | None:
    own = once(document, step)
    if own is not None and "foreach" in step.value:
        return {"items": own}
    return own


def once(document: Document, step: Part) -> Shape | None:
    """The output of one round, or of one child of a foreach."""
    data = step.value
    if "output" in data:
        return data["output"] if isinstance(data["output"], dict) else None
    if "set" in data:
        return _closed(data["set"])
    if "http" in data:
        return _HTTP
    if "recall" in data:
        return _PASSAGES
    if "steps" in data and isinstance(data.get("outputs"), dict):
        return _closed(data["outputs"])
    if isinstance(data.get("ask"), dict) and "form" in data["ask"]:
        return {"properties": data["ask"]["form"]}
    if isinstance(data.get("agent"), str):
        agent = document.root.value.get("agents", {}).get(data["agent"])
        return agent.get("output") if isinstance(agent, dict) else None
    if "python" in data:
        return _FUNCTIONS.get(str(data["python"]).rpartition(":")[2])
    if "workflow" in data:
        called = document.valid.path.parent / str(data["workflow"])
        if called.is_file():
            return _closed(yaml.safe_load(called.read_text("utf-8")).get("outputs") or {})
    return None


def inside(shape: Shape | None, names: list[str]) -> Shape | None:
    """The shape after some steps of `.name` and `[number]`."""
    for name in names:
        if shape is None:
            return None
        shape = shape.get("items") if name.startswith("[") else shape.get("properties", {}).get(name)
    return shape


def closed(shape: Shape | None) -> set[str] | None:
    """The fields that can be read, where no others can."""
    if shape is None or not shape.get("properties"):
        return None
    if shape.get("additionalProperties") or "patternProperties" in shape:
        return None
    return set(shape["properties"])


def _closed(names: dict[str, Any]) -> Shape:
    return {"properties": {name: {} for name in names}}
