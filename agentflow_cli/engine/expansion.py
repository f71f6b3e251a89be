"""`foreach`: a list fixed before any child starts, children with bounded width, one gathered outcome."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from agentflow_cli.domain.events import StepCancelled, StepExpanded, StepFailed, StepSucceeded
from agentflow_cli.domain.failure import Failure, StepFailure
from agentflow_cli.domain.json_value import Json, type_name
from agentflow_cli.domain.plan import PlanForeach, PlanStep
from agentflow_cli.domain.run_state import StepState
from agentflow_cli.engine.activity import Activity
from agentflow_cli.engine.attempt import PURE, carry_out
from agentflow_cli.engine.driver import Driver, Stopping
from agentflow_cli.engine.questions import CURRENT_ACTIVITY
from agentflow_cli.engine.scope import child_names
from agentflow_cli.language.expressions.problem import EvaluationError
from agentflow_cli.language.expressions.template import compile_bare, render_tree

_PURE_WIDTH = 512
"""Children of a pure kind in one commit."""
_ASK_WIDTH = 1_000
"""Questions that may wait at once: they take no slot."""
_FAILURES_SHOWN = 3


async def expand(
    driver: Driver, step: PlanStep, foreach: PlanForeach, state: StepState, names: Mapping[str, Json]
) -> None:
    """Run the children of `step` that have not settled yet, then record the step's own end."""
    if state.items is None:
        try:
            items = _items(foreach, names)
        except StepFailure as error:
            await driver.journal.append(StepFailed(state.path, error.failure))
            return
        await driver.journal.append(StepExpanded(state.path, items))
    await _run_children(driver, step, foreach, state, names)
    if all(child.settled for child in state.children or ()):
        await _gather(driver, state)


def _items(foreach: PlanForeach, names: Mapping[str, Json]) -> list[Json]:
    try:
        if foreach.expression is None:
            return list(render_tree(foreach.items, names))
        items = compile_bare(foreach.expression).evaluate(names)
    except EvaluationError as error:
        raise StepFailure(Failure("expression", f"`foreach`: {error.message}")) from error
    if not isinstance(items, list):
        hint = "; write `| items` to go through its keys and values" if isinstance(items, dict) else ""
        raise StepFailure(Failure("expression", f"`foreach` needs a list and got {type_name(items)}{hint}"))
    return items


async def _run_children(
    driver: Driver, step: PlanStep, foreach: PlanForeach, state: StepState, names: Mapping[str, Json]
) -> None:
    children, items = state.children or [], state.items or []
    todo = iter([index for index, child in enumerate(children) if not child.settled])
    width = _width(driver, step, foreach)
    inner = Activity(CURRENT_ACTIVITY.get())
    stop = asyncio.Event()

    async def work(todo: Iterator[int]) -> None:
        CURRENT_ACTIVITY.set(inner)
        try:
            for index in todo:
                if driver.stopping:
                    return
                child = children[index]
                await carry_out(driver, step, child.path, child_names(names, foreach, items[index], index))
                if child.fatal and foreach.fail_fast:
                    stop.set()
                    return
        except Stopping:
            return
        finally:
            inner.leave()

    workers = []
    for _ in range(min(width, sum(not child.settled for child in children))):
        inner.enter()
        workers.append(asyncio.create_task(work(todo)))
    # The step itself only waits from here on: its workers say whether it is busy.
    stopping = asyncio.create_task(stop.wait())
    finished: asyncio.Future[Any] = asyncio.gather(*workers, return_exceptions=True)
    try:
        both: list[asyncio.Future[Any]] = [finished, stopping]
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set():
            await _end(workers, finished)
            await driver.journal.flush()  # what ended just now has its own record
            reason = "another child failed, and the step says `fail_fast`"
            for child in children:
                if not child.settled:
                    driver.journal.append(StepCancelled(child.path, reason))
            await driver.journal.flush()
        for outcome in await finished:
            if isinstance(outcome, BaseException) and not isinstance(outcome, asyncio.CancelledError):
                raise outcome
    except BaseException:
        await _end(workers, finished)
        raise
    finally:
        stopping.cancel()


async def _end(workers: list[asyncio.Task[None]], finished: asyncio.Future[Any]) -> None:
    for worker in workers:
        worker.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.wait([finished])


def _width(driver: Driver, step: PlanStep, foreach: PlanForeach) -> int:
    if foreach.max_parallel is not None:
        return foreach.max_parallel
    if step.kind in PURE:
        return _PURE_WIDTH
    return _ASK_WIDTH if step.kind == "ask" else driver.options.max_parallel


async def _gather(driver: Driver, state: StepState) -> None:
    """All children have settled: failures are reported together."""
    failed = [child for child in state.children or () if child.fatal]
    if not failed:
        await driver.journal.append(StepSucceeded(state.path, gathered=True))
        return
    total = len(state.children or ())
    shown = [f"{child.path}: {child.error.message if child.error else 'failed'}" for child in failed[:_FAILURES_SHOWN]]
    if len(failed) > _FAILURES_SHOWN:
        shown.append(f"and {len(failed) - _FAILURES_SHOWN} more")
    message = f"{len(failed)} of {total} children failed\n" + "\n".join(shown)
    await driver.journal.append(
        StepFailed(state.path, Failure("children", message, data={"failed": [child.path for child in failed[:1000]]}))
    )
