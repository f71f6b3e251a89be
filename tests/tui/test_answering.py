"""Questions answered on the screen: what is recorded, and how the run goes on."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.application.usecases.detached import Runner
from agentflow_cli.application.usecases.runs import RunView, look
from agentflow_cli.domain.events import AskAnswered
from agentflow_cli.domain.run_state import RunState
from agentflow_cli.tui.screens.reason import ReasonScreen
from tests.tui.projects import ASKING, HEAD, drawn, looking, press, project, run_it, screen_text, until

FORM = (
    HEAD
    + """
  details:
    ask:
      message: The details, please.
      form:
        title: {type: string}
        count: {type: integer, minimum: 1}
        tone: {enum: [warm, terse]}
        urgent: {type: boolean, default: false}
  after: {set: {text: "${{ steps.details.output.title }}"}}
"""
)

CHOICES = (
    HEAD
    + """
  where:
    ask: {message: "Where to?", choices: [blog, letter, bin]}
"""
)


async def suspended(directory: Path, workflow: str) -> Container:
    container = project(directory, workflow)
    assert (await asyncio.to_thread(run_it, container)).status == "suspended"
    return container


def answers(container: Container) -> list[AskAnswered]:
    return [r.event for r in look(container, "last").records if isinstance(r.event, AskAnswered)]


def starting(container: Container) -> dict[str, Any]:
    return {"start": lambda arguments: Runner(container, arguments, container.root)}


def view(container: Container) -> RunView:
    return look(container, "last")


async def test_a_approves_and_the_run_goes_on_in_a_process_of_its_own(tmp_path: Path) -> None:
    container = await suspended(tmp_path, ASKING)
    async with looking(container, goes_on=True, **starting(container)) as (app, pilot):
        await press(pilot, "a")
        await until(pilot, lambda: app.model is not None and app.model.status == "succeeded", 30)
        await drawn(pilot)
        assert "succeeded" in screen_text(app).split("\n")[0]
    [answer] = answers(container)
    assert (answer.path, answer.by, answer.rejected) == ("publish", "ada", False)
    assert view(container).state.epoch == 2


async def test_an_answer_alone_starts_nothing_until_the_person_says_so(tmp_path: Path) -> None:
    container = await suspended(tmp_path, ASKING)
    async with looking(container, **starting(container)) as (app, pilot):
        assert "R resume" not in screen_text(app)
        await press(pilot, "a")
        await until(pilot, lambda: answers(container))
        await until(pilot, lambda: "R resume" in screen_text(app))
        assert view(container).status == "suspended"
        await press(pilot, "R")
        await until(pilot, lambda: app.model is not None and app.model.status == "succeeded", 30)


async def test_x_asks_for_a_reason_and_rejects_with_it(tmp_path: Path) -> None:
    container = await suspended(tmp_path, ASKING)
    async with looking(container) as (app, pilot):
        await press(pilot, "x")
        assert isinstance(app.screen, ReasonScreen)
        await press(pilot, *"not", "space", *"yet", "enter")
        await until(pilot, lambda: answers(container))
    [answer] = answers(container)
    assert (answer.rejected, answer.reason) == (True, "not yet")


async def test_escape_takes_a_rejection_back(tmp_path: Path) -> None:
    container = await suspended(tmp_path, ASKING)
    async with looking(container) as (_, pilot):
        await press(pilot, "x", *"no", "escape")
        await pilot.pause(0.2)
    assert answers(container) == []


async def test_a_key_never_answers_a_question_that_was_not_on_the_screen(tmp_path: Path) -> None:
    container = await suspended(tmp_path, ASKING)
    for size in ((118, 34), (60, 16)):
        async with looking(container, size=size) as (app, pilot):
            await press(pilot, "home", "a")
            await pilot.pause(0.2)
            assert answers(container) == []
            assert "Publish?" in screen_text(app)


async def test_a_choice_is_picked_from_the_list(tmp_path: Path) -> None:
    container = await suspended(tmp_path, CHOICES)
    async with looking(container) as (_, pilot):
        await press(pilot, "a", "down", "enter")
        await until(pilot, lambda: answers(container))
    assert answers(container)[0].answer == {"choice": "letter"}


async def fill(pilot: Pilot[None], count: str) -> None:
    await press(pilot, "a", *"Hi", "enter", *count, "enter", "right", "right", "enter", "right", "left", "enter")


async def test_a_form_is_filled_in_field_by_field_with_values_of_their_types(tmp_path: Path) -> None:
    container = await suspended(tmp_path, FORM)
    async with looking(container) as (_, pilot):
        await fill(pilot, "12")
        await until(pilot, lambda: answers(container))
    assert answers(container)[0].answer == {"title": "Hi", "count": 12, "tone": "terse", "urgent": False}


async def test_an_answer_that_does_not_fit_says_why_and_can_be_mended(tmp_path: Path) -> None:
    container = await suspended(tmp_path, FORM)
    async with looking(container) as (app, pilot):
        await fill(pilot, "0")
        await until(pilot, lambda: "does not fit" in screen_text(app))
        assert answers(container) == []
        await press(pilot, "a", "enter", "backspace", "7", "ctrl+s")
        await until(pilot, lambda: answers(container))
    assert answers(container)[0].answer["count"] == 7


BUSY = (
    HEAD
    + """
  busy: {run: "while [ ! -e done ]; do sleep 0.05; done"}
  sure: {ask: {message: "Go on?"}}
  last:
    needs: [sure]
    run: touch done
"""
)


async def begun(container: Container) -> asyncio.Task[RunState]:
    """A run under way in a thread of this process."""
    driving = asyncio.create_task(asyncio.to_thread(run_it, container))
    while not (container.state / "runs").exists() or not container.runs.summaries():
        await asyncio.sleep(0.02)
    return driving


async def test_a_live_driver_takes_the_answer_and_goes_on_by_itself(tmp_path: Path) -> None:
    container = project(tmp_path, BUSY)
    driving = await begun(container)
    async with looking(container) as (app, pilot):
        await until(pilot, lambda: app.model is not None and app.model.waiting)
        await drawn(pilot)
        await press(pilot, "a")
        await until(pilot, lambda: app.model is not None and app.model.status == "succeeded", 20)
    assert (await driving).epoch == 1


async def test_c_cancels_a_live_run_for_a_reason(tmp_path: Path) -> None:
    container = project(tmp_path, BUSY)
    driving = await begun(container)
    async with looking(container, **starting(container)) as (app, pilot):
        await until(pilot, lambda: app.model is not None and app.model.waiting)
        await press(pilot, "c", *"stop", "enter")
        await until(pilot, lambda: app.model is not None and app.model.status == "cancelled", 30)
    state = await driving
    assert state.error is not None
    assert state.error.message.endswith(": stop")
