"""Commands as child processes: nothing runs before its process group is recorded, nothing is left when it ends.

The child is a shell that waits at a gate: it reads one line from its standard input and then becomes the program.
If we die before that line is written, it reads the end of the pipe and ends. What follows the line in the pipe is the
program's own input.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from agentflow_cli.domain.failure import Failure, StepFailure
from agentflow_cli.foundation.clock import Clock, SystemClock
from agentflow_cli.ports.commands import CommandResult, OnOutput, OnProcess
from agentflow_cli.services.tools.child import Child, end_group, finish_despite_cancellation
from agentflow_cli.services.tools.processes import end_survivors, start_time

_SHELL = "/bin/sh"
_NAME = "agentflow-gate"
_GATE = 'read -r AGENTFLOW_GATE || exit 125; unset AGENTFLOW_GATE; exec "$@"'
_GATE_WITHOUT_INPUT = _GATE + " </dev/null"

DRAIN = 1.0
"""Seconds that are granted to what still holds the pipes after the command itself has ended."""

_ONE_STRING = 128 * 1024
"""Linux takes no argument or variable of this many bytes or more."""


def script_argv(script: str) -> list[str]:
    """The argument list for a script of an author: stops at the first error, unset variable or failed pipe."""
    return ["bash", "-euo", "pipefail", "-c", script]


class LocalCommands:
    """A ports.commands.Commands on this machine.

    What a command leaves running in its process group is ended with it: a recorded outcome is final.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()

    async def run(
        self,
        argv: Sequence[str],
        *,
        directory: Path,
        env: Mapping[str, str],
        stdin: bytes | None,
        on_process: OnProcess,
        on_output: OnOutput | None = None,
    ) -> CommandResult:
        """Run `argv` in `directory` with exactly `env`. See the port.

        StepFailure when it cannot be started (kind `exit_code`, 126 or 127 as in a shell) or prints too much.
        """
        _check(argv, directory, env)
        child = await _start(argv, directory, env, stdin is not None, on_output)
        try:
            await on_process(child.group, start_time(child.group))
            child.write(b"\n" + (stdin or b""))
            await child.ended.wait()
            await self._drain(child)
        except BaseException:
            await finish_despite_cancellation(end_group(child.group, child.ended, self._clock))
            raise
        finally:
            child.close()
        if child.overflow is not None:
            raise StepFailure(Failure("invalid_output", child.overflow))
        _check_gate(argv, child)
        return CommandResult(child.exit_code, bytes(child.stdout), child.stderr)

    def end_survivors(self, processes: Mapping[int, str], *, at_once: bool = False) -> list[int]:
        return end_survivors(processes, at_once=at_once)

    async def _drain(self, child: Child) -> None:
        """Wait for the end of the pipes, which a process in the background may hold; then end that process."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN):
                await child.drained.wait()
        await end_group(child.group, child.ended, self._clock)


async def _start(
    argv: Sequence[str], directory: Path, env: Mapping[str, str], has_input: bool, on_output: OnOutput | None
) -> Child:
    gate = _GATE if has_input else _GATE_WITHOUT_INPUT
    loop = asyncio.get_running_loop()
    try:
        _, child = await loop.subprocess_exec(
            lambda: Child(on_output),
            _SHELL,
            "-c",
            gate,
            _NAME,
            *argv,
            cwd=directory,
            env=env,
            start_new_session=True,
        )
    except OSError as error:
        if error.errno == errno.E2BIG:
            raise _too_long() from error
        raise _cannot_start(f"cannot start `{argv[0]}`: {error.strerror or error}", 126) from error
    return child


def _check(argv: Sequence[str], directory: Path, env: Mapping[str, str]) -> None:
    """Refuse what cannot be started, with a better message than the system has."""
    if not argv or not argv[0]:
        raise _cannot_start("the command is empty; its first element names the program", 127)
    for index, argument in enumerate(argv):
        if "\0" in argument:
            raise _cannot_start(f"argument {index} holds a NUL byte, which no command can be given", 126)
        _check_size(f"argument {index}", argument)
    for name, value in env.items():
        if "\0" in value or "\0" in name or "=" in name or not name:
            raise _cannot_start(f"the variable `{name}` has a NUL byte in it or no proper name", 126)
        _check_size("the name of a variable", name)
        _check_size(f"the variable `{name}`", value, len(name) + 1)
    if not directory.is_dir():
        raise _cannot_start(f"the directory {directory} is not there", 126)
    _check_program(argv[0], directory, env)


def _check_size(what: str, value: str, besides: int = 0) -> None:
    try:
        size = len(os.fsencode(value)) + besides
    except UnicodeEncodeError as error:
        raise _cannot_start(
            f"{what} holds half a surrogate pair, which is no text (character {error.start})", 126
        ) from error
    if size >= _ONE_STRING:
        raise _too_long(what, size)


def _check_program(program: str, directory: Path, env: Mapping[str, str]) -> None:
    if "/" in program:
        path = directory / program
        if not path.exists():
            raise _cannot_start(f"`{program}` is not there (commands start in {directory})", 127)
        if path.is_dir():
            raise _cannot_start(f"`{program}` is a directory", 126)
        if not os.access(path, os.X_OK):
            raise _cannot_start(f"`{program}` is not executable; make it so with `chmod +x {program}`", 126)
    elif program.startswith("-") or shutil.which(program, path=env.get("PATH", os.defpath)) is None:
        if (directory / program).is_file():
            raise _cannot_start(f"`{program}` is not on the PATH; for the file in the project write `./{program}`", 127)
        if program == "bash":
            raise _cannot_start("scripts run under bash, which is not on the PATH; install it, or write a list", 127)
        raise _cannot_start(f"`{program}` is not on the PATH", 127)


def _check_gate(argv: Sequence[str], child: Child) -> None:
    """The gate itself says when the program could not be entered: a bad `#!` line, or too long an environment."""
    said = child.stderr.decode("utf-8", "replace")
    if child.exit_code not in (2, 126, 127) or not said.startswith(f"{_NAME}: "):
        return
    reason = said.splitlines()[0].rpartition(": ")[2]
    if "too long" in reason:
        raise _too_long()
    if (Path(argv[0]).suffix or "/" in argv[0]) and "not found" in reason:
        reason += " (is the interpreter in its first line, `#!…`, installed?)"
    raise _cannot_start(f"cannot start `{argv[0]}`: {reason}", child.exit_code)


def _too_long(what: str = "the command with its environment", size: int | None = None) -> StepFailure:
    found = "" if size is None else f" ({size:,} bytes; one value holds 131,071)"
    return _cannot_start(f"{what} is too long for the system{found}; give long values by `stdin:`", 126)


def _cannot_start(message: str, exit_code: int) -> StepFailure:
    return StepFailure(Failure("exit_code", message, data={"exit_code": exit_code}))
