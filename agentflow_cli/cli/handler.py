"""The outermost handler: every way in which the program can end, as a message and an exit code."""

from __future__ import annotations

import os
from collections.abc import Sequence

from agentflow_cli.cli.console import Console, OutputClosed
from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.plain_call import plain_call
from agentflow_cli.cli.refusal import write_refusal
from agentflow_cli.diagnostics.diagnostic import InvalidWorkflowError
from agentflow_cli.foundation.errors import AgentflowError, NotFoundError, UsageError
from agentflow_cli.foundation.exit_codes import ExitCode
from agentflow_cli.foundation.files import storage_error
from agentflow_cli.foundation.terminal_text import clean

DEBUG_VARIABLE = "AGENTFLOW_DEBUG"
COMPLETION_VARIABLE = "_AGENTFLOW_COMPLETE"


def run(arguments: Sequence[str]) -> int:
    """Run the program with `arguments` (without its name); the exit code."""
    console = Console()
    invocation = Invocation(console)
    try:
        code = _dispatch(list(arguments), invocation)
        try:
            console.flush()
        except OutputClosed:  # what was done is done, whether or not somebody reads of it
            console.abandon_output()
        return code
    except (OutputClosed, BrokenPipeError):
        console.abandon_output()
        return ExitCode.SUCCESS
    except SystemExit as error:
        if error.code != 1:
            raise
        console.abandon_output()  # typer's own way to say that nobody reads the help
        return ExitCode.SUCCESS
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except InvalidWorkflowError as error:
        report_invalid(console, error)
        write_refusal(invocation, error, error.exit_code, "the workflow has errors")
        return error.exit_code
    except AgentflowError as error:
        if isinstance(error, (UsageError, NotFoundError)) and error.next_command is None:
            error.next_command = f"{invocation.command} --help"
        report_error(console, error)
        write_refusal(invocation, error, error.exit_code)
        return error.exit_code
    except OSError as error:
        what = f"cannot use {error.filename}" if error.filename else "cannot write the output"
        failure = storage_error(error, clean(what, keep_newlines=False))
        if failure.exit_code is not ExitCode.IO and not error.filename:
            write_refusal(invocation, error, ExitCode.BUG)
            return report_surprise(console, error, arguments)
        report_error(console, failure)
        write_refusal(invocation, failure, failure.exit_code)
        return failure.exit_code
    except Exception as error:
        from agentflow_cli.cli.wrong_usage import usage_error

        wrong = usage_error(error, invocation.command)
        if wrong is not None:
            report_error(console, wrong)
            return wrong.exit_code
        write_refusal(invocation, error, ExitCode.BUG, f"this is a bug in agentflow ({type(error).__name__})")
        return report_surprise(console, error, arguments)


def _dispatch(arguments: list[str], invocation: Invocation) -> int:
    completing = COMPLETION_VARIABLE in os.environ  # a shell asks what could follow
    if not completing and (code := plain_call(arguments, invocation)) is not None:
        return code
    from agentflow_cli.cli.app import build_app

    if completing:
        from typer.completion import completion_init  # type: ignore[attr-defined]

        completion_init()
    result = build_app()(arguments, prog_name="agentflow", standalone_mode=False, obj=invocation)
    return int(result) if isinstance(result, int) else ExitCode.SUCCESS


def report_error(console: Console, error: AgentflowError) -> None:
    """What, what instead, what next: the last line is a command."""
    console.insist(f"{console.paint('error', 'bold', 'red')}: {clean(error.message)}")
    if error.hint:
        console.insist(f"  {console.paint('hint', 'cyan')}: {clean(error.hint)}")
    if error.next_command:
        console.insist(f"  {console.paint('next', 'cyan')}: {clean(error.next_command)}")


def report_invalid(console: Console, error: InvalidWorkflowError) -> None:
    """The findings as frames, as `validate` shows them."""
    from agentflow_cli.diagnostics.formats import Report, format_full

    files = max(1, len(error.sources))
    report = Report(error.diagnostics.sorted(), files, error.sources)
    color = console.colors(console.stderr)
    console.insist(format_full(report, color=color, width=max(console.width, 60)).rstrip("\n"))


def report_surprise(console: Console, error: Exception, arguments: Sequence[str]) -> ExitCode:
    """A bug of ours: name the crash log; show the traceback only to those who debug."""
    from agentflow_cli.cli.crash_log import write_crash_log

    if os.environ.get(DEBUG_VARIABLE) not in (None, "", "0"):
        import traceback

        console.insist(clean("".join(traceback.format_exception(error))).rstrip("\n"))
    console.insist(f"{console.paint('error', 'bold', 'red')}: this is a bug in agentflow ({type(error).__name__})")
    try:
        console.insist(f"  what happened is written to {write_crash_log(error, arguments)}")
    except (AgentflowError, OSError):
        console.insist(f"  no crash log could be written; {DEBUG_VARIABLE}=1 shows what happened")
    return ExitCode.BUG
