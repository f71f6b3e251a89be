"""`secrets: [NAME]`: values that one step may read, and that nothing of it may show or keep."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from agentflow_cli.domain.failure import Failure, StepFailure
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.plan import PlanStep
from agentflow_cli.engine.executors.call import Outcome
from agentflow_cli.engine.options import EngineOptions
from agentflow_cli.foundation.redaction import mask


def with_secrets(step: PlanStep, names: Mapping[str, Json], options: EngineOptions) -> Mapping[str, Json]:
    """The names that the step reads, with its secrets; StepFailure `auth` naming one that is not set."""
    if not step.secrets:
        return names
    values = {}
    for name in step.secrets:
        value = options.secret(name) if options.secret is not None else None
        if not value:
            message = f"the secret `{name}` is not set; `agentflow secrets check` says where it is looked for"
            raise StepFailure(Failure("auth", message))
        values[name] = value
    return {**names, "secrets": values}


def masked_outcome(outcome: Outcome, forms: tuple[str, ...]) -> Outcome:
    """The outcome as it is kept: a secret that came back in it is gone."""
    if not forms:
        return outcome
    return dataclasses.replace(outcome, output=mask(outcome.output, forms), beside=mask(outcome.beside, forms))


def masked_failure(failure: Failure, forms: tuple[str, ...]) -> Failure:
    if not forms:
        return failure
    return dataclasses.replace(failure, message=mask(failure.message, forms), data=mask(failure.data, forms))
