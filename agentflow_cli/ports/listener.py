"""Who is told what happens in a run, after it has been committed."""

from __future__ import annotations

from typing import Protocol

from agentflow_cli.domain.events import Record
from agentflow_cli.domain.run_state import RunState


class Listener(Protocol):
    """Called on the engine's loop: return quickly, never raise."""

    def recorded(self, record: Record, state: RunState) -> None:
        """`record` is committed and `state` has it folded in. Do not keep or change `state`."""
        ...

    def delta(self, path: str, text: str) -> None:
        """The step at `path` streams `text`: provisional, may be lost, an empty string clears what came before."""
        ...

    def printed(self, path: str, text: str) -> None:
        """The command or function of the step at `path` wrote `text` to standard error."""
        ...
