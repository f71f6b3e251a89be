"""The tools of a project: which there are, what each takes, and one called by hand."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.domain.failure import StepFailure
from agentflow_cli.domain.json_value import Json
from agentflow_cli.foundation.errors import AgentflowError
from agentflow_cli.foundation.exit_codes import ExitCode
from agentflow_cli.ports.commands import OnOutput
from agentflow_cli.ports.tools import Tool


class ToolFailedError(AgentflowError):
    """A tool was called and failed."""

    exit_code = ExitCode.FAILED


@dataclass(frozen=True, slots=True)
class NoTool:
    """What looks like a tool and is none."""

    origin: str
    reason: str


def list_tools(container: Container) -> tuple[list[Tool], list[NoTool]]:
    """All tools by name, and what is none, with the reason. No file of the project is executed."""
    registry = container.services().tools
    refused = getattr(registry, "refused", ())
    return registry.list(), [NoTool(entry.origin, entry.reason) for entry in refused]


def find_tool(container: Container, name: str) -> Tool:
    """NotFoundError with what would be right."""
    return container.services().tools.get(name)


def call_tool(container: Container, name: str, arguments: dict[str, Json], on_output: OnOutput) -> Json:
    """What the tool returns. ToolFailedError; what it prints goes to `on_output`."""

    async def on_process(group: int, start_time: str) -> None:
        """Nobody resumes a call by hand."""

    async def go() -> Json:
        services = container.services()
        try:
            return await services.tools.call(name, arguments, on_process=on_process, on_output=on_output)
        finally:
            await services.functions.close()

    try:
        return asyncio.run(go())
    except StepFailure as error:
        raise ToolFailedError(f"`{name}` failed ({error.failure.kind}): {error.failure.message}") from error
