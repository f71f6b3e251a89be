"""AF39x: what a step or an agent says about how it runs."""

from __future__ import annotations

from agentflow_cli.diagnostics.codes.code import Code
from agentflow_cli.diagnostics.diagnostic import Severity

_HEAD = "apiVersion: agentflow/v1\nsteps:\n"

CODES: tuple[Code, ...] = (
    Code(
        "AF391",
        "variables for a step that starts no program",
        "`env` gives variables to the command of `run`, to the function of `python`, to a Python `tool`, to the tools of an"
        " `agent`, and to the command of a channel. Other kinds start nothing that could read them: write the value"
        " where it is used.",
        _HEAD + "  greet:\n    prompt: Say hello.\n    env: {NAME: Ada}\n",
        _HEAD + '  greet:\n    run: echo "hello $NAME"\n    env: {NAME: Ada}\n',
        Severity.WARNING,
    ),
)
