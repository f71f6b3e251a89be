"""A cancelled run settles: what is in flight ends without an outcome, `finally` runs, `on_failure` does not."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from agentflow_cli.domain.events import Record
from agentflow_cli.domain.plan import Plan
from agentflow_cli.engine.control import send_cancel
from tests.engine.driving import drive
from tests.fakes.plans import plan_of, python_step
from tests.fakes.services import fake_services


@pytest.fixture(autouse=True)
def runtime_directory(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))


def plan() -> Plan:
    finally_step = python_step("clean", "note", {"text": "clean ${{ run.status }}: ${{ run.error.message }}"})
    return replace(
        plan_of(python_step("long", "long"), python_step("after", "note", {"text": "after"}, needs=("long",))),
        finally_steps={"clean": finally_step},
        on_failure={"tell": python_step("tell", "note", {"text": "tell"})},
    )


async def test_cancelling_a_live_run_runs_finally_and_nothing_else() -> None:
    notes: list[str] = []
    under_way = asyncio.Event()

    async def long() -> None:
        under_way.set()
        await asyncio.Event().wait()

    def note(text: str) -> str:
        notes.append(text)
        return text

    records: list[Record] = []
    services = fake_services(functions={"long": long, "note": note})
    running = asyncio.create_task(drive(plan(), services, records=records))
    await under_way.wait()
    assert await asyncio.to_thread(send_cancel, "memory", "no longer needed") is None
    state = await running
    assert (state.status, state.error.kind if state.error else "") == ("cancelled", "cancelled")
    assert notes == ["clean cancelled: no longer needed"]
    assert [state.steps[name].status for name in ("long", "after")] == ["cancelled", "cancelled"]
    assert records[-1].event.type == "run_finished"


async def test_a_second_cancel_is_refused_and_one_during_finally_is_too_late() -> None:
    under_way, cleaning, release = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def long() -> None:
        under_way.set()
        await asyncio.Event().wait()

    async def note(text: str) -> str:
        cleaning.set()
        await release.wait()
        return text

    engines: list[Any] = []
    services = fake_services(functions={"long": long, "note": note})
    running = asyncio.create_task(drive(plan(), services, engines=engines))
    await under_way.wait()
    assert engines[0].cancel("first") is None
    assert engines[0].cancel("second") == "the run is being cancelled already"
    await cleaning.wait()
    assert await asyncio.to_thread(send_cancel, "memory", "third") == "the run is ending already"
    release.set()
    state = await running
    assert state.error is not None and state.error.message == "first"


async def test_a_run_without_a_driver_is_cancelled_by_one_that_only_settles_it() -> None:
    notes: list[str] = []

    def note(text: str) -> str:
        notes.append(text)
        return text

    def never() -> None:
        raise AssertionError("it must not start")

    services = fake_services(functions={"long": never, "note": note})
    state = await drive(plan(), services, cancel="left behind")
    assert state.status == "cancelled"
    assert notes == ["clean cancelled: left behind"]
