"""What the feeds and the workers tell the screens. Nothing else passes between threads."""

from __future__ import annotations

from agentflow_cli.application.usecases.watch import Look
from agentflow_cli.domain.plan import Plan
from agentflow_cli.foundation.errors import AgentflowError
from agentflow_cli.services.journal.run_store import RunSummary
from agentflow_cli.tui.toolkit import Message


class RunOpened(Message):
    """The run is there, and this is its plan."""

    def __init__(self, feed: object, run: str, plan: Plan) -> None:
        super().__init__()
        self.feed = feed
        self.run = run
        self.plan = plan


class Looked(Message):
    """The next piece of the run's record."""

    def __init__(self, feed: object, look: Look) -> None:
        super().__init__()
        self.feed = feed
        self.look = look


class FeedEnded(Message):
    """The record cannot be read (any more), or `error` is a bug of ours."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


class RunsListed(Message):
    def __init__(self, runs: list[RunSummary]) -> None:
        super().__init__()
        self.runs = runs


class AnswerTaken(Message):
    """The answer is recorded. `live` says that a driver has it and goes on by itself."""

    def __init__(self, path: str, live: bool) -> None:
        super().__init__()
        self.path = path
        self.live = live


class AnswerRefused(Message):
    def __init__(self, path: str, error: AgentflowError) -> None:
        super().__init__()
        self.path = path
        self.error = error


class RunnerEnded(Message):
    """A runner that this monitor started has ended; `said` is what it wrote to standard error."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__()
        self.code = code
        self.said = said
