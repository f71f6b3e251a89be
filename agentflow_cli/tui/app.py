"""The monitor: one run, or the list of all of them. It looks; runners are processes of their own."""

from __future__ import annotations

import asyncio
import contextlib
import shlex
import signal
import threading
from collections.abc import Callable, Sequence
from typing import ClassVar

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.application.usecases.answer import answer_step
from agentflow_cli.application.usecases.detached import Runner
from agentflow_cli.foundation.errors import AgentflowError, LockedError
from agentflow_cli.foundation.exit_codes import ExitCode
from agentflow_cli.ports.people import Answer
from agentflow_cli.tui.feed import RunFeed, RunsFeed
from agentflow_cli.tui.messages import (
    AnswerRefused,
    AnswerTaken,
    FeedEnded,
    Looked,
    RunnerEnded,
    RunOpened,
    RunsListed,
)
from agentflow_cli.tui.run_model import RunModel
from agentflow_cli.tui.screens.help import HelpScreen
from agentflow_cli.tui.screens.run import RunScreen
from agentflow_cli.tui.screens.runs import RunsScreen
from agentflow_cli.tui.shown import Shown
from agentflow_cli.tui.toolkit import App, Binding, BindingType, LineFilter, NoColor

_PATIENCE = 10
"""Times that an answer is offered to a driver that is about to end."""
_UNABLE = (ExitCode.CANNOT_START, ExitCode.BUG, ExitCode.CREDENTIALS, ExitCode.DENIED, ExitCode.DATA, ExitCode.IO)
"""Exit codes of a runner whose last words matter, for the record does not hold them."""


