"""`agentflow validate`"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from agentflow_cli.cli.options import Invocation
from agentflow_cli.foundation.exit_codes import ExitCode

if TYPE_CHECKING:
    from agentflow_cli.diagnostics.report import Report

OUTPUTS = ("full", "concise", "json", "jsonl", "github", "gitlab", "junit", "sarif")


def command(
    ctx: typer.Context,
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATH…|-]", help="Files or directories; `-` is standard input.", show_default=False),
    ] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what is certain, and write the files.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show what --fix would write; exit 1 if anything.")] = False,
    select: Annotated[
        list[str] | None,
        typer.Option("--select", metavar="CODES", help="Only these: `AF3,AF412`.", show_default=False),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option("--ignore", metavar="CODES", help="All but these.", show_default=False),
    ] = None,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Check every file again, also those that are as they were.")
    ] = False,
) -> ExitCode:
    """Check workflow files: every problem at once, each at its place.

    Without a path it checks all workflows of the project. Nothing of them is executed.
    Exit code 1 says that there are errors. A line with `# agentflow: ignore[AF512]` is not reported for that code.
    """
    from agentflow_cli.application.usecases.selection import selection
    from agentflow_cli.diagnostics.diagnostic import Severity

    invocation: Invocation = ctx.obj
    keep = selection(select or (), ignore or ())
    if fix or diff:
        return _fix(invocation, paths or [], keep, write=not diff)
    from agentflow_cli.application.usecases.validate import validate

    report = keep(validate(paths or [], cache=not no_cache))
    _show(invocation, report)
    return ExitCode.FAILED if report.count(Severity.ERROR) else ExitCode.SUCCESS


def _fix(invocation: Invocation, paths: list[str], keep: Callable[[Report], Report], *, write: bool) -> ExitCode:
    from agentflow_cli.application.usecases.fix import fix
    from agentflow_cli.cli.fixing import show_difference, write_fixed
    from agentflow_cli.diagnostics.diagnostic import Severity

    console = invocation.console
    fixed = fix(paths, keep)
    remaining = ExitCode.FAILED if fixed.report.count(Severity.ERROR) else ExitCode.SUCCESS
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


def _show(invocation: Invocation, report: Report) -> None:
    from agentflow_cli.diagnostics.formats import format_report

    console = invocation.console
    if not (console.quiet and not report.diagnostics and invocation.output in ("full", "concise")):
        color = console.colors(console.stdout)
        console.raw(format_report(report, invocation.output, color=color, width=max(60, console.width)))
