"""The shape of a file: is it a workflow, an agent or a project, and does every field hold what it may hold?"""

from __future__ import annotations

from collections.abc import Sequence

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics
from agentflow_cli.domain.json_value import DocumentPath, Json
from agentflow_cli.language.schema.consistency import (
    check_agent_consistency,
    check_consistency,
    check_project_consistency,
)
from agentflow_cli.language.schema.files import load_schema
from agentflow_cli.language.schema.places import Places
from agentflow_cli.language.schema.step_paths import steps_of
from agentflow_cli.language.schema.validator import is_workflow, matches

MOST_STEPS = 10_000
"""Of one file, groups and their inner steps counted."""


def _has_too_many(data: dict[str, Json]) -> bool:
    return sum(1 for _ in steps_of(data)) > MOST_STEPS


def check_shape(
    data: Json, places: Places, broken: Sequence[DocumentPath], diagnostics: Diagnostics
) -> Sequence[DocumentPath] | None:
    """Report everything in `data` that is not shaped like a workflow; nothing about the `broken` paths.

    The paths of what is wrong, or None when the file is something else than a workflow, or far too much of one.
    """
    if isinstance(data, dict) and _has_too_many(data):
        message = f"the workflow has more than {MOST_STEPS:,} steps"
        help = "`foreach` runs one step for each element of a list; `workflow` calls another file"
        diagnostics.add(Diagnostic("AF103", message, places.key_span(("steps",)), label="too many", help=help))
        return None
    reported: Sequence[DocumentPath] | None = ()
    if broken or not is_workflow(data):
        from agentflow_cli.language.schema.explanation import explain_shape

        reported = explain_shape(data, places, broken, diagnostics)
    if reported is not None:
        check_consistency(data, places, reported, diagnostics)
    return reported


def check_agent_shape(data: Json, places: Places, broken: Sequence[DocumentPath], diagnostics: Diagnostics) -> None:
    """Report everything in `data` that is not shaped like an agent file."""
    if broken or not matches(load_schema("agent"), data):
        from agentflow_cli.language.schema.explanation import explain_file

        explain_file("agent", data, places, broken, diagnostics)
    elif isinstance(data, dict):
        check_agent_consistency(data, (), places, diagnostics)


def check_project_shape(data: Json, places: Places, broken: Sequence[DocumentPath], diagnostics: Diagnostics) -> None:
    """Report everything in `data` that is not shaped like a project file."""
    if broken or not matches(load_schema("project"), data):
        from agentflow_cli.language.schema.explanation import explain_file

        explain_file("project", data, places, broken, diagnostics)
    elif isinstance(data, dict):
        check_project_consistency(data, places, diagnostics)
