"""An agent as its author wrote it: in a file of its own, or in the workflow that uses it."""

from __future__ import annotations

from dataclasses import dataclass, field

from agentflow_cli.domain.json_value import DocumentPath, Json
from agentflow_cli.domain.workflow import Located


@dataclass(frozen=True, slots=True)
class Agent:
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
    limits: dict[str, Json] = field(default_factory=dict)
    """`turns` (int), `tokens` (int), `cost` (dollars), `time` (seconds)."""
    memory: dict[str, Json] = field(default_factory=dict)
    """`conversation`: whether it knows what it was asked before."""
