"""The inputs that a run would have: what is given, what has a default, and what is still to be given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from agentflow_cli.application.usecases.inputs import how_to_give, read_inputs
from agentflow_cli.application.usecases.plan.report import InputsOutlook
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.plan import Plan

_NOT_GIVEN = object()


def foreseen_inputs(
    plan: Plan, assignments: Sequence[str], file: str | None, read_stdin: Callable[[], str] | None
) -> tuple[InputsOutlook, dict[str, Json]]:
    """What is told of the inputs, and the values of those that are known. UsageError for what does not fit."""
    lenient = {name: replace(spec, required=False, default=_NOT_GIVEN) for name, spec in plan.inputs.items()}
    values = read_inputs(lenient, assignments, file, read_stdin, f"`{plan.workflow}`")
    given = {name: value for name, value in values.items() if value is not _NOT_GIVEN}
    defaults = {name: spec.default for name, spec in plan.inputs.items() if name not in given and not spec.required}
    told = InputsOutlook(
        given=tuple(given),
        defaults=tuple(defaults),
        missing={name: how_to_give(spec) for name, spec in plan.inputs.items() if name not in given | defaults},
    )
    return told, {name: ({**defaults, **given})[name] for name in plan.inputs if name not in told.missing}


def until_given(missing: Mapping[str, str]) -> dict[str, str]:
    """Input → until when its value is not known."""
    return {name: f"the input `{name}` is given" for name in missing}
