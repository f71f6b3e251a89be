"""Commands and Python functions, run outside this process."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from agentflow_cli.domain.json_value import Json


@dataclass(frozen=True, slots=True)
class CommandResult:
    exit_code: int
    """Negative: ended by that signal."""
    stdout: bytes
    stderr: bytes


OnProcess = Callable[[int, str], Awaitable[None]]
"""Told (process group, start time) before the process may act; it waits until this has returned."""

OnOutput = Callable[[str], None]
"""Told what a process writes, as it comes, for people to watch."""


class Commands(Protocol):
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
        """Run a program to its end in a session of its own; cancelling the task ends its whole process group.

        Raises StepFailure when it cannot be started.
        """
        ...

    def end_survivors(self, processes: Mapping[int, str], *, at_once: bool = False) -> list[int]:
        """End the process groups (group → start time) that a dead driver left behind, and return those that were alive.

        A group whose start time differs is somebody else's. TERM and then KILL; `at_once` says KILL only. Blocks.
        """
        ...


class Functions(Protocol):
    async def call(
        self,
        function: str,
        arguments: dict[str, Json],
        *,
        env: Mapping[str, str] | None = None,
        on_process: OnProcess,
        on_output: OnOutput | None = None,
    ) -> Json:
        """Call `path.py:name` or `pkg.mod:name` with keyword arguments. Raises StepFailure with what went wrong.

        `env` is added to the environment for this call. What the function prints goes to `on_output`. A call that is
        cancelled is really ended.
        """
        ...

    async def close(self) -> None: ...
