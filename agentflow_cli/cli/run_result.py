"""A run as one JSON object, and its outputs as text."""

from __future__ import annotations

from agentflow_cli import __version__
from agentflow_cli.application.usecases.run import exit_code
from agentflow_cli.cli.block_text import block_text
from agentflow_cli.cli.console import Console
from agentflow_cli.cli.output import FORMAT_VERSION
from agentflow_cli.cli.progress.summary import plan_step_of
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.run_state import RunState, StepState
from agentflow_cli.foundation.clock import iso_time


def run_result(state: RunState, next_command: str | None = None, status: str | None = None) -> dict[str, Json]:
    """`{version, run, workflow, status, outputs, error, steps, usage, …}`; what is not known is absent."""
    value: dict[str, Json] = {
        "version": FORMAT_VERSION,
        "agentflow": __version__,
        "run": state.run,
        "workflow": state.plan.workflow,
        "file": state.plan.file,
        "status": status or state.status,
        "exit_code": int(exit_code(state)),
        "inputs": state.inputs,
        "outputs": state.outputs,
    }
    if state.parent is not None:
        value["parent"] = state.parent
    if state.error is not None:
        value["error"] = state.error.to_json()
    if state.reason is not None:
        value["reason"] = state.reason
    if state.accepted_at is not None and state.updated_at is not None:
        value["created_at"], value["updated_at"] = iso_time(state.accepted_at), iso_time(state.updated_at)
        value["seconds"] = round(state.updated_at - state.accepted_at, 3)
    used = state.used
    value["usage"] = {
        "input_tokens": used.input_tokens,
        "output_tokens": used.output_tokens,
        "cost": None if used.unpriced else round(used.cost, 9),
    }
    limits = {"max_tokens": state.max_tokens, "max_cost": state.max_cost, "until": state.until}
    value.update({name: limit for name, limit in limits.items() if limit is not None})
    value["retries"] = state.retries
    value["epoch"] = state.epoch
    value["steps"] = {step.path: step_result(state, step) for step in state.steps.values()}
    for name in ("on_failure", "finally"):
        if ran := state.last_settling(name):
            value[name] = {step_id: step_result(state, step) for step_id, step in ran.items()}
    if next_command:
        value["next"] = next_command
    return value


def step_result(state: RunState, step: StepState) -> dict[str, Json]:
    """One step; a foreach has `children`, without their outputs, which its own output holds in order."""
    plan_step = plan_step_of(state, step) if step.step_id is not None else None
    value: dict[str, Json] = {"status": step.status}
    if plan_step is not None:
        value["kind"] = plan_step.kind
    if step.attempt:
        value["attempt"] = step.attempt
    if step.started_at is not None and step.ended_at is not None:
        value["seconds"] = round(step.ended_at - step.started_at, 3)
    if step.has_output and plan_step is not None:
        value["output"] = step.output
    if step.beside:
        value.update(step.beside)
    if step.reused is not None:
        value["reused"] = step.reused
    if step.usage:
        value["usage"] = step.usage
    if step.error is not None:
        value["error"] = step.error.to_json()
        value["tolerated"] = step.tolerated
    if step.reason:
        value["reason"] = step.reason
    if step.status == "waiting" and step.ask is not None:
        value["ask"] = {"message": step.ask.message, "choices": step.ask.choices, "form": step.ask.form}
        if step.ask.required is not None:
            value["ask"]["required"] = step.ask.required
    if step.answer is not None:
        value["answer"] = {"by": step.answer.by, "rejected": step.answer.rejected, "reason": step.answer.reason}
    if step.children is not None:
        value["children"] = [step_result(state, child) for child in step.children]
    return value


def write_outputs(console: Console, outputs: dict[str, Json]) -> None:
    """For people: the only output as it is, when it is a string; else each under its name."""
    if not outputs:
        return
    values = list(outputs.values())
    if len(values) == 1 and isinstance(values[0], str):
        console.data(values[0].rstrip("\n"))
    else:
        console.data(block_text(outputs))
