"""What `agentflow validate` does, however its call was read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from agentflow_cli.cli.console import OutputClosed
from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.foundation.exit_codes import ExitCode

if TYPE_CHECKING:
    from agentflow_cli.diagnostics.report import Report

OUTPUTS = ("full", "concise", "json", "jsonl", "github", "gitlab", "junit", "sarif")


def check(
    invocation: Invocation,
    paths: Sequence[str],
    *,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    cache: bool = True,
) -> ExitCode:
    """Check files, or the project where `paths` is empty, and show what was found; 1 if there are errors."""
    from agentflow_cli.application.usecases.selection import selection
    from agentflow_cli.application.usecases.validate import validate

    keep = selection(select, ignore)
    report = keep(validate(list(paths), cache=cache))
    _show(invocation, report, paths)
    return _exit_code(report)


def mend(
    invocation: Invocation, paths: Sequence[str], *, select: Sequence[str] = (), ignore: Sequence[str] = (), write: bool
) -> ExitCode:
    """Mend what is certain and show what remains; or show the difference and write nothing, 1 if there is one."""
    from agentflow_cli.application.usecases.fix import fix
    from agentflow_cli.application.usecases.selection import selection
    from agentflow_cli.cli.fixing import show_difference, write_fixed

    console = invocation.console
    fixed = fix(list(paths), selection(select, ignore))
    remaining = _exit_code(fixed.report)
    if not write:
        show_difference(console, fixed)
        return ExitCode.FAILED if fixed.changes else remaining
    write_fixed(console, fixed)
    if fixed.stdin is None:
        _show(invocation, fixed.report)
    elif fixed.report.diagnostics:
        from agentflow_cli.diagnostics.formats import format_full

        color = console.colors(console.stderr)
        console.insist(format_full(fixed.report, color=color, width=max(60, console.width)).rstrip("\n"))
    return remaining


def _say_next(invocation: Invocation, report: Report, paths: Sequence[str]) -> None:
    """The next command: what mends, or else what explains the first error."""
    invocation.console.flush()  # it comes last also where both streams are one
    errors = [d.code for d in report.diagnostics if d.severity.value == "error"]
    if "-" not in paths and any(d.fix is not None and d.fix.safe for d in report.diagnostics):
        import shlex

        invocation.console.say(f"  next: {shlex.join(['agentflow', 'validate', '--fix', *paths])}")
    elif errors:
        invocation.console.say(f"  next: agentflow explain {errors[0]}")


def _exit_code(report: Report) -> ExitCode:
    from agentflow_cli.diagnostics.diagnostic import Severity

    return ExitCode.FAILED if report.count(Severity.ERROR) else ExitCode.SUCCESS


def _show(invocation: Invocation, report: Report, paths: Sequence[str] | None = None) -> None:
    """The report, and for people the next command after a check of `paths`."""
    from agentflow_cli.diagnostics.formats import format_report

    console, for_people = invocation.console, invocation.output in ("full", "concise")
    if console.quiet and not report.diagnostics and for_people:
        return
    color = console.colors(console.stdout)
    if not for_people:
        console.for_programs()
    try:
        console.raw(format_report(report, invocation.output, color=color, width=max(60, console.width)))
        if for_people and paths is not None:
            _say_next(invocation, report, paths)
    except OutputClosed:  # what was found was found, whether or not somebody reads of it
        console.abandon_output()
