"""`repeat`: rounds of a step or a group, each at a path of its own, until a condition is true."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from agentflow_cli.domain.events import IterationStarted
from agentflow_cli.domain.failure import Failure, StepFailure
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.plan import PlanRepeat, PlanStep
from agentflow_cli.domain.run_state import StepState
from agentflow_cli.engine.driver import Driver
from agentflow_cli.engine.executors.call import Outcome
from agentflow_cli.engine.scope import step_view
from agentflow_cli.language.expressions.problem import EvaluationError
from agentflow_cli.language.expressions.template import evaluate_condition

CarryOut = Callable[[str, Mapping[str, Json]], Awaitable[None]]
"""Records the end of one round at a path, with its names."""


async def run_rounds(
    driver: Driver, step: PlanStep, repeat: PlanRepeat, path: str, names: Mapping[str, Json], carry_out: CarryOut
) -> Outcome:
    """The outcome of the last round. StepFailure when a round failed, or `until` was never true and that is a failure.

    In a round, `iteration` counts from 0 and `previous.ID` is what a step gave in the round before; `until` reads the
    steps of its round.
    """
    number = 0
    while True:
        state = driver.state.step(path)
        if len(state.iterations or ()) <= number:
            await driver.journal.append(IterationStarted(path, number))
        rounds = driver.state.step(path).iterations or []
        current = rounds[number]
        previous = _outputs(step, rounds[number - 1]) if number else {}
        inside = {**names, "iteration": number, "previous": previous}
        if not current.settled:
            await carry_out(current.path, inside)
        if current.fatal and current.error is not None:
            raise StepFailure(current.error)
        number += 1
        if _is_true(step, repeat.until, current, inside):
            return Outcome(current.output, current.beside or {})
        if number >= repeat.max:
            if repeat.until is None or repeat.on_max == "continue":
                return Outcome(current.output, current.beside or {})
            message = f"`until: {repeat.until}` was still false after {repeat.max} rounds"
            raise StepFailure(Failure("limit", message))


def _is_true(step: PlanStep, until: str | None, current: StepState, names: Mapping[str, Json]) -> bool:
    if until is None:
        return False
    views = {inner_id: step_view(inner) for inner_id, inner in _steps_of_round(step, current).items()}
    try:
        return evaluate_condition(until, {**names, "steps": {**(names.get("steps") or {}), **views}})
    except EvaluationError as error:
        raise StepFailure(Failure("expression", f"`until`: {error.message}")) from error


def _outputs(step: PlanStep, state: StepState) -> dict[str, Json]:
    """Outputs of a round by step id; a step without one is missing."""
    return {inner_id: s.output for inner_id, s in _steps_of_round(step, state).items() if s.has_output}


def _steps_of_round(step: PlanStep, state: StepState) -> dict[str, StepState]:
    """What a round shows of itself: a group its inner steps, every other kind itself."""
    return state.inner or {} if step.kind == "steps" else {step.id: state}
