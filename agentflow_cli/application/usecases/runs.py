"""Looking at runs, live, finished or crashed: all is folded from their events."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.domain.events import Record
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.plan import Plan
from agentflow_cli.domain.run_state import RunState, StepState
from agentflow_cli.foundation.closest import closest
from agentflow_cli.foundation.errors import NotFoundError
from agentflow_cli.foundation.lock import is_locked
from agentflow_cli.services.journal.run_store import RunSummary


@dataclass(frozen=True, slots=True)
class RunView:
    """A run as its record stands now."""

    run: str
    plan: Plan
    state: RunState
    records: list[Record]
    live: bool
    """Whether a driver holds it."""

    @property
    def short(self) -> str:
        return self.run[:6]

    @property
    def status(self) -> str:
        """The state's, or `crashed` when it should be running and no driver has it."""
        return "crashed" if self.state.status == "running" and not self.live else self.state.status


def list_runs(container: Container) -> list[RunSummary]:
    """All runs of the project, the newest first."""
    return container.runs.summaries()


def look(container: Container, run: str) -> RunView:
    """The run that `run` (an id, a beginning of one, `last`) means. NotFoundError."""
    reader = container.runs.reader(run)
    try:
        plan = reader.plan()
        live = is_locked(reader.directory / "lock")
        records = list(reader.read())
    finally:
        reader.close()
    view = RunView(reader.run, plan, RunState.fold(plan, records), records, live)
    if view.status == "crashed":
        view.state.leave_in_flight()
    return view


@contextmanager
def events_of(container: Container, run: str, after: int = 0) -> Iterator[tuple[str, Iterator[Record]]]:
    """The run's full id and its records, read as they are used."""
    reader = container.runs.reader(run)
    try:
        yield reader.run, reader.read(after)
    finally:
        reader.close()


def find_step(view: RunView, path: str) -> StepState:
    """The step or child at `path`; NotFoundError with a suggestion.

    Of those that ran as the run settled, `@finally/clean` or `clean` is the one of its last end.
    """
    settling = {}
    for name in ("on_failure", "finally"):
        for step_id, step in view.state.last_settling(name).items():
            settling[f"@{name}/{step_id}"] = step
            settling.setdefault(step_id, step)
    try:
        return view.state.step(path)
    except (KeyError, ValueError, IndexError):
        if path in settling:
            return settling[path]
        near = closest(path.partition("[")[0], [*view.state.steps, *settling])
        if near == path.partition("[")[0] and near in view.state.steps:
            hint = f"`{near}` has {len(view.state.steps[near].children or [])} children, counted from 0"
        else:
            ids = [*view.state.steps, *(known for known in settling if known.startswith("@"))]
            hint = f"did you mean `{near}`?" if near else f"its steps are {', '.join(ids)}"
        raise NotFoundError(f"run {view.short} has no step `{path}`", hint=hint) from None


def output_of(view: RunView, path: str | None) -> Json:
    """The run's outputs, or the output of one step. NotFoundError when there is none."""
    if path is None:
        if view.state.status != "succeeded":
            raise NotFoundError(
                f"run {view.short} has no outputs: it is {view.status}",
                hint="a step's output can be read by naming the step",
                next_command=f"agentflow runs show {view.short}",
            )
        return view.state.outputs
    step = find_step(view, path)
    if not step.has_output:
        raise NotFoundError(
            f"`{path}` of run {view.short} has no output: it is {step.status}",
            next_command=f"agentflow runs logs {view.short} {path}",
        )
    return step.output


def project_container(start: Path) -> Container:
    """The services of the project that `start` belongs to."""
    from agentflow_cli.language.loader.project import find_project_root

    return Container(find_project_root(start))
