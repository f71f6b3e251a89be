"""Which view a run gets, and whether somebody can be asked."""

from __future__ import annotations

from agentflow_cli.cli.console import Console
from agentflow_cli.cli.invocation import choose
from agentflow_cli.cli.progress.listeners import NoProgress, View
from agentflow_cli.domain.plan import Plan

KINDS = ("auto", "live", "plain", "none")
_AGENTS = ("AGENT", "CLAUDECODE", "CLAUDE_CODE", "CURSOR_AGENT", "GEMINI_CLI", "CODEX_SANDBOX", "AIDER")
"""Variables that coding agents set: they read lines, not motion."""


def view_for(console: Console, plan: Plan, wanted: str | None) -> View:
    """The view that `--progress` (else AGENTFLOW_PROGRESS) names; `auto` is live where motion makes sense."""
    kind = choose("--progress", wanted or console.environment.get("AGENTFLOW_PROGRESS") or "auto", KINDS)
    if kind == "auto":
        kind = "none" if console.quiet else "live" if may_move(console) else "plain"
    if kind == "live":
        from agentflow_cli.cli.progress.live import LiveView

        return LiveView(console, plan)
    if kind == "plain":
        from agentflow_cli.cli.progress.plain import PlainView

        return PlainView(console, plan)
    return NoProgress()


def may_move(console: Console) -> bool:
    """Whether stderr is a terminal with a person before it."""
    environment = console.environment
    return (
        console.stderr.isatty()
        and not in_ci(console)
        and environment.get("TERM") != "dumb"
        and not any(environment.get(name) for name in _AGENTS)
    )


def may_ask(console: Console, stdin_is_terminal: bool) -> bool:
    """Whether a question can be put to somebody right here."""
    return stdin_is_terminal and console.stderr.isatty() and not in_ci(console)


def in_ci(console: Console) -> bool:
    return console.environment.get("CI", "").lower() not in ("", "0", "false", "no")
