"""Stopping a run on purpose, so that it can be resumed: signals and deadlines."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Iterator

from agentflow_cli.foundation.exit_codes import ExitCode

_SIGNALS = {
    signal.SIGINT: ("interrupted", ExitCode.INTERRUPTED),
    signal.SIGTERM: ("terminated", ExitCode.TERMINATED),
    signal.SIGHUP: ("the terminal hung up", ExitCode.HUNG_UP),
}


class Interruption:
    """The first request stops the run in order; a second signal leaves at once, ending child processes first.

    After a request that was no signal (a deadline, a limit) the first signal hurries, and the next one leaves.
    """

    def __init__(self, on_request: Callable[[], None], leave: Callable[[], None]) -> None:
        self._on_request = on_request
        self._leave = leave
        self.reason: str | None = None
        self.exit_code = ExitCode.INTERRUPTED
        self.signalled = asyncio.Event()
        """Somebody has lost patience with an end that was requested otherwise."""
        self._signals = 0

    @property
    def requested(self) -> bool:
        return self.reason is not None

    def request(self, reason: str, exit_code: ExitCode) -> None:
        if self.reason is None:
            self.reason, self.exit_code = reason, exit_code
            self._on_request()

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Handle signals through the loop while the run goes on."""
        loop = asyncio.get_running_loop()
        installed = []
        for number, (reason, exit_code) in _SIGNALS.items():
            with contextlib.suppress(ValueError, RuntimeError):  # not in the main thread: the caller's business
                if signal.getsignal(number) is not signal.SIG_IGN:  # `nohup` asked to ignore it
                    loop.add_signal_handler(number, self._on_signal, reason, exit_code)
                    installed.append(number)
        try:
            yield
        finally:
            for number in installed:
                loop.remove_signal_handler(number)

    def _on_signal(self, reason: str, exit_code: ExitCode) -> None:
        self._signals += 1
        if self._signals > 1:
            self._leave()
            os._exit(int(exit_code))
        if self.requested:
            self.signalled.set()
        self.request(reason, exit_code)
