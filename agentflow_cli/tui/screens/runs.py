"""All runs of the project, the newest first."""

from __future__ import annotations

from typing import ClassVar

from agentflow_cli.application.usecases.marks import mark_of
from agentflow_cli.foundation.clock import Clock
from agentflow_cli.foundation.duration import format_duration
from agentflow_cli.services.journal.run_store import RunSummary
from agentflow_cli.tui.shown import Shown
from agentflow_cli.tui.toolkit import (
    Binding,
    BindingType,
    ComposeResult,
    Content,
    Message,
    Option,
    OptionList,
    Screen,
    Static,
)
from agentflow_cli.tui.widgets.keys import Keys


class RunsScreen(Screen[None]):
    CSS = """
    RunsScreen { background: ansi_default; }
    RunsScreen #title { height: 1; padding: 0 1; }
    RunsScreen OptionList { height: 1fr; border: round ansi_blue; padding: 0; background: ansi_default; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "move('cursor_down')", show=False),
        Binding("k", "move('cursor_up')", show=False),
    ]

    class Chosen(Message):
        """The person wants to see this run."""

        def __init__(self, run: str) -> None:
            super().__init__()
            self.run = run

    def __init__(self, shown: Shown, clock: Clock) -> None:
        super().__init__()
        self._shown = shown
        self._clock = clock
        self._runs: list[RunSummary] = []

    def compose(self) -> ComposeResult:
        yield Static(id="title", markup=False)
        yield OptionList(markup=False)
        yield Keys(self._shown)

    def on_mount(self) -> None:
        self.query_one(Keys).show([("enter", "open"), ("?", "help"), ("q", "quit")])
        self.query_one(OptionList).focus()
        self.set_interval(1.0, self._draw)

    def show(self, runs: list[RunSummary]) -> None:
        self._runs = runs
        self._draw()

    def _draw(self) -> None:
        """Lines change in place; the selection stays on its run when runs come."""
        options = self.query_one(OptionList)
        live = sum(run.live for run in self._runs)
        count = len(self._runs)
        title = (
            f"{count} {'run' if count == 1 else 'runs'}, {live} live" if self._runs else "there are no runs here yet"
        )
        self.query_one("#title", Static).update(Content.assemble((" agentflow ", "bold reverse"), f"  {title}"))
        now, width = self._clock.now(), max(20, self.size.width - 4)
        if [option.id for option in options.options] == [run.short for run in self._runs]:
            for run in self._runs:
                if run.live or run.updated_at > now - 5:
                    options.replace_option_prompt(run.short, self._line(run, now, width))
            return
        selected = None if options.highlighted is None else options.get_option_at_index(options.highlighted).id
        options.clear_options()
        options.add_options([Option(self._line(run, now, width), id=run.short) for run in self._runs])
        places = [index for index, run in enumerate(self._runs) if run.short == selected]
        options.highlighted = places[0] if places else 0 if self._runs else None

    def _line(self, run: RunSummary, now: float, width: int) -> Content:
        mark = mark_of(run.status)
        took = format_duration(max(0.0, (now if run.live else run.updated_at) - run.created_at))
        name = self._shown.line(run.workflow, 24)
        return Content.assemble(
            (self._shown.sign(mark.glyph, mark.ascii), mark.screen_style),
            f" {run.short}  {name:<24}  ",
            (f"{mark.word:<12}", mark.screen_style),
            f" {run.steps_done:>4}/{run.steps_total:<4} {took:>8}",
            ("  live" if run.live else "", "bold ansi_cyan"),
        ).truncate(width)

    def action_move(self, action: str) -> None:
        getattr(self.query_one(OptionList), f"action_{action}")()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        if event.option.id is not None:
            self.post_message(self.Chosen(event.option.id))
