"""The outcomes of a run as the first events of another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from agentflow_cli.application.usecases.fork.verdicts import PARTLY, REUSED, SKIPPED, StepVerdict
from agentflow_cli.domain import events as e
from agentflow_cli.domain.run_state import RunState, StepState


def carried_over(parent: RunState, verdicts: Iterable[StepVerdict]) -> list[e.Event]:
    """Events that bring a new run to where `verdicts` have it begin. Tokens stay with the run that spent them."""
    events: list[e.Event] = []
    for verdict in verdicts:
        if verdict.verdict in (REUSED, SKIPPED):
            events += _whole(parent.steps[verdict.id], parent.run)
        elif verdict.verdict == PARTLY:
            events += _finished_children(parent.steps[verdict.id], parent.run)
    return events


def _whole(state: StepState, run: str) -> Iterator[e.Event]:
    """All of a step that has settled well, from its state: how often it was tried is no longer of interest."""
    if state.items is not None:
        yield e.StepExpanded(state.path, state.items)
        for child in state.children or ():
            yield from _whole(child, run)
    elif state.iterations is not None:
        for number, iteration in enumerate(state.iterations):
            yield e.IterationStarted(state.path, number)
            yield from _whole(iteration, run)
    elif state.inner is not None:
        yield e.StepStarted(state.path)
        for inner in state.inner.values():
            yield from _whole(inner, run)
    yield from _end(state, run)


def _finished_children(state: StepState, run: str) -> Iterator[e.Event]:
    yield e.StepExpanded(state.path, state.items or [])
    for child in state.children or ():
        if child.status == "succeeded":
            yield from _whole(child, run)


def _end(state: StepState, run: str) -> Iterator[e.Event]:
    if state.status == "succeeded":
        gathered = state.items is not None
        origin = state.reused or run
        output = None if gathered else state.output
        yield e.StepSucceeded(state.path, output, state.beside or {}, gathered=gathered, reused=origin)
    elif state.status == "skipped":
        yield e.StepSkipped(state.path, state.reason or "")
    elif state.status == "failed" and state.tolerated and state.error is not None:
        yield e.StepFailed(state.path, state.error, True, state.has_output, state.output)
