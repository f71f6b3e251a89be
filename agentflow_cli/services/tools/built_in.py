"""The tools that every project has."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from agentflow_cli.domain.failure import Failure, StepFailure
from agentflow_cli.domain.json_value import Json
from agentflow_cli.ports.http import Http, HttpRequest
from agentflow_cli.ports.tools import Tool
from agentflow_cli.services.tools.project_files import read_project_file

ORIGIN = "built in"

Behaviour = Callable[[dict[str, Json]], Awaitable[Json]]

_TOOLS = (
    Tool(
        "http_get",
        "Fetch a public web address by GET. Returns its status, its content type and its body as text.",
        {
            "type": "object",
            "properties": {"url": {"type": "string", "description": "The whole address, beginning with https://."}},
            "required": ["url"],
            "additionalProperties": False,
        },
        ORIGIN,
        effect=False,
    ),
    Tool(
        "read_file",
        "Read a text file of the project. Returns its text, or the lines that are asked for.",
        {
            "type": "object",
            "properties": {
                "path": {"type": "string", "description": "Relative to the project's root: docs/guide.md."},
                "start": {"type": "integer", "minimum": 1, "description": "The first line, counted from 1."},
                "lines": {"type": "integer", "minimum": 1, "description": "How many lines at most."},
            },
            "required": ["path"],
            "additionalProperties": False,
        },
        ORIGIN,
        effect=False,
    ),
)

BUILT_IN: Mapping[str, Tool] = {tool.name: tool for tool in _TOOLS}


def behaviours(root: Path, http: Http) -> Mapping[str, Behaviour]:
    """What each built-in tool does, by its name; arguments have been checked."""

    async def http_get(arguments: dict[str, Json]) -> Json:
        reply = await http.send(HttpRequest("GET", arguments["url"]))
        content_type = reply.headers.get("content-type", "")
        try:
            text = reply.body.decode("utf-8")
        except UnicodeDecodeError:
            if not content_type.startswith("text/"):
                message = f"the body is no text ({content_type or 'of no declared type'}, {len(reply.body):,} bytes)"
                raise StepFailure(Failure("tool", message)) from None
            text = reply.body.decode("latin-1")
        return {"status": reply.status, "content_type": content_type, "body": text}

    async def read_file(arguments: dict[str, Json]) -> Json:
        text = await asyncio.to_thread(read_project_file, root, arguments["path"])
        start, count = arguments.get("start", 1), arguments.get("lines")
        if start == 1 and count is None:
            return text
        lines = text.splitlines(keepends=True)[start - 1 :]
        return "".join(lines if count is None else lines[:count])

    return {"http_get": http_get, "read_file": read_file}
