"""How the runs of a project went, by workflow."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.application.usecases.runs import look
from agentflow_cli.domain.run_state import RunState
from agentflow_cli.foundation.errors import AgentflowError


@dataclass(frozen=True, slots=True)
class WorkflowStatistics:
    workflow: str
    runs: int
    succeeded: int
    failed: int
    seconds: float | None
    """Median of the runs that succeeded."""
    input_tokens: int
    output_tokens: int
    retries: int
    slowest: str
    """The step that took longest in the median; empty when none was timed."""
    slowest_seconds: float | None


def run_statistics(container: Container, limit: int) -> list[WorkflowStatistics]:
    """Over the newest `limit` runs (0: all), the workflow with the most runs first. Damaged runs are left out."""
    summaries = container.runs.summaries()
    by_workflow: dict[str, list[RunState]] = {}
    for summary in summaries[:limit] if limit else summaries:
        try:
            state = look(container, summary.run).state
        except AgentflowError:
            continue
        by_workflow.setdefault(summary.workflow, []).append(state)
    found = [_statistics(workflow, states) for workflow, states in by_workflow.items()]
    return sorted(found, key=lambda each: (-each.runs, each.workflow))


def _statistics(workflow: str, states: list[RunState]) -> WorkflowStatistics:
    good = [state for state in states if state.status == "succeeded"]
    took = [s.updated_at - s.accepted_at for s in good if s.updated_at is not None and s.accepted_at is not None]
    steps: dict[str, list[float]] = {}
    for state in good:
        for step in state.steps.values():
            if step.started_at is not None and step.ended_at is not None and step.reused is None:
                steps.setdefault(step.path, []).append(step.ended_at - step.started_at)
    slowest = max(((statistics.median(times), path) for path, times in steps.items()), default=None)
    return WorkflowStatistics(
        workflow=workflow,
        runs=len(states),
        succeeded=len(good),
        failed=sum(state.status == "failed" for state in states),
        seconds=round(statistics.median(took), 3) if took else None,
        input_tokens=sum(state.input_tokens for state in states),
        output_tokens=sum(state.output_tokens for state in states),
        retries=sum(state.retries for state in states),
        slowest=slowest[1] if slowest else "",
        slowest_seconds=round(slowest[0], 3) if slowest else None,
    )
