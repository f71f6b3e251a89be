"""Several listeners as one. A view that breaks (a closed pipe, a bug) is left out from then on: the run goes on."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from typing import Protocol

from agentflow_cli.domain.events import Record
from agentflow_cli.domain.run_state import RunState
from agentflow_cli.ports.listener import Listener


class View(Listener, Protocol):
    """A listener that draws: begun before the run, ended after it, paused while somebody is asked something."""

    def begin(self) -> None: ...

    def end(self) -> None: ...

    def paused(self) -> contextlib.AbstractContextManager[None]: ...


class NoProgress:
    """Shows nothing."""

    def begin(self) -> None:
        """Nothing to begin."""

    def end(self) -> None:
        """Nothing to end."""

    def paused(self) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    def recorded(self, record: Record, state: RunState) -> None:
        """Told, and silent."""

    def delta(self, path: str, text: str) -> None:
        """Told, and silent."""

    def printed(self, path: str, text: str) -> None:
        """Told, and silent."""


class Listeners:
    """Tells each of several."""

    def __init__(self, *listeners: Listener) -> None:
        self._listeners = list(listeners)

    def recorded(self, record: Record, state: RunState) -> None:
        self._tell(lambda listener: listener.recorded(record, state))

    def delta(self, path: str, text: str) -> None:
        self._tell(lambda listener: listener.delta(path, text))

    def printed(self, path: str, text: str) -> None:
        self._tell(lambda listener: listener.printed(path, text))

    def _tell(self, say: Callable[[Listener], None]) -> None:
        for listener in tuple(self._listeners):
            try:
                say(listener)
            except Exception:
                if os.environ.get("AGENTFLOW_DEBUG") not in (None, "", "0"):
                    raise
                self._listeners.remove(listener)
