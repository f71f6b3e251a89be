"""The models that can be named, and the weights of the embedded one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from agentflow_cli.services.llm import catalog, weights


def list_models(environment: Mapping[str, str]) -> list[catalog.ModelInfo]:
    """The default first. Nothing is loaded."""
    return catalog.list_models(environment)


def pull(environment: Mapping[str, str], on_progress: Callable[[int, int], None]) -> Path:
    """The weights' path, after fetching them if they are not there. `on_progress` is told (bytes so far, in all)."""
    from agentflow_cli.services.llm.weights_fetch import fetch

    return fetch(weights.models_directory(environment), on_progress, environment=environment)


def verify_weights(environment: Mapping[str, str]) -> Path:
    """The weights' path, after hashing all of them. NotFoundError, DamagedDataError."""
    return weights.verify(weights.models_directory(environment))
