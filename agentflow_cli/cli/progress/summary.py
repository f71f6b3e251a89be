"""The end of a run in a few lines: what failed and where, what it took, and what to type next."""

from __future__ import annotations

import shlex
from pathlib import Path

from agentflow_cli.application.usecases.marks import mark_of
from agentflow_cli.application.usecases.run import exit_code
from agentflow_cli.cli.console import Console
from agentflow_cli.cli.progress.board import first_line, one_line, shown_path
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.plan import PlanStep
from agentflow_cli.domain.run_state import RunState, StepState
from agentflow_cli.foundation.duration import format_duration
from agentflow_cli.foundation.exit_codes import ExitCode
from agentflow_cli.foundation.terminal_text import clean

_MOST_FAILURES = 5
_MOST_CHILDREN = 3
_COUNTED = ("succeeded", "failed", "tolerated", "skipped", "cancelled")


def print_summary(console: Console, state: RunState, root: Path) -> None:
    """On stderr; `--quiet` keeps only what went wrong and the next command."""
    ended_well = state.status in ("succeeded", "stopped")
    say = console.say if ended_well else console.insist
    say(headline(console, state))
    failed = _failed_steps(state)
    for step in failed[:_MOST_FAILURES]:
        for line in _failure_lines(console, state, step):
            console.insist(line)
    if len(failed) > _MOST_FAILURES:
        console.insist(f"  and {len(failed) - _MOST_FAILURES} more steps failed")
    if state.status == "failed" and not failed and state.error:
        console.insist(f"  {one_line(state.error.message)}")
    if state.status in ("interrupted", "stopped") and state.reason:
        say(f"  {one_line(state.reason)}")
    if state.status == "suspended":
        for question in _questions(state):
            console.insist(question)
    if command := next_command(state, root):
        say(f"  {console.paint('next', 'cyan')}: {command}")


def _failed_steps(state: RunState) -> list[StepState]:
    """Those of the workflow itself, then those that ran as the run settled."""
    settling = [step for name in ("on_failure", "finally") for step in state.last_settling(name).values()]
    return [step for step in (*state.steps.values(), *settling) if step.fatal]


def headline(console: Console, state: RunState) -> str:
    """`✓ triage succeeded  run 7fk2q9  12.3s  5 steps  412 tokens  2 retries`"""
    mark = mark_of(state.status)
    parts = [f"{console.paint(mark.sign(console.unicode), mark.style)} {state.plan.workflow} {mark.word}"]
    parts.append(f"run {state.run[:6]}")
    if state.accepted_at is not None and state.updated_at is not None:
        parts.append(format_duration(max(0.0, state.updated_at - state.accepted_at)))
    statuses = ["tolerated" if step.tolerated else step.status for step in state.steps.values()]
    counts = [(mark_of(status).word, statuses.count(status)) for status in _COUNTED]
    asked = [node for node in state.nodes.values() if node.status == "waiting" and node.ask is not None]
    waiting = len(open_questions(state))
    counts += [(mark_of("waiting").word, waiting), (mark_of("answered").word, len(asked) - waiting)]
    told = ", ".join(f"{count} {word}" for word, count in counts if count)
    parts.append(f"{len(statuses)} {'step' if len(statuses) == 1 else 'steps'}" + (f" ({told})" if told else ""))
    if reused := sum(step.reused is not None for step in state.steps.values()):
        parts.append(f"{reused} reused")
    if state.input_tokens or state.output_tokens:
        parts.append(f"{state.input_tokens} + {state.output_tokens} tokens")
    if state.used.cost:
        parts.append(f"${state.used.cost:.4f}" + (" and what is not known" if state.used.unpriced else ""))
    if state.retries:
        parts.append(f"{state.retries} {'retry' if state.retries == 1 else 'retries'}")
    return "  ".join(parts)


def next_command(state: RunState, root: Path) -> str | None:
    """What to type next. With `-C` where the run belongs to another directory's project."""
    short = state.run[:6]
    code = exit_code(state)
    if state.status == "succeeded":
        command = f"runs show {short}"
    elif state.status == "suspended":
        asks = open_questions(state)
        if not asks:
            return f"agentflow {project_option(root)}resume {short}"
        command = f"approve {short}" + (f" {shlex.quote(asks[0].path)}" if len(asks) > 1 else "")
        question = asks[0].ask
        if question is not None and question.form:
            command += "".join(f" --field {name}=…" for name in question.form if question.needs(name))
        elif question is not None and question.choices and question.choices != ["approve", "reject"]:
            command += f" --choice {shlex.quote(question.choices[0])}"
    elif state.status == "stopped" or code.resumable:
        command = f"resume {short}"
        if code is ExitCode.LIMIT:  # or it would stop again at once
            command += _higher_limit(state)
    else:
        failed = _failed_steps(state)
        command = f"runs logs {short}" + (f" {shown_path(failed[0].path)}" if failed else "")
    return f"agentflow {project_option(root)}{command}"


