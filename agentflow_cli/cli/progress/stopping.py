"""What is said at once when a run is told to stop by Ctrl-C: the steps under way may need a while to end."""

from __future__ import annotations

import asyncio
import contextlib
import signal

from agentflow_cli.cli.console import Console
from agentflow_cli.domain.events import EpochStarted, Record
from agentflow_cli.domain.run_state import RunState


class StoppingNotice:
    """Says so beside the engine's own handling, which is woken by the loop whatever stands as the handler."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._driven = self._listening = self._said = False

    def recorded(self, record: Record, state: RunState) -> None:
        # The engine takes over signals when its epoch has begun, and would take them from us before that.
        if self._driven and not self._listening:
            self._listening = True
            self._listen()
        self._driven = self._driven or isinstance(record.event, EpochStarted)

    def delta(self, path: str, text: str) -> None:
        """Told, and silent."""

    def printed(self, path: str, text: str) -> None:
        """Told, and silent."""

    def _listen(self) -> None:
        with contextlib.suppress(RuntimeError, ValueError):  # no loop, or not in the main thread
            loop = asyncio.get_running_loop()
            if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
                signal.signal(signal.SIGINT, lambda *_: loop.call_soon_threadsafe(self._say))

    def _say(self) -> None:
        if not self._said:
            self._said = True
            self._console.say("stopping; Ctrl-C again leaves at once")
