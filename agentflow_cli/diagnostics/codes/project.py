"""AF60x: what is wrong between the files of a project. Found by `agentflow validate` without a path."""

from __future__ import annotations

from agentflow_cli.diagnostics.codes.code import Code
from agentflow_cli.diagnostics.diagnostic import Severity

CODES = (
    Code(
        code="AF601",
        title="an agent that no workflow uses",
        why="A file in `agents/` is called by no step, is no tool of an agent that is called, and is named in no\n"
        "other YAML file of the project. Either the file was forgotten, or the call of it. This is only said when all\n"
        "files are checked together and none of them has an error.",
        severity=Severity.WARNING,
    ),
    Code(
        code="AF602",
        title="two files have the same id",
        why="Agents and workflows are called by the name of their file up to its first dot. `agents/reader.yaml` and\n"
        "`agents/reader.yml` are both `reader`, and which one a step gets would be chance. Rename one of them.",
    ),
    Code(
        code="AF603",
        title="two workflows have the same name",
        why="Runs are listed by the `name` of their workflow. Two files in `workflows/` with one name make runs that\n"
        "cannot be told apart. Give each its own, or leave `name` out: then it is the name of the file.",
        severity=Severity.WARNING,
    ),
    Code(
        code="AF604",
        title="a file of tools is not Python",
        why="The files in `tools/` are read, not executed, to see which functions they offer. One that cannot be\n"
        "parsed offers none. The message says where Python stopped.",
    ),
)  # fmt: skip
