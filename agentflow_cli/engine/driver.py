"""What every part of a running engine shares."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agentflow_cli.domain.events import Record, StepEvent
from agentflow_cli.domain.plan import Plan
from agentflow_cli.domain.run_state import RunState
from agentflow_cli.engine.options import EngineOptions, Services
from agentflow_cli.engine.questions import QuestionDesk
from agentflow_cli.ports.journal import Journal
from agentflow_cli.ports.listener import Listener

if TYPE_CHECKING:
    from agentflow_cli.engine.block import BlockRunner


class Stopping(BaseException):
    """The run is being interrupted, and this part of it stops without an outcome. Not for `except Exception`."""


class _Deaf:
    """Takes the place of a listener that raised."""

    def recorded(self, record: Record, state: RunState) -> None: ...

    def delta(self, path: str, text: str) -> None: ...

    def printed(self, path: str, text: str) -> None: ...


@dataclass(slots=True)
class Driver:
    plan: Plan
    state: RunState
    journal: Journal
    services: Services
    options: EngineOptions
    listener: Listener
    questions: QuestionDesk
    slots: asyncio.Semaphore
    """One for each attempt that may be under way."""
    run_block: Callable[..., Awaitable[Any]]
    """`group.run_block`; here, because a block runs steps and a step may hold a block."""
    stopping: bool = False
    """No new attempts: the run is being interrupted, or ends at its first failure."""
    blocks: dict[str, BlockRunner] = field(default_factory=dict)
    """The blocks under way, by the path of the step that holds them; the top level is ''."""

    def committed(self, record: Record) -> None:
        """Fold a committed record in and let others know: what it settles, what that releases, who listens."""
        event = record.event
        self.state.apply(record)
        if isinstance(event, StepEvent):
            node = self.state.step(event.path)
            if node.settled and node.step_id is not None:
                block = self.blocks.get(event.path.rpartition("/")[0])
                if block is not None:
                    block.settled(node)
        self.tell(record)

    def tell(self, record: Record) -> None:
        """Let whoever watches know of a record that is committed and folded in."""
        try:
            self.listener.recorded(record, self.state)
        except Exception:  # a view that breaks must not hurt the run that it shows
            self.listener = _Deaf()

    def stop(self) -> None:
        """Start nothing more."""
        self.stopping = True
        for block in self.blocks.values():
            block.wake.set()
