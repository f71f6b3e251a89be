"""Projects with real runs, made by the engine and the journal's own writer, and ways to look at screens."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.application.usecases.run import RunChoices, create_run, drive
from agentflow_cli.application.usecases.workflow_files import compile_workflow
from agentflow_cli.cli.progress.listeners import NoProgress
from agentflow_cli.domain.run_state import RunState
from agentflow_cli.tui.app import Monitor
from agentflow_cli.tui.screens.run import RunScreen

HEAD = "apiVersion: agentflow/v1\nname: demo\nsteps:\n"

ASKING = (
    HEAD
    + """
  numbers: {run: [seq, "3"], format: lines}
  each:
    foreach: steps.numbers.output
    run: 'if [ "$N" = 2 ]; then echo "bad luck" >&2; exit 3; fi; echo "got $N"'
    env: {N: "${{ item }}"}
    on_error: continue
  publish:
    needs: [each]
    ask: {message: "Publish?"}
  post:
    when: steps.publish.status == 'succeeded'
    set: {said: "posted"}
"""
)


def project(directory: Path, workflow: str, **variables: str) -> Container:
    """A project in `directory` with one workflow file, `demo.yaml`."""
    (directory / "demo.yaml").write_text(workflow)
    return Container(directory, {**os.environ, **variables})


def run_it(container: Container, **choices: Any) -> RunState:
    """Run `demo.yaml` until it ends or waits, with nobody there to answer."""
    compiled = compile_workflow(str(container.root / "demo.yaml"))
    journal = create_run(container, compiled.plan, {})
    return drive(container, compiled.plan, journal, RunChoices(**choices), NoProgress())


@asynccontextmanager
async def looking(
    container: Container, run: str | None = "last", size: tuple[int, int] = (118, 34), **options: Any
) -> AsyncIterator[tuple[Monitor, Pilot[None]]]:
    """The monitor over a project, once it has drawn what there is."""
    app = Monitor(container, run=run, by="ada", **options)
    async with app.run_test(size=size) as pilot:
        if run is not None:
            await until(pilot, lambda: app.model is not None and app.model.loaded)
            await drawn(pilot)
        yield app, pilot
    if app.failure is not None:
        raise app.failure


async def until(pilot: Pilot[None], holds: Callable[[], object], seconds: float = 10.0) -> None:
    """Turn the loop until `holds()`; fail when it does not come true."""
    async with asyncio.timeout(seconds):
        while not holds():
            await pilot.pause(0.02)


async def drawn(pilot: Pilot[None]) -> None:
    """Wait for the next frame of the run's screen."""
    screen = pilot.app.screen
    if isinstance(screen, RunScreen):
        await until(pilot, lambda: not screen.changed)
    await pilot.pause()


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys one after the other, each on the screen that the one before left."""
    for key in keys:
        await pilot.press(key)
        await drawn(pilot)


def screen_text(app: Monitor) -> str:
    """What the terminal would show, as lines of text."""
    screen = app.screen
    width, height = app.size
    strips = screen._compositor.render_strips()
    return "\n".join(strip.text.ljust(width)[:width].rstrip() for strip in strips[:height])
