"""The exit codes of the command line. They are API: scripts and CI steps branch on them."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process tells its caller; `resumable` says whether `agentflow resume` can go on from there."""

    SUCCESS = 0
    FAILED = 1
    """What was asked about failed: the run failed, validation found errors."""
    CANNOT_START = 2
    """Usage, unknown file, invalid workflow given to `run`, bad configuration."""
    BUG = 3
    """A bug of ours; a crash log is named."""
    CREDENTIALS = 4
    LIMIT = 5
    DENIED = 6
    NO_PROVIDER = 7
    WAITING = 8
    """A person has to answer first."""
    DATA = 65
    """Stored data is damaged or comes from a newer version."""
    CANNOT_CREATE = 73
    IO = 74
    """An input/output error: a full disk, for example."""
    LOCKED = 75
    """Another process holds the run."""
    TIMEOUT = 124
    HUNG_UP = 129
    INTERRUPTED = 130
    TERMINATED = 143

    @property
    def resumable(self) -> bool:
        return self in _RESUMABLE


_RESUMABLE = frozenset(
    {
        ExitCode.LIMIT,
        ExitCode.NO_PROVIDER,
        ExitCode.WAITING,
        ExitCode.IO,
        ExitCode.TIMEOUT,
        ExitCode.HUNG_UP,
        ExitCode.INTERRUPTED,
        ExitCode.TERMINATED,
    }
)
