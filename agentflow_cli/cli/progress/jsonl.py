"""`-o jsonl`: a version record, then each event as it is committed."""

from __future__ import annotations

from typing import Any

from agentflow_cli import __version__
from agentflow_cli.cli.console import Console
from agentflow_cli.cli.output import FORMAT_VERSION, json_text
from agentflow_cli.domain.codec import to_json
from agentflow_cli.domain.events import Record
from agentflow_cli.domain.run_state import RunState
from agentflow_cli.foundation.clock import iso_time


class EventLines:
    """Writes to stdout."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def start(self, run: str) -> None:
        self._write({"type": "version", "version": FORMAT_VERSION, "agentflow": __version__, "run": run})

    def write(self, record: Record) -> None:
        self._write(record_json(record))

    def recorded(self, record: Record, state: RunState) -> None:
        self.write(record)

    def delta(self, path: str, text: str) -> None:
        """Streams are no events."""

    def printed(self, path: str, text: str) -> None:
        """What a command prints is no event."""

    def _write(self, value: dict[str, Any]) -> None:
        self._console.raw(json_text(value) + "\n")
        self._console.flush()


def record_json(record: Record) -> dict[str, Any]:
    """`{"seq": 4, "at": "2026-…Z", "epoch": 1, "type": "step_succeeded", "path": …}`"""
    head = {"seq": record.seq, "at": iso_time(record.at), "epoch": record.epoch, "type": record.event.type}
    return {**head, **to_json(record.event)}
