"""Which step a place of a workflow belongs to; steps stand in sections, and in groups at any depth."""

from __future__ import annotations

from collections.abc import Iterator

from agentflow_cli.domain.json_value import DocumentPath, Json

SECTIONS = ("steps", "on_failure", "finally")
"""The maps of steps of a workflow."""


def step_at(path: DocumentPath) -> DocumentPath | None:
    """The path of the innermost step around `path`, or at it; None outside of steps."""
    if len(path) < 2 or path[0] not in SECTIONS:
        return None
    end = 2
    while len(path) >= end + 2 and path[end] == "steps":
        end += 2
    return path[:end]


def is_step(path: DocumentPath) -> bool:
    """Whether a step stands at `path`."""
    return step_at(path) == path


def steps_of(data: dict[str, Json]) -> Iterator[tuple[DocumentPath, Json]]:
    """Every step of a workflow's data, groups before their inner steps, whatever its shape."""
    for section in SECTIONS:
        yield from _inside(data.get(section), (section,))


def _inside(steps: Json, path: DocumentPath) -> Iterator[tuple[DocumentPath, Json]]:
    if not isinstance(steps, dict):
        return
    for step_id, step in steps.items():
        at = (*path, step_id)
        yield at, step
        if isinstance(step, dict):
            yield from _inside(step.get("steps"), (*at, "steps"))
