"""AF4xx: expressions and templates themselves."""

from __future__ import annotations

from agentflow_cli.diagnostics.codes.code import Code

CODES: tuple[Code, ...] = ()
