"""What a fork reuses and what it runs, a line for each step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from agentflow_cli.application.usecases.fork.fork import Fork
from agentflow_cli.cli.console import Console, paint
from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import write_value

_MARKS = {
    # verdict → glyph, ASCII, colour, what is said before the reason
    "reused": ("≡", "=", "dim", "reused"),
    "skipped": ("○", "-", "dim", "skipped"),
    "partly": ("~", "~", "yellow", "runs in part"),
    "runs": ("+", "+", "green", "runs"),
}


def say_verdicts(console: Console, fork: Fork) -> None:
    """On stderr, before the run begins."""
    console.say(f"fork of run {fork.parent.run[:6]}")
    for line in _lines(fork, console.unicode, console.colors(console.stderr)):
        console.say(line)


def write_verdicts(invocation: Invocation, fork: Fork) -> None:
    """As the result of `--dry-run`."""
    console = invocation.console
    if invocation.output != "text":
        steps = [asdict(verdict) for verdict in fork.verdicts.values()]
        write_value(invocation, {"version": 1, "parent": fork.parent.run, "inputs": fork.inputs, "steps": steps})
        return
    for line in _lines(fork, console.unicode, console.colors(console.stdout)):
        console.raw(line + "\n")


def _lines(fork: Fork, unicode: bool, color: bool) -> Iterator[str]:
    ids = min(28, max((len(step_id) for step_id in fork.verdicts), default=0))
    kinds = max((len(verdict.kind) for verdict in fork.verdicts.values()), default=0)
    for verdict in fork.verdicts.values():
        glyph, ascii_glyph, style, word = _MARKS[verdict.verdict]
        sign = glyph if unicode else ascii_glyph
        said = f"{word}: {verdict.why}" if verdict.why else word
        shown = paint(sign, style) if color else sign
        yield f"  {shown} {verdict.id:<{ids}}  {verdict.kind:<{kinds}}  {said}"
