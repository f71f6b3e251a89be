"""Threads that look at the records on disk and post what they see. Screens only react."""

from __future__ import annotations

import threading

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.application.usecases.runs import list_runs
from agentflow_cli.application.usecases.watch import Watch
from agentflow_cli.tui.messages import FeedEnded, Looked, RunOpened, RunsListed
from agentflow_cli.tui.toolkit import MessagePump

QUICK, SLOW = 0.05, 0.25
"""Seconds between two looks: while something happens, and while nothing does."""
_QUIET_AFTER = 40
"""Looks without news after which the feed slows down."""
LIST_EVERY = 1.5


class RunFeed:
    """Tails the record of one run and posts `RunOpened`, then `Looked` for each change, to `target`."""

    def __init__(self, container: Container, run: str, target: MessagePump) -> None:
        self._container = container
        self._run = run
        self._target = target
        self._stop = threading.Event()

    def stop(self) -> None:
        self._stop.set()

    def run(self) -> None:
        """The thread's body."""
        try:
            with Watch(self._container, self._run) as watch:
                self._target.post_message(RunOpened(self, watch.run, watch.plan))
                self._follow(watch)
        except Exception as error:
            self._target.post_message(FeedEnded(error))

    def _follow(self, watch: Watch) -> None:
        live: bool | None = None
        quiet = 0
        while not self._stop.is_set():
            look = watch.look()
            if look.records or look.live != live:
                self._target.post_message(Looked(self, look))
                live, quiet = look.live, 0
            else:
                quiet += 1
            if not look.more:
                self._stop.wait(QUICK if quiet < _QUIET_AFTER else SLOW)


class RunsFeed:
    """Lists all runs again and again and posts `RunsListed` when something changed."""

    def __init__(self, container: Container, target: MessagePump) -> None:
        self._container = container
        self._target = target
        self._stop = threading.Event()

    def stop(self) -> None:
        self._stop.set()

    def run(self) -> None:
        """The thread's body."""
        last = None
        try:
            while not self._stop.is_set():
                runs = list_runs(self._container)
                if runs != last:
                    self._target.post_message(RunsListed(runs))
                    last = runs
                self._stop.wait(LIST_EVERY)
        except Exception as error:
            self._target.post_message(FeedEnded(error))
