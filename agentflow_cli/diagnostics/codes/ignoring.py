"""AF90x: comments that silence findings."""

from __future__ import annotations

from agentflow_cli.diagnostics.codes.code import Code
from agentflow_cli.diagnostics.diagnostic import Severity

_HEAD = "apiVersion: agentflow/v1\nsteps:\n  hello:\n"

CODES = (
    Code(
        "AF901",
        "a comment that silences nothing",
        "`# agentflow: ignore[CODE]` silences findings with that code on its line, or, where it stands alone, on the"
        " next one. Here there is none: it may have been mended, or stand on another line. What is left would one day"
        " hide something new: remove it.",
        f"{_HEAD}    run: echo hello  # agentflow: ignore[AF312]\n",
        f"{_HEAD}    run: echo hello\n",
        Severity.WARNING,
    ),
    Code(
        "AF902",
        "a comment that names no code",
        "What stands in the brackets of `# agentflow: ignore[CODE]` is a code like AF312, or several with commas"
        " between. `agentflow explain` lists them all.",
        f"{_HEAD}    set: {{agent: 007}}  # agentflow: ignore[zeros, AF116]\n",
        f"{_HEAD}    set: {{agent: 007}}  # agentflow: ignore[AF116]\n",
        Severity.WARNING,
    ),
    Code(
        "AF903",
        "a comment that would silence everything",
        "`# agentflow: ignore` has to say which code it is about: one that silences everything hides what nobody has"
        " seen yet. `validate` takes such comments for errors and warnings alike; `run` refuses a workflow with errors"
        " whatever its comments say.",
        f"{_HEAD}    run: echo hello  # agentflow: ignore\n",
        f"{_HEAD}    set: {{agent: 007}}  # agentflow: ignore[AF116]\n",
    ),
)