class Monitor(App[None]):
    """`run` None shows all runs.

    `start` runs `agentflow ARGUMENTS` in a process of its own, for a person who resumes or cancels a run; `goes_on`
    says that an answer to a run without a driver resumes it at once.
    """

    ENABLE_COMMAND_PALETTE = False
    TITLE = "agentflow"
    CSS = """
    * { scrollbar-color: ansi_bright_black; scrollbar-background: ansi_default; }
    App.plain StepList, App.plain Details, App.plain Question, App.plain OptionList { border: ascii; }
    App.plain HelpScreen VerticalScroll, App.plain GraphScreen VerticalScroll { border: ascii; }
    App.plain ReasonScreen > Vertical { border: ascii; }
    App.plain Question OptionList { border: none; }
    App.plain * { scrollbar-size: 0 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "detach", "detach"),
        Binding("ctrl+c,ctrl+q", "quit", show=False, priority=True),
        Binding("question_mark", "keys", "help"),
    ]

    def __init__(
        self,
        container: Container,
        *,
        run: str | None,
        by: str,
        start: Callable[[list[str]], Runner] | None = None,
        goes_on: bool = False,
        ascii_only: bool = False,
        color: bool = True,
    ) -> None:
        super().__init__(ansi_color=True)
        self.theme = "ansi-dark"
        self.animation_level = "none"
        self._container = container
        self._wanted = run
        self._by = by
        self._start = start
        self._goes_on = goes_on
        self._shown = Shown(ascii_only)
        self._extra_filters: Sequence[LineFilter] = () if color else (NoColor(),)
        self._feed: RunFeed | None = None
        self._list_feed: RunsFeed | None = None
        self._run_screen: RunScreen | None = None
        self._runs_screen: RunsScreen | None = None
        self.model: RunModel | None = None
        """The run that is looked at, for whoever comes after the monitor."""
        self.failure: Exception | None = None
        """What ended the monitor, to be reported when the terminal is back to normal."""

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), *self._extra_filters]

    def on_mount(self) -> None:
        self.set_class(self._shown.ascii_only, "plain")
        for number in (signal.SIGTERM, signal.SIGHUP):
            # A loop without signals (Windows, another thread) is ended by its keys alone.
            with contextlib.suppress(ValueError, RuntimeError, NotImplementedError):
                asyncio.get_running_loop().add_signal_handler(number, self.exit)
        if self._wanted is not None:
            self._open_run(self._wanted)
        else:
            self._list_feed = RunsFeed(self._container, self)
            self._runs_screen = RunsScreen(self._shown, self._container.clock)
            self.push_screen(self._runs_screen)
            self.run_worker(self._list_feed.run, thread=True, group="list")

    def on_unmount(self) -> None:
        for feed in (self._feed, self._list_feed):
            if feed is not None:
                feed.stop()

    def _open_run(self, run: str) -> None:
        self._close_run()
        self._run_screen = RunScreen(self._shown, self._container.clock, self._by)
        self.push_screen(self._run_screen)
        self._feed = RunFeed(self._container, run, self)
        self.run_worker(self._feed.run, thread=True, group="feed")

    def _close_run(self) -> None:
        if self._feed is not None:
            self._feed.stop()
        self._feed = self._run_screen = self.model = None

    def on_run_opened(self, message: RunOpened) -> None:
        if message.feed is self._feed:
            self.model = RunModel(message.run, message.plan)

    def on_looked(self, message: Looked) -> None:
        model = self.model
        if model is None or message.feed is not self._feed:
            return  # of a run that was left meanwhile
        model.take(message.look.records)
        model.live = message.look.live
        model.loaded = model.loaded or not message.look.more
        if self._run_screen is not None and model.loaded:
            self._run_screen.show(model)

    def on_runs_listed(self, message: RunsListed) -> None:
        if self._runs_screen is not None:
            self._runs_screen.show(message.runs)

    def on_feed_ended(self, message: FeedEnded) -> None:
        self.failure = message.error
        self.exit()

    def on_runs_screen_chosen(self, message: RunsScreen.Chosen) -> None:
        self._open_run(message.run)

    def on_run_screen_answered(self, message: RunScreen.Answered) -> None:
        run, path, answer = message.run, message.path, message.answer
        self.run_worker(lambda: self._deliver(run, path, answer), thread=True, group="answer", exit_on_error=True)

    def _deliver(self, run: str, path: str, answer: Answer) -> None:
        """In a thread: a driver that is about to end may need a moment before the answer can be recorded."""
        pause = threading.Event()
        for left in reversed(range(_PATIENCE)):
            try:
                done = answer_step(self._container, run, path, answer)
            except LockedError as error:
                if left == 0:
                    self.post_message(AnswerRefused(path, error))
                pause.wait(0.2)
            except AgentflowError as error:
                self.post_message(AnswerRefused(path, error))
                return
            else:
                self.post_message(AnswerTaken(path, done.live))
                return

    def on_answer_taken(self, message: AnswerTaken) -> None:
        if message.live or self.model is None:
            return
        if self._goes_on:
            self._start_runner(["resume", self.model.run, "--progress", "none"])
        else:
            self._say(f"the answer to `{message.path}` is kept; R goes on with the run")

    def on_answer_refused(self, message: AnswerRefused) -> None:
        why = message.error.message + (f"\n{message.error.hint}" if message.error.hint else "")
        if self._run_screen is None or not self._run_screen.answer_failed(message.path, why):
            self._say(why, wrong=True)

    def on_run_screen_wanted(self, message: RunScreen.Wanted) -> None:
        self._start_runner(message.arguments)

    def _start_runner(self, arguments: list[str]) -> None:
        if self._start is None:
            self._say(f"agentflow {shlex.join(arguments)} does it")
            return
        runner = self._start(arguments)

        def wait() -> None:
            code = runner.wait()
            self.post_message(RunnerEnded(code, runner.said()))

        # Not a worker: the monitor may leave while the runner goes on.
        threading.Thread(target=wait, daemon=True, name="agentflow-runner").start()

    def on_runner_ended(self, message: RunnerEnded) -> None:
        if message.code in _UNABLE:
            self._say(message.said.strip() or f"the runner ended with exit code {message.code}", wrong=True)

    def _say(self, text: str, *, wrong: bool = False) -> None:
        severity = "error" if wrong else "information"
        self.notify(self._shown.text(text), severity=severity, markup=False, timeout=12 if wrong else 6)  # type: ignore[arg-type]

    def action_detach(self) -> None:
        """Back to the list, where we came from it; else out."""
        if self._runs_screen is not None and self.screen is not self._runs_screen:
            self.pop_screen()
            self._close_run()
        else:
            self.exit()

    async def action_quit(self) -> None:
        self.exit()

    def action_keys(self) -> None:
        self.push_screen(HelpScreen())

    def _handle_exception(self, error: Exception) -> None:
        """A bug of ours is told by the program's own handler: Textual would show the locals of every frame."""
        if self.failure is None:
            self.failure = error
        if self.is_headless:
            super()._handle_exception(error)
        else:
            self._return_code = 1
            self._close_messages_no_wait()