def _higher_limit(state: RunState) -> str:
    """The option with which a resume goes on after a limit of the run was reached; empty when it was another limit."""
    used = state.used
    if state.max_tokens is not None and used.tokens >= state.max_tokens:
        return f" --max-tokens {max(2 * state.max_tokens, used.tokens + state.max_tokens)}"
    if state.max_cost is not None and not used.unpriced and used.cost >= state.max_cost:
        return f" --max-cost {max(2 * state.max_cost, used.cost + state.max_cost):.2f}"
    return " --max-cost none" if state.max_cost is not None else ""


def project_option(root: Path) -> str:
    """`-C DIR ` unless the current directory belongs to the project already."""
    from agentflow_cli.language.loader.project import find_project_root

    return "" if find_project_root(Path.cwd()) == root else f"-C {shlex.quote(str(root))} "


def failure_text(step: StepState) -> str:
    """What went wrong with a step: the message, and what its program wrote."""
    if step.error is None:
        return ""
    text = step.error.message
    for key in ("stderr", "traceback"):
        more = step.error.data.get(key)
        if isinstance(more, str) and more.strip() and more.strip() not in text:
            text = "\n".join([*_without_end(text.splitlines(), more.strip().splitlines()), more.rstrip()])
    return clean(text)


def _without_end(told: list[str], more: list[str]) -> list[str]:
    """`told` without the last lines that `more` ends with too: a message closes with a program's last words."""
    longest = min(len(told) - 1, len(more))
    same = next((n for n in range(longest, 0, -1) if told[-n:] == more[-n:]), 0)
    return told[: len(told) - same]


def _failure_lines(console: Console, state: RunState, step: StepState) -> list[str]:
    plan_step = plan_step_of(state, step)
    place = f"{state.plan.file}:{plan_step.line}" if plan_step.line else state.plan.file
    mark = mark_of("failed")
    sign = console.paint(mark.sign(console.unicode), mark.style)
    head = f"  {sign} {place}: `{shown_path(step.path)}` ({plan_step.kind})"
    kind = step.error.kind if step.error else ""
    lines = [f"{head} failed" + (f" [{kind}]" if kind else "")]
    body = failure_text(step).split("\n")
    shown = body if len(body) <= 12 else [*body[:4], "…" if console.unicode else "...", *body[-7:]]
    lines += [f"      {line}" for line in shown]
    told = step.error.message if step.error else ""
    failed = [child for child in step.children or () if child.fatal and child.path not in told]
    for child in failed[:_MOST_CHILDREN]:
        lines.append(f"      {child.path}: {one_line(child.error.message) if child.error else 'failed'}")
    if len(failed) > _MOST_CHILDREN:
        lines.append(f"      and {len(failed) - _MOST_CHILDREN} more of {len(step.children or ())} children")
    return lines


def plan_step_of(state: RunState, step: StepState) -> PlanStep:
    """What the plan says about a step of the workflow itself, or of one of those that run as it settles."""
    if step.path in state.plan.steps:
        return state.plan.steps[step.path]
    section = state.plan.finally_steps if step.path.startswith("@finally") else state.plan.on_failure
    return section[step.step_id or ""]


def _questions(state: RunState) -> list[str]:
    lines = []
    for step in open_questions(state):
        if step.ask is not None:
            lines.append(f"  `{shown_path(step.path)}` asks: {first_line(step.ask.message)}")
            if step.ask.choices:
                lines.append(f"      choices: {', '.join(one_line(choice) for choice in step.ask.choices)}")
            elif step.ask.form:
                fields = (_field(name, schema, step.ask.needs(name)) for name, schema in step.ask.form.items())
                lines.append(f"      fields: {one_line(', '.join(fields))}")
    return lines[:20]


def _field(name: str, schema: Json, needed: bool) -> str:
    """A field of a form as a person is told of it: `team (desk, network, building)`, `n (integer, needed)`."""
    declared = schema if isinstance(schema, dict) else {}
    allowed = declared.get("enum") or declared.get("type", [])
    kinds = [str(kind) for kind in (allowed if isinstance(allowed, list) else [allowed]) if kind != "string"]
    about = [*kinds, *(["needed"] if needed else [])]
    return f"{name} ({', '.join(about)})" if about else name


def open_questions(state: RunState) -> list[StepState]:
    """Steps, children and inner steps that wait for an answer."""
    return [n for n in state.nodes.values() if n.status == "waiting" and n.ask is not None and n.answer is None]
