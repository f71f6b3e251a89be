"""One step from its condition to its recorded end: when → foreach → repeat → retry → timeout."""

from __future__ import annotations

from collections.abc import Mapping

from agentflow_cli.domain.events import StepFailed, StepSkipped
from agentflow_cli.domain.failure import Failure
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.plan import PlanStep
from agentflow_cli.domain.run_state import StepState
from agentflow_cli.engine.attempt import carry_out
from agentflow_cli.engine.driver import Driver
from agentflow_cli.engine.expansion import expand
from agentflow_cli.language.expressions.problem import EvaluationError
from agentflow_cli.language.expressions.template import evaluate_condition


async def run_step(driver: Driver, step: PlanStep, state: StepState, names: Mapping[str, Json]) -> None:
    """Record how the step ends. Raises only what is not the step's own failure."""
    begun = state.items is not None or state.iterations is not None or state.inner is not None
    if step.when is not None and not begun:
        try:
            if not evaluate_condition(step.when, names):
                await driver.journal.append(StepSkipped(state.path, f"`{step.when}` is false"))
                return
        except EvaluationError as error:
            await driver.journal.append(StepFailed(state.path, Failure("expression", f"`when`: {error.message}")))
            return
    if step.foreach is not None:
        await expand(driver, step, step.foreach, state, names)
    else:
        await carry_out(driver, step, state.path, names)
