"""The models that can be named, the weights of the embedded one, and a first word with any of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.application.runtime.settings import said
from agentflow_cli.application.usecases.run import default_model
from agentflow_cli.application.usecases.trust import check_granted, trust_command
from agentflow_cli.domain.failure import Failure
from agentflow_cli.domain.models import ROUTES
from agentflow_cli.services.llm import catalog, weights

if TYPE_CHECKING:
    pass

TRIAL_PROMPT = "Reply with the single word: ready"
_TRIAL_TOKENS = 256
"""Room for a model that thinks before it says one word."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a built-in name, or none (""), stands for here, and why."""

    route: str
    model: str
    reason: str


@dataclass(frozen=True, slots=True)
class Trial:
    """One call to a model. Times are seconds."""

    model: str
    reason: str
    """Why this model is meant."""
    text: str = ""
    first: float | None = None
    """Until its first word."""
    seconds: float = 0.0
    input_tokens: int = 0
    output_tokens: int = 0
    failure: Failure | None = None


def list_models(container: Container) -> list[catalog.ModelInfo]:
    """The project's own names first. Nothing is loaded; an Ollama on this machine is asked for its models."""
    environment = container.environment
    from agentflow_cli.services.llm import ollama
    from agentflow_cli.services.llm.routes import NO_MODELS_VARIABLE

    off = environment.get(NO_MODELS_VARIABLE, "") not in ("", "0")
    found = catalog.list_models(environment, None if off else ollama.installed(environment))
    return [*(_alias(container, name) for name in container.project.models), *found]


def _alias(container: Container, name: str) -> catalog.ModelInfo:
    """One of the project's names: what it means here, and why."""
    gateway = container.models
    about = ", else ".join(each.model for each in gateway.candidates(name))
    missing = gateway.why_not(name)
    if missing is not None:
        how = f"{missing}; next: {trust_command(container.root)}" if gateway.ungranted([name]) else missing
        return catalog.ModelInfo(name, "project", about, False, how)
    choice = gateway.choose(name)
    return catalog.ModelInfo(name, "project", about, True, f"means {choice.name}: {choice.reason}")


def meanings(container: Container) -> list[Meaning]:
    """What no name (""), `fast` and `smart` stand for."""
    default = default_model(container, None)
    of_none = container.models.choose(default)
    if default is not None:
        of_none = replace(of_none, reason=f"{said(container, 'model').origin} says `{default}`; {of_none.reason}")
    choices = {"": of_none, **{route: container.models.choose(route) for route in ROUTES}}
    return [Meaning(route, choice.name, choice.reason) for route, choice in choices.items()]


def try_model(container: Container, name: str | None) -> Trial:
    """Ask the model for one word; without a name, what steps get that name none.

    NotFoundError when there is no such model, NotTrustedError when it needs a grant; its own failures are in the trial.
    """
    import asyncio

    from agentflow_cli.ports.model import Message, ModelFailure, ModelRequest

    gateway, clock = container.models, container.clock
    name = default_model(container, name)
    choice = gateway.choose(name)
    check_granted(container, [name])
    trial = Trial(choice.name, choice.reason)
    request = ModelRequest((Message("user", TRIAL_PROMPT),), model=name, max_tokens=_TRIAL_TOKENS)
    start = clock.monotonic()
    heard: list[float] = []

    def note(text: str) -> None:
        if not heard:
            heard.append(clock.monotonic() - start)

    try:
        reply = asyncio.run(gateway.complete(request, note))
    except ModelFailure as error:
        return replace(trial, failure=error.failure, seconds=clock.monotonic() - start)
    usage = reply.usage
    return replace(
        trial,
        model=reply.model,
        text=reply.text,
        first=heard[0] if heard else None,
        seconds=clock.monotonic() - start,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
    )


def pull(environment: Mapping[str, str], on_progress: Callable[[int, int], None]) -> Path:
    """The weights' path, after fetching them if they are not there. `on_progress` is told (bytes so far, in all)."""
    from agentflow_cli.services.llm.weights_fetch import fetch

    return fetch(weights.models_directory(environment), on_progress, environment=environment)


def verify_weights(environment: Mapping[str, str]) -> Path:
    """The weights' path, after hashing all of them. NotFoundError, DamagedDataError."""
    return weights.verify(weights.models_directory(environment))
