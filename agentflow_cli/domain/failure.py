"""How a step or a run failed: a kind that code can branch on and a message that a person can read."""

from __future__ import annotations

from dataclasses import dataclass, field

from agentflow_cli.domain.json_value import Json

TRANSIENT = ("rate_limit", "timeout", "unavailable", "overloaded")
"""Failures that another attempt may heal."""

KINDS = (
    *TRANSIENT,
    "exit_code",  # a command ended with another code than 0
    "exception",  # a Python function raised
    "http",  # a server refused a request, or answered what cannot be used
    "tool",  # there is no such tool, or it cannot be called so
    "failed",  # a `fail` step said so
    "expression",  # a template or condition could not be evaluated
    "invalid_output",  # what came does not match the declared output
    "model",  # the model or its provider refused or answered nonsense
    "no_provider",  # every model that may be asked was; `data.tried` says what each said
    "auth",  # credentials missing or refused
    "memory",
    "rejected",  # a person said no
    "expired",  # nobody answered in time
    "no_input",  # nobody could be asked
    "denied",  # policy
    "limit",  # a limit of the run
    "cancelled",
    "crashed",  # the process died midway
    "children",  # children of a foreach failed
    "internal",
)


@dataclass(frozen=True, slots=True)
class Failure:
    kind: str
    message: str
    """One sentence or more, without secrets; may hold foreign text: clean it before printing."""
    retry_after: float | None = None
    """Seconds that a provider asked to wait."""
    data: dict[str, Json] = field(default_factory=dict)
    """What else is known: `exit_code`, `stderr`, `children`."""

    def to_json(self) -> dict[str, Json]:
        value: dict[str, Json] = {"kind": self.kind, "message": self.message}
        if self.retry_after is not None:
            value["retry_after"] = self.retry_after
        if self.data:
            value["data"] = self.data
        return value

    @staticmethod
    def from_json(value: dict[str, Json]) -> Failure:
        return Failure(value["kind"], value["message"], value.get("retry_after"), value.get("data", {}))


class StepFailure(Exception):
    """Raised by an executor; carries the `Failure`."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure
