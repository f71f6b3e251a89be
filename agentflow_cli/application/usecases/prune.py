"""Removing old runs."""

from __future__ import annotations

from dataclasses import dataclass

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.domain.statuses import RUN_ENDED
from agentflow_cli.services.journal.run_store import RunSummary


@dataclass(frozen=True, slots=True)
class Pruned:
    removed: tuple[RunSummary, ...]
    """The newest first; would be removed, in a dry run."""
    kept: int


def prune_runs(
    container: Container, older_than: float | None, keep: int | None, *, unfinished: bool = False, dry_run: bool = False
) -> Pruned:
    """Remove the runs that are older than `older_than` seconds and not among the newest `keep`.

    A run that somebody drives stays; so does one that can be resumed, unless `unfinished` is asked for.
    """
    from agentflow_cli.services.journal.retention import empty_trash, remove_run

    runs = container.runs.summaries()
    now = container.clock.now()
    chosen = [
        run
        for number, run in enumerate(runs)
        if not run.live
        and (unfinished or run.status in RUN_ENDED)
        and (keep is None or number >= keep)
        and (older_than is None or now - run.updated_at > older_than)
    ]
    if not dry_run:
        empty_trash(container.state)
        chosen = [run for run in chosen if remove_run(container.state, run.short)]
    return Pruned(tuple(chosen), len(runs) - len(chosen))
