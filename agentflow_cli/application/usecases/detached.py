"""A run in a process of its own: it outlives whoever started it, and its terminal."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

from agentflow_cli.application.runtime.container import Container

_MOST_SAID = 16_000
"""Bytes of standard error that are told to whoever asks what went wrong."""
_LOOK_EVERY = 0.05


class Runner:
    """An `agentflow` process that drives a run, in a session of its own. What it prints is kept in an unnamed file."""

    def __init__(self, container: Container, arguments: Sequence[str], directory: Path) -> None:
        """Start `agentflow ARGUMENTS` in `directory`."""
        self._container = container
        self._runs_before = {summary.short for summary in container.runs.summaries()}
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as this object
        self._process = subprocess.Popen(
            [sys.executable, "-m", "agentflow_cli", *arguments],
            cwd=directory,
            env={**os.environ, **container.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._said,
            start_new_session=True,
        )

    def wait(self) -> int:
        """Its exit code, once it has ended. Blocks."""
        return self._process.wait()

    @property
    def exit_code(self) -> int | None:
        """None while it goes on."""
        return self._process.poll()

    def said(self, after: int = 0) -> str:
        """What it has written to standard error from byte `after` on; the end of it when that is long."""
        size = os.fstat(self._said.fileno()).st_size
        start = max(after, size - _MOST_SAID)
        return os.pread(self._said.fileno(), size - start, start).decode(errors="replace")

    def find_run(self) -> str | None:
        """The short id of the run that it made, as soon as that is accepted; None when it ended without one. Blocks."""
        pause = threading.Event()
        while True:
            ended = self.exit_code is not None
            run = self._container.runs.made_by(self._process.pid, self._runs_before)
            if run is not None or ended:
                return run
            pause.wait(_LOOK_EVERY)
