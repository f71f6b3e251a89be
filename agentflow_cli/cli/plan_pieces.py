"""What stands behind a step in the list of `plan`, piece by piece."""

from __future__ import annotations

import math
from collections.abc import Iterator

from agentflow_cli.application.usecases.plan import report as r
from agentflow_cli.cli.progress.board import one_line
from agentflow_cli.foundation.duration import format_duration


def pieces(step: r.PlannedStep) -> Iterator[str]:
    """The most important first: what is wrong, what it calls, how often, within which limits, on which condition."""
    if step.problem is not None:
        yield f"✗ will fail: {one_line(step.problem, 100)}"
    if step.verdict == r.SKIPPED:
        yield f"skipped: {one_line(step.why, 90)}"
        return
    if step.model is not None:
        yield model(step.model)
    if step.kind != "set" and step.does:
        yield one_line(step.does, 70)
    if step.verdict == r.CHANGED:
        yield one_line(step.why, 60)
    elif step.since_last_run is not None and step.since_last_run.verdict == "new":
        yield "new"
    elif step.since_last_run is not None and step.since_last_run.verdict == "changed":
        yield one_line(step.since_last_run.why, 60)
    if step.agent is not None:
        yield from _agent(step.agent)
    if step.output_tokens is not None:
        yield f"≤{tokens(step.output_tokens)} tok" + (" each" if step.foreach else "")
        if step.output_cost:
            yield f"≤{dollars(step.output_cost)} written"
    if step.prompt_characters is not None:
        yield f"prompt {step.prompt_characters:,} chars"
    if step.foreach is not None:
        yield f"foreach {one_line(step.foreach, 50)}" + (f" ×{step.count}" if step.count is not None else "")
    if step.repeat is not None:
        yield f"repeat up to {step.repeat}"
    if step.cache is not None:
        yield _cache(step.cache)
    if step.timeout is not None:
        yield f"timeout {format_duration(step.timeout)}"
    if step.why and step.verdict != r.CHANGED and step.verdict != r.CACHED:
        yield one_line(step.why, 70)


def model(use: r.ModelUse) -> str:
    """`fast → openai/gpt-5-mini`."""
    meant = use.name or " or ".join(use.either) or f"unknown: {one_line(use.reason, 90)}"
    return f"{one_line(use.written, 40)} → {meant}" if use.written and use.written != use.name else meant


def tokens(count: int) -> str:
    """`600`, `20k`: exact, for a bound is no estimate."""
    return f"{count // 1000}k" if count >= 1000 and count % 1000 == 0 else f"{count:,}"


def dollars(amount: float) -> str:
    """`$0.10`, `$0.0004`: rounded up, for it is a bound."""
    places = 2 if amount >= 0.1 else 4
    return f"${math.ceil(round(amount * 10**places, 6)) / 10**places:.{places}f}"


def _agent(agent: r.AgentUse) -> Iterator[str]:
    limits = [f"{agent.turns} turns"]
    limits += [f"{tokens(agent.tokens)} tok"] if agent.tokens is not None else []
    limits += [dollars(agent.cost)] if agent.cost is not None else []
    limits += [format_duration(agent.time)] if agent.time is not None else []
    yield "limits " + ", ".join(limits)
    if agent.tools:
        yield "tools: " + one_line(", ".join(agent.tools), 80)


def _cache(cache: r.CacheOutlook) -> str:
    if cache.verdict == "hit":
        return f"cached: {cache.why}"
    said = cache.why if cache.why.startswith("unknown ") else f"{cache.verdict}: {cache.why}"
    return f"cache {one_line(said, 80)}"
