"""The result of a run that could not start, or whose record could not be kept: whoever reads JSON is told as JSON."""

from __future__ import annotations

from agentflow_cli import __version__
from agentflow_cli.cli.console import OutputClosed
from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import FORMAT_VERSION, json_text, write_value
from agentflow_cli.diagnostics.diagnostic import InvalidWorkflowError
from agentflow_cli.domain.json_value import Json
from agentflow_cli.foundation.errors import AgentflowError


def write_refusal(invocation: Invocation, error: Exception, exit_code: int, message: str | None = None) -> None:
    """`{version, status, exit_code, error: {message, hint}, diagnostics}` on stdout, where a run's result is awaited.

    `status` is `not_started` or `crashed`. For `jsonl` it is one record, after the version record.
    """
    status, form, console = invocation.awaited, invocation.output, invocation.console
    if not status or form not in ("json", "jsonl", "yaml"):
        return
    invocation.awaited = ""
    told: dict[str, Json] = {"message": message or str(error)}
    if isinstance(error, AgentflowError):
        told.update({"hint": error.hint, "next": error.next_command})
    value: dict[str, Json] = {
        "version": FORMAT_VERSION,
        "agentflow": __version__,
        "status": status,
        "exit_code": int(exit_code),
        "error": {key: text for key, text in told.items() if text},
        "diagnostics": [],
    }
    if isinstance(error, InvalidWorkflowError):
        from agentflow_cli.diagnostics.formats import to_json

        value["diagnostics"] = [to_json(diagnostic) for diagnostic in error.diagnostics.sorted()]
    try:
        if form == "jsonl":
            if status == "not_started":
                head: Json = {"type": "version", "version": FORMAT_VERSION, "agentflow": __version__}
                console.raw(json_text(head) + "\n")
            console.raw(json_text({"type": status, **value}) + "\n")
        else:
            write_value(invocation, value)
        console.flush()
    except OutputClosed:
        console.abandon_output()
