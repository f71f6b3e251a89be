"""One run on the screen: what it shows, and what keys do."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.tui.screens.run import RunScreen
from tests.tui.projects import ASKING, HEAD, drawn, looking, press, project, run_it, screen_text


@pytest.fixture
def waiting(tmp_path: Path) -> Container:
    container = project(tmp_path, ASKING)
    assert run_it(container).status == "suspended"
    return container


async def test_the_steps_stand_beside_their_graph_with_status_kind_and_count(waiting: Container) -> None:
    async with looking(waiting) as (app, _):
        text = screen_text(app)
    assert "demo  run" in text
    assert "suspended" in text
    assert "2 done · 1 waiting · 1 pending" in text
    for part in ("✓  numbers", "✓  each 3/3", "1 failed", "◆  publish", "·  post"):
        assert part in text


async def test_the_selection_follows_the_question_until_the_person_moves(waiting: Container) -> None:
    async with looking(waiting) as (app, pilot):
        screen = app.screen
        assert isinstance(screen, RunScreen)
        assert screen.path == "publish"
        await press(pilot, "up")
        assert (screen.path, screen.following) == ("each", False)
        app.screen.changed = True  # whatever happens next
        await drawn(pilot)
        assert screen.path == "each"
        await press(pilot, "f")
        assert (screen.path, screen.following) == ("publish", True)


async def test_tabs_show_output_input_log_and_error_of_the_selected_step(waiting: Container) -> None:
    async with looking(waiting) as (app, pilot):
        await press(pilot, "home")
        assert '"1",' in screen_text(app)
        await press(pilot, "2")
        assert "format  lines" in screen_text(app)
        await press(pilot, "l")
        assert "numbers started" in screen_text(app)
        await press(pilot, "4")
        assert "nothing went wrong" in screen_text(app)


async def test_enter_lists_the_children_of_a_foreach_and_escape_leaves_them(waiting: Container) -> None:
    async with looking(waiting) as (app, pilot):
        screen = app.screen
        assert isinstance(screen, RunScreen)
        await press(pilot, "up", "enter")
        assert screen.path == "each[0]"
        assert "each 3/3, 1 failed" in screen_text(app)
        assert "got 1" in screen_text(app)
        await press(pilot, "down")
        assert "bad luck" in screen_text(app)
        await press(pilot, "2")
        assert "item" in screen_text(app)
        await press(pilot, "escape")
        assert screen.path == "each"


async def test_the_filter_lists_only_what_has_its_text_or_status(waiting: Container) -> None:
    async with looking(waiting) as (app, pilot):
        screen = app.screen
        assert isinstance(screen, RunScreen)
        await press(pilot, "up", "enter", "slash", *"failed", "enter")
        assert screen.path == "each[1]"
        assert "1 shown" in screen_text(app)
        assert "[0]" not in screen_text(app)
        await press(pilot, "escape")
        assert "[0]" in screen_text(app)


async def test_g_shows_the_graph_over_the_whole_screen(waiting: Container) -> None:
    async with looking(waiting) as (app, pilot):
        await press(pilot, "g")
        assert "each 3/3  run" in screen_text(app)
        assert "← numbers" in screen_text(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, RunScreen)


async def test_help_lists_the_keys_with_their_commands(waiting: Container) -> None:
    async with looking(waiting) as (app, pilot):
        await press(pilot, "question_mark")
        assert "agentflow approve" in screen_text(app)


@pytest.mark.parametrize("size", [(118, 34), (80, 24), (60, 16)])
async def test_every_size_shows_the_run_the_selected_step_and_the_way_out(
    waiting: Container, size: tuple[int, int]
) -> None:
    async with looking(waiting, size=size) as (app, _):
        lines = screen_text(app).split("\n")
    assert len(lines) <= size[1]
    assert any("▶◆" in line and "publish" in line for line in lines)
    assert lines[-1].rstrip().endswith("q quit")


async def test_a_narrow_terminal_shows_the_list_or_the_details(waiting: Container) -> None:
    async with looking(waiting, size=(60, 16)) as (app, pilot):
        await press(pilot, "home", "enter")
        assert "numbers succeeded" in screen_text(app)
        assert "▶" not in screen_text(app)
        await press(pilot, "escape")
        assert "▶" in screen_text(app)


async def test_a_terminal_without_utf_8_gets_ascii_alone(waiting: Container) -> None:
    async with looking(waiting, ascii_only=True) as (app, pilot):
        await press(pilot, "home", "enter", "g")
        assert screen_text(app).isascii()
        await press(pilot, "escape", "escape", "a", "x")
        assert screen_text(app).isascii()
        await press(pilot, "escape", "question_mark")
        assert screen_text(app).isascii()


async def test_without_colour_every_cell_is_plain(waiting: Container) -> None:
    async with looking(waiting, color=False) as (app, _):
        styles = [s.style for strip in app.screen._compositor.render_strips() for s in strip]
        filters = app.get_line_filters()
        assert any(type(f).__name__ == "NoColor" for f in filters)
        assert styles


async def test_what_a_program_wrote_is_text_and_nothing_else(tmp_path: Path) -> None:
    """Markup, actions, escape sequences: they show as text, and a click on them does nothing."""
    hostile = "[/x] [bold]b[/bold] [@click=app.exit]here[/] \\033]52;c;aGk=\\007 \\033[2J end"
    container = project(
        tmp_path,
        HEAD
        + f"""
  bad:
    run: printf '%b' "$TEXT"
    env: {{TEXT: '{hostile}'}}
  sure:
    needs: [bad]
    ask:
      message: ${{{{ steps.bad.output }}}}
      choices: ["[@click=app.exit]yes[/]", "no [/x]"]
