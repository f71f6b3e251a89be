"""A file that is no workflow at all: said once and plainly, instead of a dozen complaints about its fields."""

from __future__ import annotations

import itertools

from agentflow_cli.diagnostics.diagnostic import Diagnostic
from agentflow_cli.domain.json_value import Json
from agentflow_cli.foundation.closest import closest
from agentflow_cli.language.schema.files import load_schema
from agentflow_cli.language.schema.other_words import meant
from agentflow_cli.language.schema.places import Places
from agentflow_cli.language.schema.wording import what_came

_SMALLEST = {
    "workflow": "a workflow is a mapping with `apiVersion: agentflow/v1` and `steps:`",
    "agent": "an agent is a mapping with `apiVersion: agentflow/v1` and `instructions:`",
    "project": "a project file is a mapping with `apiVersion: agentflow/v1` and, for example, `name:`",
}
FILE_NAMES = {"workflow": "a workflow", "agent": "an agent", "project": "a project file"}
_MOST = 50
"""Fields that are looked at."""
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
    ({"nodes", "edges"}, "a graph of another tool"),
    ({"stages"}, "a GitLab pipeline"),
    ({"dag"}, "a graph of another tool"),
    ({"tasks"}, "a file of tasks of another tool"),
)


def explain_other_file(data: Json, places: Places, wanted: str = "workflow") -> Diagnostic | None:
    """What the file is instead of what is `wanted` (`workflow`, `agent` or `project`); None when it may be one."""
    smallest = _SMALLEST[wanted]
    name = FILE_NAMES[wanted]
    if not isinstance(data, dict):
        return Diagnostic("AF200", f"{name} is a mapping, not {what_came(data)}", places.span(()), help=smallest)
    if not data:
        return Diagnostic("AF200", f"this {name.partition(' ')[2]} is empty", places.span(()), help=smallest)
    if wanted == "project":
        return None
    if wanted == "agent":
        if "steps" in data and "instructions" not in data:
            return Diagnostic("AF200", "this looks like a workflow, not like an agent", places.key_span(("steps",)),
                              label="no field of an agent", help=smallest)  # fmt: skip
        return None
    if "steps" in data:
        return None
    for marks, found in _MARKS:
        if marks <= data.keys() and not (data.get("apiVersion") == "agentflow/v1" and "instructions" not in marks):
            mark = next(key for key in data if key in marks and key != "apiVersion")
            return Diagnostic(
                "AF200",
                f"this looks like {found}, not like a workflow",
                places.key_span((mark,)),
                label="no field of a workflow",
                help=smallest,
            )
    if not any(_may_be_ours(key) for key in itertools.islice(data, _MOST)):
        message = "this does not look like a workflow: no field of one is there"
        return Diagnostic("AF200", message, places.key_span((next(iter(data)),)), label="no field of a workflow",
                          help=smallest)  # fmt: skip
    return None


def _may_be_ours(key: str) -> bool:
    fields = load_schema()["properties"]
    return key in fields or key.startswith("x-") or bool(meant(key, fields) or closest(key, fields))
