"""A file that is no workflow at all: said once and plainly, instead of a dozen complaints about its fields."""

from __future__ import annotations

from agentflow_cli.diagnostics.diagnostic import Diagnostic
from agentflow_cli.domain.json_value import Json
from agentflow_cli.language.schema.places import Places
from agentflow_cli.language.schema.wording import what_came

_SMALLEST = "a workflow is a mapping with `apiVersion: agentflow/v1` and `steps:`"
_MARKS = (
    # keys that give a kind of file away, and what it is
    ({"jobs"}, "a GitHub Actions workflow"),
    ({"openapi"}, "an OpenAPI document"),
    ({"swagger"}, "an OpenAPI document"),
    ({"services"}, "a Compose file"),
    ({"apiVersion", "kind"}, "a Kubernetes manifest"),
    ({"instructions"}, "an agent file"),
    ({"repos"}, "a pre-commit configuration"),
    ({"$schema", "properties"}, "a JSON Schema"),
    ({"models"}, "a project file"),
    ({"budgets"}, "a project file"),
)


def explain_other_file(data: Json, places: Places) -> Diagnostic | None:
    """What the file is instead of a workflow; None when it may be one."""
    if not isinstance(data, dict):
        return Diagnostic("AF200", f"a workflow is a mapping, not {what_came(data)}", places.span(()), help=_SMALLEST)
    if not data:
        return Diagnostic("AF200", "this workflow is empty", places.span(()), help=_SMALLEST)
    if "steps" in data:
        return None
    for marks, name in _MARKS:
        if marks <= data.keys() and not (data.get("apiVersion") == "agentflow/v1" and "instructions" not in marks):
            mark = next(key for key in data if key in marks and key != "apiVersion")
            help_ = "`agentflow validate` takes workflow files; agents are checked with the workflow that uses them"
            return Diagnostic(
                "AF200",
                f"this looks like {name}, not like a workflow",
                places.key_span((mark,)),
                label="no field of a workflow",
                help=help_ if name == "an agent file" else _SMALLEST,
            )
    return None