""",
    )
    assert (await asyncio.to_thread(run_it, container)).status == "suspended"
    async with looking(container, size=(140, 34)) as (app, pilot):
        text = screen_text(app)
        assert text.count("[/x] [bold]b[/bold] [@click=app.exit]here[/]") == 1
        assert "[@click=app.exit]yes[/]" in text
        await press(pilot, "home")
        text = screen_text(app)
        assert "[/x] [bold]b[/bold] [@click=app.exit]here[/]" in text
        assert "aGk=" not in text
        assert "\x1b" not in text
        assert "end" in text
        row = next(y for y, line in enumerate(text.split("\n")) if "here" in line)
        await pilot.click(offset=(text.split("\n")[row].index("here") + 1, row))
        await press(pilot, "l", "2", "4")
        assert app.is_running


async def test_a_crashed_run_is_called_crashed(tmp_path: Path) -> None:
    container = project(tmp_path, ASKING)
    from agentflow_cli.application.usecases.run import create_run
    from agentflow_cli.application.usecases.workflow_files import compile_workflow
    from agentflow_cli.domain.events import EpochStarted, StepStarted

    journal = create_run(container, compile_workflow(str(tmp_path / "demo.yaml")).plan, {})
    journal.append_now(EpochStarted(1, 1))
    journal.append_now(StepStarted("numbers"))
    journal.close()
    async with looking(container) as (app, _):
        text = screen_text(app)
        assert "crashed" in text and "R resume" in text
        assert "running" not in text  # nobody drives it, and so nothing in it runs


NESTED = (
    HEAD
    + """
  each:
    foreach: [x, y]
    steps:
      first: {set: {a: "${{ item }}"}}
      second: {set: {b: "${{ steps.first.output.a }}"}}
    outputs: {b: "${{ steps.second.output.b }}"}
  again:
    repeat: {max: 3}
    steps:
      write: {set: {n: "${{ iteration }}"}}
    outputs: {n: "${{ steps.write.output.n }}"}
finally:
  clean: {set: {done: true}}
"""
)


async def test_groups_rounds_and_what_settles_a_run_are_entered_and_left_level_by_level(tmp_path: Path) -> None:
    container = project(tmp_path, NESTED)
    assert (await asyncio.to_thread(run_it, container)).status == "succeeded"
    async with looking(container) as (app, pilot):
        screen = app.screen
        assert isinstance(screen, RunScreen)
        await press(pilot, "home", "enter", "down", "enter", "down")
        assert screen.path == "each[1]/second"
        assert '"b": "y"' in screen_text(app)
        await press(pilot, "escape")
        assert screen.path == "each[1]"
        await press(pilot, "escape", "down", "enter", "end", "enter")
        assert screen.path == "again#2/write"
        await press(pilot, "escape", "escape")
        assert "✓  @finally#0" in screen_text(app)
        await press(pilot, "end", "enter")
        assert screen.path == "@finally#0/clean"
