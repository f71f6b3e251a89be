"""Asking one model after another: which failures make the next one worth asking, and what is said when none is left."""

from __future__ import annotations

from collections.abc import Sequence

from agentflow_cli.domain.failure import TRANSIENT, Failure
from agentflow_cli.ports.model import PassedOver

WORTH_ANOTHER = (*TRANSIENT, "auth", "limit")
"""Failures of one provider that say nothing about the others. What is wrong with the request itself stays wrong."""


def nobody_left(name: str | None, passed: Sequence[PassedOver], last: str, failure: Failure) -> Failure:
    """The failure of a name all of whose models failed. It can be tried again as soon as the first of them can."""
    tried = [(each.model, each.failure) for each in passed] + [(last, failure)]
    said = "; ".join(each.message for _, each in tried)
    waits = [each.retry_after for _, each in tried if each.kind in TRANSIENT and each.retry_after is not None]
    at_once = any(each.kind in TRANSIENT and each.retry_after is None for _, each in tried)
    return Failure(
        "no_provider",
        f"none of the {len(tried)} models of `{name}` could be had: {said}",
        None if at_once or not waits else min(waits),
        {"tried": [{"model": model, **each.to_json()} for model, each in tried]},
    )
