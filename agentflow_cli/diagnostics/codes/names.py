"""AF3xx: what expressions and `needs` refer to."""

from __future__ import annotations

from agentflow_cli.diagnostics.codes.code import Code

CODES: tuple[Code, ...] = ()
