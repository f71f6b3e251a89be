"""A request in the form of OpenAI's chat completions, which every provider path here starts from."""

from __future__ import annotations

import json

from agentflow_cli.domain.json_value import Json
from agentflow_cli.ports.model import Message, ModelRequest


def chat_messages(request: ModelRequest) -> list[dict[str, Json]]:
    return [_message(message) for message in request.messages]


def chat_tools(request: ModelRequest) -> list[dict[str, Json]]:
    return [
        {
            "type": "function",
            "function": {"name": tool.name, "description": tool.description, "parameters": tool.parameters},
        }
        for tool in request.tools
    ]


def chat_options(request: ModelRequest) -> dict[str, Json]:
    """What the request asks for besides its messages; what it leaves open is left out."""
    options: dict[str, Json] = {
        "temperature": request.temperature,
        "max_tokens": request.max_tokens,
        "seed": request.seed,
        "stop": list(request.stop) or None,
        "tools": chat_tools(request) or None,
    }
    if request.schema is not None:
        options["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "reply", "schema": request.schema},
        }
    return {name: value for name, value in options.items() if value is not None}


def schema_in_words(request: ModelRequest) -> Message:
    """For a provider that cannot be held to a schema: the instruction to follow it all the same."""
    schema = json.dumps(request.schema, ensure_ascii=False)
    return Message("system", f"Answer with JSON only, and nothing around it. It must match this JSON Schema:\n{schema}")


def _message(message: Message) -> dict[str, Json]:
    content = message.content.encode("utf-8", "replace").decode()  # a lone surrogate is no UTF-8
    value: dict[str, Json] = {"role": message.role, "content": content}
    if message.tool_calls:
        value["content"] = content or None
        value["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": json.dumps(call.arguments, ensure_ascii=False)},
            }
            for call in message.tool_calls
        ]
    if message.tool_call_id is not None:
        value["tool_call_id"] = message.tool_call_id
    return value
