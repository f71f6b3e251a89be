"""Expected failures: each says what, where, what instead, what next, and which exit code the process ends with.

AgentflowError
├── UsageError         a wrong command line or setting                    exit 2
├── NotFoundError      a file, run, step or model that is not there       exit 2
├── MissingExtraError  a library that an extra installs                   exit 2
├── NotTrustedError    state that this user did not make                  exit 6
├── DamagedDataError   stored data that cannot be read                    exit 65
├── CannotCreateError  a file or directory that cannot be made            exit 73
├── StorageError       a full disk, a failing device                      exit 74
└── LockedError        another process holds the run                      exit 75
"""

from __future__ import annotations

from agentflow_cli.foundation.exit_codes import ExitCode


class AgentflowError(Exception):
    """A failure that its reader can do something about. Never shown with a traceback."""

    exit_code: ExitCode = ExitCode.CANNOT_START

    def __init__(self, message: str, *, hint: str | None = None, next_command: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        """What would have been right, in one sentence."""
        self.next_command = next_command
        """A command that the reader can paste."""


class UsageError(AgentflowError):
    """A wrong command line or setting."""


class NotFoundError(AgentflowError):
    """A file, run, step or model that is not there."""


class MissingExtraError(AgentflowError):
    """A library that is not installed; `extra` is the name of the extra that brings it."""

    def __init__(self, purpose: str, extra: str) -> None:
        super().__init__(
            f"{purpose} needs the extra `{extra}`, which is not installed",
            next_command=f"pip install 'agentflow-yaml[{extra}]'",
        )


class NotTrustedError(AgentflowError):
    exit_code = ExitCode.DENIED


class DamagedDataError(AgentflowError):
    exit_code = ExitCode.DATA


class CannotCreateError(AgentflowError):
    exit_code = ExitCode.CANNOT_CREATE


class StorageError(AgentflowError):
    exit_code = ExitCode.IO


class LockedError(AgentflowError):
    exit_code = ExitCode.LOCKED
