"""Speak to the process that drives a run, also while it is only starting."""

from __future__ import annotations

import threading
from collections.abc import Callable

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.application.usecases.runs import look
from agentflow_cli.engine.control import NotListeningError

_PATIENCE = 10.0
"""Seconds for a driver that holds the run's lock to begin to listen."""
_LOOK_EVERY = 0.05


def ask_driver(container: Container, run: str, send: Callable[[], str | None]) -> str | None:
    """What the driver of `run` (a full id) says to `send`: None when it was carried out, else why not.

    A driver takes the lock before it listens, and stops listening before it lets go of the lock: between the two it is
    waited for. ConnectionError when nobody drives the run any more, or the driver does not answer.
    """
    clock, pause = container.clock, threading.Event()
    deadline = clock.monotonic() + _PATIENCE
    while True:
        try:
            return send()
        except NotListeningError:
            if clock.monotonic() >= deadline or not look(container, run).live:
                raise
        pause.wait(_LOOK_EVERY)
