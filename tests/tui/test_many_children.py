"""A fan-out of ten thousand stays smooth: only what can be seen is drawn, and records cost the same however many."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.domain import events as e
from agentflow_cli.domain.failure import Failure
from agentflow_cli.services.journal.sqlite_journal import SqliteJournal
from agentflow_cli.tui.screens.run import RunScreen
from tests.fakes.plans import each, plan_of, python_step
from tests.tui.projects import drawn, looking, press, screen_text, until

COUNT = 10_000


def begin(directory: Path) -> tuple[Container, SqliteJournal]:
    """A run whose first step has ten thousand children, half of them done, one failed."""
    container = Container(directory)
    container.prepare_state()
    plan = plan_of(python_step("many", "m:f", foreach=each("inputs.x")), python_step("last", "m:f", needs=("many",)))
    journal = container.runs.create(plan, {}, "0")
    many = [e.EpochStarted(1, 1), e.StepExpanded("many", [f"item number {n}" for n in range(COUNT)])]
    for n in range(COUNT // 2):
        many.append(e.StepStarted(f"many[{n}]"))
        if n == 77:
            many.append(e.StepFailed(f"many[{n}]", Failure("exception", "seventy-seven"), tolerated=True))
        else:
            many.append(e.StepSucceeded(f"many[{n}]", f"out {n}"))
    journal._commit(many)
    return container, journal


@pytest.fixture
def many(tmp_path: Path) -> tuple[Container, SqliteJournal]:
    return begin(tmp_path)


async def test_children_are_listed_filtered_and_browsed_at_once(many: tuple[Container, SqliteJournal]) -> None:
    container, journal = many
    async with looking(container) as (app, pilot):
        screen = app.screen
        assert isinstance(screen, RunScreen)
        assert "many 5000/10000" in screen_text(app)
        await press(pilot, "enter", "end")
        assert screen.path == "many[9999]"
        assert "item number 9999" in screen_text(app)
        begun = time.process_time()
        for _ in range(20):
            await pilot.press("pageup")
        await drawn(pilot)
        assert time.process_time() - begun < 6.0
        await press(pilot, "slash", *"failed", "enter")
        assert screen.path == "many[77]"
        assert "seventy-seven" in screen_text(app)
    journal.close()


async def test_what_is_committed_meanwhile_is_drawn_without_losing_the_place(
    many: tuple[Container, SqliteJournal],
) -> None:
    container, journal = many
    async with looking(container) as (app, pilot):
        screen = app.screen
        assert isinstance(screen, RunScreen)
        await press(pilot, "enter", "pagedown")
        place = screen.path
        rest = []
        for n in range(COUNT // 2, COUNT):
            rest += [e.StepStarted(f"many[{n}]"), e.StepSucceeded(f"many[{n}]", n)]
        journal._commit([*rest, e.StepSucceeded("many", gathered=True)])
        await until(pilot, lambda: app.model is not None and app.model.state.steps["many"].status == "succeeded", 20)
        await drawn(pilot)
        assert screen.path == place
        assert "10000/10000" in screen_text(app)
    journal.close()
