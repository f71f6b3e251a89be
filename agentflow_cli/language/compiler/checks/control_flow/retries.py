"""`retry`: not on what would then be done twice, and not where no second attempt can ever start."""

from __future__ import annotations

from collections.abc import Iterator

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics, Secondary, Severity
from agentflow_cli.domain.kinds import acts_outside
from agentflow_cli.domain.retry import Retry
from agentflow_cli.domain.workflow import Step
from agentflow_cli.language.compiler.checks.control_flow.timeouts import Limit, limits_around, written
from agentflow_cli.language.compiler.control_flow.flow import Flow
from agentflow_cli.language.compiler.types.known import BUILT_IN_TOOLS

_REFUSED_UNDONE = frozenset({"rate_limit", "overloaded"})
"""Failures by which a server says that it has done nothing."""


def check_retries(flow: Flow, diagnostics: Diagnostics) -> None:
    """Report retries that may do something twice, and those that do nothing."""
    for step, block in flow.steps():
        if step.retry is not None and step.retry.max > 0:
            if not step.idempotent and _acts(step) and not _harmless(step, step.retry):
                diagnostics.add(_twice(flow, step))
            diagnostics.extend(_idle(flow, step, step.retry, limits_around(flow, step, block)))


def _acts(step: Step) -> bool:
    if step.kind == "tool" and step.settings["tool"].value in BUILT_IN_TOOLS:
        return False
    return acts_outside(step.kind, {name: located.value for name, located in step.settings.items()})


def _harmless(step: Step, retry: Retry) -> bool:
    """The author has said which failures leave nothing behind."""
    return bool(step.kind == "run" and retry.exit_codes) or _REFUSED_UNDONE.issuperset(retry.on)


def _twice(flow: Flow, step: Step) -> Diagnostic:
    what = {
        "run": "the command",
        "http": f"the `{step.settings['method'].value}`" if "method" in step.settings else "the request",
        "tool": f"`{step.settings['tool'].value}`" if "tool" in step.settings else "the call",
        "notify": "the message",
    }.get(step.kind, "it")
    done = "sent twice" if step.kind in ("http", "notify") else "done twice"
    help = "say `idempotent: true` if that does no harm"
    if step.kind == "run":
        help += ", or name under `exit_codes` the failures after which nothing was done"
    return Diagnostic("AF513", f"a retry of step `{step.id}` may mean that {what} is {done}",
                      flow.loaded.document.key_span((*step.path, "retry")), Severity.WARNING,
                      "a failed attempt may have had its effect", help)  # fmt: skip


def _idle(flow: Flow, step: Step, retry: Retry, limits: list[Limit]) -> Iterator[Diagnostic]:
    document = flow.loaded.document
    at = (*step.path, "retry")
    if retry.exit_codes and step.kind != "run":
        message = f"a step of the kind `{step.kind}` has no exit code"
        yield Diagnostic("AF514", message, document.key_span((*at, "exit_codes")),
                         Severity.WARNING, "nothing is retried for it",
                         "name kinds of failure under `on`")  # fmt: skip
    shortest = min(retry.delay, retry.max_delay) / 2  # the pause has jitter: half of it is fixed
    for limit in limits:
        if shortest >= limit.seconds:
            message = f"no retry of step `{step.id}` can start within `{written(document, limit.path)}`"
            yield Diagnostic("AF514", message, document.span((*at, "delay")), Severity.WARNING,
                             "the pause takes too long", f"shorten it, or lengthen the `timeout` of {limit.whose}",
                             (Secondary(document.span(limit.path), "ended here"),))  # fmt: skip
            return
