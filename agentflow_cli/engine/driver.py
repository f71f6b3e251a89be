"""What every part of a running engine shares."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from agentflow_cli.domain.plan import Plan
from agentflow_cli.domain.run_state import RunState
from agentflow_cli.engine.options import EngineOptions, Services
from agentflow_cli.engine.questions import QuestionDesk
from agentflow_cli.engine.scope import Scope
from agentflow_cli.ports.journal import Journal
from agentflow_cli.ports.listener import Listener


@dataclass(slots=True)
class Driver:
    plan: Plan
    state: RunState
    journal: Journal
    services: Services
    options: EngineOptions
    listener: Listener
    questions: QuestionDesk
    scope: Scope
    slots: asyncio.Semaphore
    """One for each attempt that may be under way."""
    stopping: bool = False
    """No new attempts: the run is being interrupted."""
