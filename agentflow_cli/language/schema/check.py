"""The shape of a workflow file: is it a workflow, and does every field hold what it may hold?"""

from __future__ import annotations

from collections.abc import Sequence

from agentflow_cli.diagnostics.diagnostic import Diagnostics
from agentflow_cli.domain.json_value import DocumentPath, Json
from agentflow_cli.language.schema.consistency import check_consistency
from agentflow_cli.language.schema.places import Places
from agentflow_cli.language.schema.validator import is_workflow


def check_shape(data: Json, places: Places, broken: Sequence[DocumentPath], diagnostics: Diagnostics) -> None:
    """Report everything in `data` that is not shaped like a workflow; nothing about the `broken` paths."""
    reported: Sequence[DocumentPath] | None = ()
    if broken or not is_workflow(data):
        from agentflow_cli.language.schema.explanation import explain_shape

        reported = explain_shape(data, places, broken, diagnostics)
    if reported is not None:
        check_consistency(data, places, reported, diagnostics)
