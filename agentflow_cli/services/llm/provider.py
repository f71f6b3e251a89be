"""What a model provider offers the gateway: the model port, and how many calls it can carry at once."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from agentflow_cli.ports.model import ModelReply, ModelRequest, OnDelta


class Provider(Protocol):
    """One model behind the gateway. It neither checks schemas nor watches deadlines: the gateway does."""

    @property
    def name(self) -> str:
        """`provider/name`, as it stands in replies."""
        ...

    @property
    def real(self) -> bool:
        """Whether a model computes the answers; a scripted one does not."""
        ...

    def prepare(self) -> None:
        """Begin, in the background, whatever the first call would wait for. Returns at once, never raises."""
        ...

    def admission(self) -> AbstractAsyncContextManager[None]:
        """Wait for a free place. Time spent here is not the model's: deadlines begin inside."""
        ...

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelReply:
        """As in `ports.model.Model`; `value` stays None. An empty delta is a sign of life that adds no text.

        Without `on_delta` the reply may be fetched in one piece.
        """
        ...

    def close(self) -> None:
        """End what goes on and free what is held. A later call starts afresh."""
        ...
