"""A command line that typer could not read, told as we tell all errors: what, what instead, what next."""

from __future__ import annotations

from typing import Any

from typer import TyperException

from agentflow_cli.foundation.closest import closest
from agentflow_cli.foundation.errors import UsageError

_TOO_MANY = "Got unexpected extra argument"


def usage_error(error: Exception, command: str) -> UsageError | None:
    """`error`, if typer found it while `command` (as `agentflow runs list`) was read; None for any other."""
    if not isinstance(error, TyperException):
        return None
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else command
    message, hint = _told(error)
    return UsageError(message, hint=hint, next_command=f"{command} --help")


def _told(error: Any) -> tuple[str, str | None]:
    """What is wrong, and what was probably meant."""
    message = error.format_message().rstrip(".")
    name: str = getattr(error, "option_name", "")
    kind = type(error).__name__
    if kind == "NoSuchOption":
        near = closest(name, error.possibilities or ())
        return f"there is no option `{name}` here", f"did you mean `{near}`?" if near else None
    if kind == "BadOptionUsage" and "requires" in message:
        return f"`{name}` needs a value behind it", None
    if kind == "BadOptionUsage":
        return f"`{name}` takes no value", None
    parameter = getattr(error, "param", None)
    if kind == "MissingParameter" and parameter is not None:
        if parameter.param_type_name != "argument":
            return f"`{parameter.opts[0]}` is needed", None
        about = (parameter.help or "").partition(". ")[0].rstrip(".")
        return f"{_metavar(parameter)} is missing", about or None
    if kind == "BadParameter" and parameter is not None:
        shown = parameter.opts[-1] if parameter.param_type_name == "option" else _metavar(parameter)
        return f"`{shown}`: {error.message}", None
    if message == "Missing command":
        return "a command is missing", None
    if message.startswith(_TOO_MANY):
        return f"too many arguments: `{message.partition('(')[2].partition('(')[2].rstrip(')')}` is not expected", None
    return message[:1].lower() + message[1:], None


def _metavar(parameter: Any) -> str:
    """What stands for an argument in the help, without its brackets: `RUN`."""
    return str(parameter.metavar or parameter.name.upper()).strip("[]{}")
