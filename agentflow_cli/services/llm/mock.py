"""Every model's part played by the scripted one: what `run --mock` and `run --recordings` call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agentflow_cli.domain.models import Candidate
from agentflow_cli.foundation.clock import Clock
from agentflow_cli.services.llm.finder import Finder
from agentflow_cli.services.llm.gateway import ModelGateway
from agentflow_cli.services.llm.providers.scripted import ScriptedModel
from agentflow_cli.services.llm.script import Answer


class MockGateway(ModelGateway):
    """A gateway in which each name, whatever it says, means the scripted model: nobody is ever called."""

    def __init__(
        self, script: Sequence[Answer] | None, *, environment: Mapping[str, str], clock: Clock | None = None
    ) -> None:
        """Without a script every text request gets a fixed sentence, and one with a schema the smallest value."""
        super().__init__(environment=environment, scripted=ScriptedModel(script, clock=clock), clock=clock)

        self._finder = _Scripted(self._finder)


class _Scripted(Finder):
    """Each candidate is played by the script: one that fails makes the next one answer, as it would be."""

    def __init__(self, real: Finder) -> None:
        self.__dict__.update(real.__dict__)

    def candidates(self, name: str | None) -> tuple[Candidate, ...]:
        return tuple(Candidate(ScriptedModel.name) for _ in super().candidates(name))
