"""Drives plans over an in-memory journal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from agentflow_cli.domain.events import Record, RunAccepted
from agentflow_cli.domain.plan import Plan
from agentflow_cli.domain.run_state import RunState
from agentflow_cli.engine.engine import Engine
from agentflow_cli.engine.options import EngineOptions, Services
from agentflow_cli.ports.people import Person
from agentflow_cli.services.journal.in_memory import InMemoryJournal
from tests.fakes.services import Listening, fake_services


async def drive(
    plan: Plan,
    services: Services | None = None,
    *,
    inputs: dict[str, Any] | None = None,
    records: list[Record] | None = None,
    epoch: int = 1,
    listener: Listening | None = None,
    person: Person | None = None,
    engines: list[Engine] | None = None,
    cancel: str | None = None,
    **options: Any,
) -> RunState:
    """One epoch of `plan`. Give the same `records` again with the next `epoch` to resume."""
    records = records if records is not None else []
    journal = InMemoryJournal(epoch=epoch, records=records)
    if not records:
        journal.append_now(RunAccepted("memory", plan.workflow, "", inputs or {}, "0"))
    engine = Engine(
        plan,
        journal,
        services or fake_services(),
        EngineOptions(project_root=Path.cwd(), **options),
        listener or Listening(),
        person,
        cancel,
    )
    if engines is not None:
        engines.append(engine)
    return await engine.run()
