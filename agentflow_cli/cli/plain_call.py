"""`agentflow validate PATH…` without an option, read without the library that reads command lines.

Importing that library takes as long as checking ten steps does, and this is the call that editors, hooks and loops make
hundreds of times a day. It means exactly what the other way would make of it; whatever is not as plain goes there.
"""

from __future__ import annotations

from collections.abc import Sequence

from agentflow_cli.cli.invocation import Invocation


def plain_call(arguments: Sequence[str], invocation: Invocation) -> int | None:
    """Carry out a plain call, to its exit code; None for any other."""
    if arguments[:1] != ["validate"] or any(a.startswith("-") and a != "-" for a in arguments[1:]):
        return None
    from agentflow_cli.cli.checking import OUTPUTS, check

    invocation.command = "agentflow validate"
    invocation.use_settings()
    invocation.choose_output(OUTPUTS)
    return check(invocation, arguments[1:])
