"""An agent as its author wrote it: in a file of its own, or in the workflow that uses it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from agentflow_cli.domain.json_value import DocumentPath, Json
from agentflow_cli.domain.workflow import Located
from agentflow_cli.foundation.nothing import NOTHING


class Agent(NamedTuple):
    """`path` leads to it in its document: `()` in a file of its own."""

    name: str
    path: DocumentPath
    instructions: Located
    """A template over `project`, `run` and `inputs`."""
    version: str = ""
    description: str = ""
    model: str | None = None
    tools: tuple[Located, ...] = ()
    output: Located | None = None
    """A JSON Schema."""
    limits: Mapping[str, Json] = NOTHING
    """`turns` (int), `tokens` (int), `cost` (dollars), `time` (seconds)."""
    memory: Mapping[str, Json] = NOTHING
    """`conversation`: whether it knows what it was asked before."""
