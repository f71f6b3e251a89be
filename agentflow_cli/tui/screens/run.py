"""One run: what it is, its steps, the details of one of them."""

from __future__ import annotations

from typing import ClassVar

from agentflow_cli.foundation.clock import Clock
from agentflow_cli.ports.people import Answer
from agentflow_cli.tui.run_model import RunModel
from agentflow_cli.tui.screens.graph import GraphScreen
from agentflow_cli.tui.screens.reason import ReasonScreen
from agentflow_cli.tui.shown import Shown
from agentflow_cli.tui.toolkit import (
    Binding,
    BindingType,
    ComposeResult,
    Content,
    Horizontal,
    Input,
    Message,
    Resize,
    Screen,
)
from agentflow_cli.tui.widgets.details import Details, TabLine
from agentflow_cli.tui.widgets.header import Header
from agentflow_cli.tui.widgets.keys import Keys
from agentflow_cli.tui.widgets.question import Question
from agentflow_cli.tui.widgets.steps import StepList

NARROW = 76
"""Columns below which the list and the details take turns."""
_FRAME = 0.1


class RunScreen(Screen[None]):
    CSS = """
    RunScreen { layout: vertical; background: ansi_default; }
    RunScreen #panes { height: 1fr; }
    RunScreen StepList { width: 1fr; }
    RunScreen Details { width: 1fr; }
    RunScreen.narrow Details { display: none; }
    RunScreen.narrow.inside Details { display: block; }
    RunScreen.narrow.inside StepList { display: none; }
    RunScreen #filter { display: none; height: 1; border: none; padding: 0 1; background: ansi_default; }
    RunScreen.filtering #filter { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("g", "graph", "graph"),
        Binding("l", "log", "log"),
        Binding("a", "approve", "answer"),
        Binding("x", "reject", "reject"),
        Binding("R", "resume", "resume"),
        Binding("c", "cancel", "cancel"),
        Binding("slash", "filter", "filter"),
        Binding("f", "follow", "follow"),
        Binding("1", "tab('output')", show=False),
        Binding("2", "tab('input')", show=False),
        Binding("3", "tab('log')", show=False),
        Binding("4", "tab('error')", show=False),
        Binding("left", "turn(-1)", show=False),
        Binding("right", "turn(1)", show=False),
        Binding("escape", "back", show=False),
    ]

    class Answered(Message):
        """The person's answer, not yet checked."""

        def __init__(self, run: str, path: str, answer: Answer) -> None:
            super().__init__()
            self.run = run
            self.path = path
            self.answer = answer

    class Wanted(Message):
        """The person wants `agentflow ARGUMENTS` to be done: a resume, a cancellation."""

        def __init__(self, arguments: list[str]) -> None:
            super().__init__()
            self.arguments = arguments

    def __init__(self, shown: Shown, clock: Clock, by: str) -> None:
        super().__init__()
        self._shown = shown
        self._clock = clock
        self._by = by
        self._model: RunModel | None = None
        self.changed = True
        self._turn = 0
        self.following = True

    def compose(self) -> ComposeResult:
        yield Header(self._shown)
        with Horizontal(id="panes"):
            yield StepList(self._shown)
            yield Details(self._shown)
        yield Input(id="filter", compact=True)
        yield Keys(self._shown)

    def on_mount(self) -> None:
        self.query_one(StepList).focus()
        self.set_interval(_FRAME, self._frame)

    def show(self, model: RunModel) -> None:
        """`model` is new, or has changed: it is drawn with the next frame."""
        self._model, self.changed = model, True

    @property
    def path(self) -> str | None:
        """What is selected."""
        return self.query_one(StepList).path

    def _frame(self) -> None:
        """Draw what changed; once a second, and the spinner, what moves by itself."""
        model = self._model
        if model is None:
            return
        self._turn += 1
        if not self.is_current or not (self.changed or (model.live and self._turn % 10 == 0)):
            if model.live and self.is_current:
                self.query_one(Header).show(model, self._clock.now(), self._turn)
            return
        self.changed = False
        self._draw(model)

    def _draw(self, model: RunModel) -> None:
        now = self._clock.now()
        steps = self.query_one(StepList)
        self.query_one(Header).show(model, now, self._turn)
        steps.show(model, now)
        if self.following and steps.level is None and not steps.filter:
            live = model.live_step()
            if live is not None and live != steps.path:
                steps.select(live)
        self.query_one(Details).show(model, steps.path)
        steps.border_title = Content(self._list_title(model, steps))
        self._show_keys(model)

    def _list_title(self, model: RunModel, steps: StepList) -> str:
        if steps.level is None:
            counts = model.counts()
            title = f"Steps {counts['done'] + counts['failed']}/{len(model.state.steps)}"
        else:
            parts = model.parts(steps.level)
            title = f"{steps.level} {sum(part.settled for part in parts)}/{len(parts)}"
            failed = model.failed_children(steps.level)
            title += f", {failed} failed" if failed else ""
        return title + (f", {steps.shown_paths} shown" if steps.filter else "")

    def _show_keys(self, model: RunModel) -> None:
        steps = self.query_one(StepList)
        waits = bool(model.waiting)
        can = {"a": waits, "x": waits, "R": self._resumable(model), "f": not self.following, "c": model.live}
        level = steps.level is not None or self.has_class("inside")
        self.query_one(Keys).show(
            [
                (key, word)
                for key, word in (
                    ("a", "answer"),
                    ("x", "reject"),
                    ("R", "resume"),
                    ("f", "follow"),
                    ("c", "cancel"),
                    ("g", "graph"),
                    ("l", "log"),
                    ("/", "filter"),
                    ("esc", "back"),
                    ("?", "help"),
                    ("q", "detach" if model.live else "quit"),
                )
                if can.get(key, True) and (key != "esc" or level)
            ]
        )

    def _resumable(self, model: RunModel) -> bool:
        """Whether a new driver would find something to do: nobody drives, and no question must be answered first."""
        if model.live or not model.loaded or model.state.status == "succeeded":
            return False
        return model.status != "suspended" or model.has_unused_answer

    def on_step_list_moved(self, event: StepList.Moved) -> None:
        self.following = False
        self.changed = True
        self._frame()

    def on_step_list_opened(self, event: StepList.Opened) -> None:
        steps, model = self.query_one(StepList), self._model
        if model is not None and model.parts(event.path):
            self.following = False
            steps.enter(event.path)
        else:
            self.add_class("inside")
            if not self.has_class("narrow"):
                self.remove_class("inside")
            self.query_one(Details).query_one("VerticalScroll").focus()
        self.changed = True

    def on_tab_line_picked(self, event: TabLine.Picked) -> None:
        self.changed = True

    def on_question_said(self, event: Question.Said) -> None:
        self._answer(event.path, Answer(event.values, self._by))

    def _answer(self, path: str, answer: Answer) -> None:
        if self._model is not None:
            self.post_message(self.Answered(self._model.run, path, answer))
            self.query_one(StepList).focus()

    def answer_failed(self, path: str, why: str) -> bool:
        """The answer was not taken: ask again. False when that question is not on the screen any more."""
        return self.query_one(Question).failed(path, why)

    def action_approve(self) -> None:
        """Go to the question; on the question, answer it."""
        if self._goes_to_question():
            self.query_one(Question).begin()

    def action_reject(self) -> None:
        path = self.path
        if not self._goes_to_question() or path is None:
            return

        def say(reason: str | None) -> None:
            if reason is not None:
                self._answer(path, Answer({}, self._by, rejected=True, reason=reason))

        self.app.push_screen(ReasonScreen("reject", path), say)

    def _goes_to_question(self) -> bool:
        """Whether the question was before the person's eyes already. A key never answers what has not been seen."""
        model, steps = self._model, self.query_one(StepList)
        if model is None or not model.waiting:
            self.notify("nothing waits for an answer", markup=False)
            return False
        seen = self.query_one(Question).open and steps.path in model.waiting
        if seen and (not self.has_class("narrow") or self.has_class("inside")):
            return True
        wanted = steps.path if steps.path in model.waiting else model.waiting[0]
        steps.filter = ""
        steps.select(wanted if wanted is not None else model.waiting[0])
        if self.has_class("narrow"):
            self.add_class("inside")
        self.changed = True
        self._frame()
        return False

    def action_resume(self) -> None:
        if self._model is not None and self._resumable(self._model):
            self.post_message(self.Wanted(["resume", self._model.run, "--progress", "none"]))

    def action_cancel(self) -> None:
        model = self._model
        if model is None or not model.live:
            return

        def say(reason: str | None) -> None:
            if reason is not None:
                self.post_message(self.Wanted(["runs", "cancel", model.run, f"--reason={reason}"]))

        self.app.push_screen(ReasonScreen("cancel", f"run {model.short}"), say)

    def action_follow(self) -> None:
        steps = self.query_one(StepList)
        self.following, self.changed = True, True
        steps.filter = ""
        if self._model is not None and (live := self._model.live_step()):
            steps.select(live)
        self.remove_class("inside", "filtering")
        steps.focus()

    def action_tab(self, name: str) -> None:
        self.query_one(Details).open_tab(name)
        self.changed = True

    def action_log(self) -> None:
        self.action_tab("log")

    def action_turn(self, by: int) -> None:
        self.query_one(Details).turn_tab(by)
        self.changed = True

    def action_graph(self) -> None:
        if self._model is not None:
            self.app.push_screen(GraphScreen(self._model, self._shown))

    def action_filter(self) -> None:
        self.add_class("filtering")
        self.query_one("#filter", Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.input.id == "filter" and self._model is not None:
            self.query_one(StepList).set_filter(event.value)
            self.changed = True

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.input.id == "filter":
            self.query_one(StepList).focus()
            if not event.value:
                self.remove_class("filtering")

    def action_back(self) -> None:
        """One level up: out of a field, out of the details, out of the filter, out of the children."""
        steps, field = self.query_one(StepList), self.query_one("#filter", Input)
        self.changed = True
        if self.has_class("inside"):
            self.remove_class("inside")
        elif self.focused not in (steps, field):
            pass
        elif self.has_class("filtering"):
            self.remove_class("filtering")
            field.value = ""
        elif steps.level is not None:
            steps.select(steps.level)
        steps.focus()

    def on_resize(self, event: Resize) -> None:
        self.set_class(event.size.width < NARROW, "narrow")
        self.changed = True
