"""Short questions of a command to whoever typed it. Where nobody sits, they are not asked."""

from __future__ import annotations

import getpass
import sys

from agentflow_cli.cli.console import Console
from agentflow_cli.foundation.errors import UsageError

_MOST = 1024 * 1024


def confirmed(console: Console, question: str, otherwise: str) -> bool:
    """Yes, by somebody at a terminal. UsageError with what to do `otherwise` where there is none."""
    if not _terminal(console):
        raise UsageError("this has to be confirmed, and there is no terminal to ask at", hint=otherwise)
    console.stderr.write(f"{question} [y/N] ")
    console.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def secret_value(console: Console, name: str) -> str:
    """A value typed twice without being shown, or all of standard input without its last line break.

    UsageError when the two differ, or when it is too long or no text.
    """
    if sys.stdin is None or not sys.stdin.isatty():
        stream = getattr(sys.stdin, "buffer", None)
        data = b"" if stream is None else stream.read(_MOST + 1)
        try:
            text = bytes(data).decode("utf-8")
        except UnicodeDecodeError:
            raise UsageError("standard input is not UTF-8: it is no secret that can be kept") from None
        return text.removesuffix("\n").removesuffix("\r")
    try:
        value = getpass.getpass(f"value of {name} (not shown): ", stream=console.stderr)
        again = getpass.getpass("once more: ", stream=console.stderr)
    except EOFError:
        raise UsageError("no value was given") from None
    if value != again:
        raise UsageError("the two values differ", hint="nothing was changed; try again")
    return value


def _terminal(console: Console) -> bool:
    return sys.stdin is not None and sys.stdin.isatty() and console.stderr.isatty()
