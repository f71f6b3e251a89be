"""Blocks inside a run: a group's inner steps, or another workflow's."""

from __future__ import annotations

from collections.abc import Mapping

from agentflow_cli.domain.failure import Failure, StepFailure
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.plan import Block
from agentflow_cli.engine.block import BlockRunner, failure_of
from agentflow_cli.engine.driver import Driver
from agentflow_cli.engine.executors.call import Outcome
from agentflow_cli.engine.questions import CURRENT_ACTIVITY
from agentflow_cli.language.expressions.problem import EvaluationError
from agentflow_cli.language.expressions.template import render_tree
from agentflow_cli.language.schema.value_problems import value_problems


async def run_block(
    driver: Driver, block: Block, path: str, names: Mapping[str, Json], arguments: Mapping[str, Json] | None
) -> Outcome:
    """Run the block that stands at `path` and give out its outputs; StepFailure when a step of it failed.

    `arguments` are what a called workflow is given; a group has none and sees the names around it.
    """
    if arguments is not None:
        inputs = _inputs(block, arguments)
        run = {**(names.get("run") or {}), "workflow": block.workflow}
        names = {"inputs": inputs, "env": names.get("env"), "run": run, "project": names.get("project")}
    states = driver.state.step(path).inner or {}
    runner = BlockRunner(driver, block, path, states, names, CURRENT_ACTIVITY.get())
    await runner.run()
    if runner.failed:
        raise StepFailure(failure_of(runner.failed))
    return Outcome(block_outputs(block, runner.scope.names))


def _inputs(block: Block, arguments: Mapping[str, Json]) -> dict[str, Json]:
    """`with` against the inputs that the workflow declares, defaults filled in."""
    inputs = {}
    for name, declared in block.inputs.items():
        if name in arguments:
            inputs[name] = arguments[name]
            problems = value_problems(declared.schema, arguments[name])
            if problems:
                message = f"the input `{name}` of workflow `{block.workflow}` does not fit: {problems[0][1]}"
                raise StepFailure(Failure("expression", message))
        elif declared.required:
            raise StepFailure(Failure("expression", f"workflow `{block.workflow}` needs the input `{name}`"))
        else:
            inputs[name] = declared.default
    return inputs


def block_outputs(block: Block, names: Mapping[str, Json]) -> dict[str, Json]:
    """What the block gives out once its steps have settled; StepFailure when a template has no value."""
    outputs = {}
    for name, template in block.outputs.items():
        try:
            outputs[name] = render_tree(template, names)
        except EvaluationError as error:
            message = f"the output `{name}` cannot be made: {error.message}"
            raise StepFailure(Failure("expression", message)) from error
    return outputs
